//! Countermeasures that outlast a decision: a network, till or shop under attack is put under guard, by an entry of a list
//! that expires, and is let go when the attack has been over for as long.
//!
//! One node does this at a time. It follows the journal, and whatever it finds done already it does not do again.

use std::sync::Arc;
use std::time::Duration;

use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::time::Timestamp;
use risk::decision::Record;
use risk::fact::Facts;
use risk::name::Name;
use risk::rule::{Action, Guarded};
use risk::rule_set::{Edit, RuleSet};
use tokio_util::sync::CancellationToken;

use crate::core::Engine;
use crate::service::analyst::AnalystService;
use crate::service::analyst::rules::ChangeError;

/// How often the journal is looked at.
pub const TICK: Duration = Duration::from_millis(500);
/// Entries in one look at most.
const ENTRIES_MAX: usize = 1_000;
/// How many entries a start reads again: guards that were raised before have their entry already.
const LOOK_BACK: u64 = 10_000;

/// Follows decisions and raises the guard where they ask for it.
pub struct Countermeasures {
    engine: Arc<Engine>,
    analysts: AnalystService,
    read: Option<Sequence>,
}

/// Somebody to put under guard.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Raised {
    list: &'static str,
    entry: String,
    until: Timestamp,
}

impl Countermeasures {
    pub fn new(engine: Arc<Engine>, analysts: AnalystService) -> Countermeasures {
        Countermeasures {
            engine,
            analysts,
            read: None,
        }
    }

    /// Works until the stop.
    pub async fn run(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.step().await {
                Ok(ENTRIES_MAX..) => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "no guard could be raised; it is tried again"),
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Reads what is new, up to a bound, and does what it asks for; answers how many entries were read.
    pub async fn step(&mut self) -> Result<usize, ChangeError> {
        let store = self.engine.store();
        let read = match self.read {
            Some(read) => read,
            None => {
                let head = store
                    .head()
                    .await
                    .map_err(crate::error::CommandError::from)?;
                Sequence(head.0.saturating_sub(LOOK_BACK))
            }
        };
        let entries = store.entries_after(read, ENTRIES_MAX).await;
        let entries = entries.map_err(crate::error::CommandError::from)?;
        let now = self.engine.clock().now();
        for entry in &entries {
            for raised in raised_by(entry, self.analysts.risk().schema().catalogue()) {
                if now < raised.until {
                    self.raise(raised).await?;
                }
            }
            self.read = Some(entry.sequence());
        }
        self.read = Some(self.read.unwrap_or(read));
        Ok(entries.len())
    }

    async fn raise(&self, raised: Raised) -> Result<(), ChangeError> {
        let Ok(list) = Name::parse(raised.list) else {
            return Ok(());
        };
        let rules = self.analysts.current().await?.rules;
        if !is_asked(&rules, &list) || guards_until(&rules, &list, &raised) {
            return Ok(());
        }
        tracing::warn!(list = raised.list, "the guard is raised");
        let edit = Edit::AddEntry {
            list,
            entry: raised.entry,
            until: Some(raised.until),
        };
        self.analysts.edit_rules(Actor::Timer, edit).await?;
        Ok(())
    }
}

/// Whether there is such a list at all: an operator may have dropped it.
fn is_asked(rules: &RuleSet, list: &Name) -> bool {
    rules.list(list).is_some()
}

/// Whether the entry stays at least for half as long anyway: rules are not written down anew for every attempt.
fn guards_until(rules: &RuleSet, list: &Name, raised: &Raised) -> bool {
    let found = rules.list(list);
    let mut entries = found.into_iter().flat_map(|list| list.entries());
    let known = entries.find(|(entry, _)| *entry == raised.entry);
    known
        .is_some_and(|(_, until)| until.is_none_or(|until| raised.until.0 - until.0 < HALF_HOUR_MS))
}

/// An entry is prolonged once that adds so much.
const HALF_HOUR_MS: i64 = 30 * 60 * 1_000;

/// What a decision asks to be put under guard.
fn raised_by(entry: &Entry, catalogue: &risk::fact::Catalogue) -> Vec<Raised> {
    let Fact::PaymentChanged {
        attempt: Some(attempt),
        ..
    } = entry.fact()
    else {
        return Vec::new();
    };
    let Some(judgement) = &attempt.judgement else {
        return Vec::new();
    };
    let Ok(record) = Record::decode(&judgement.record) else {
        return Vec::new();
    };
    let actions = record.decision.actions.iter();
    let raised = actions.filter_map(|action| match action {
        Action::RaiseGuard(guarded, span) => {
            let (list, fact) = place(*guarded);
            let (index, _) = catalogue.find(fact)?;
            Some(Raised {
                list,
                entry: record.facts.text(index)?.to_owned(),
                until: entry.at().plus(*span),
            })
        }
        Action::FreezeVoucher
        | Action::NotifyOwner
        | Action::NotifyMerchant
        | Action::WarnPayer
        | Action::CoolDown(_) => None,
    });
    raised.collect()
}

/// The list of what is under guard, and the fact that names it.
fn place(guarded: Guarded) -> (&'static str, &'static str) {
    match guarded {
        Guarded::Network => ("guarded-networks", "network.text"),
        Guarded::Terminal => ("guarded-terminals", "terminal.id"),
        Guarded::Merchant => ("guarded-merchants", "merchant.id"),
    }
}
