//! Countermeasures that outlast a decision: a network, till or shop under attack is put under guard, by an entry of a list
//! that expires, and is let go when the attack has been over for as long.
//!
//! One node does this at a time. It follows the journal, and whatever it finds done already it does not do again. However
//! many ask for it, rules are written down once in [`CHANGE_EVERY`], and a list holds [`GUARDED_MAX`] at most.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use accounting::entry::{Actor, Entry};
use ids::command::Sequence;
use ids::time::{Span, Timestamp};
use risk::decision::Record;
use risk::fact::Facts;
use risk::name::Name;
use risk::rule::{Action, Guarded};
use risk::rule_set::{Edit, RuleSet};
use tokio_util::sync::CancellationToken;

use crate::core::Engine;
use crate::error::CommandError;
use crate::history;
use crate::service::analyst::AnalystService;
use crate::service::analyst::rules::ChangeError;

/// How often the journal is looked at.
pub const TICK: Duration = Duration::from_millis(500);
/// Every change writes the whole rule set down, so what is asked for within this time after one is one change.
pub const CHANGE_EVERY: Span = Span::SECOND.times(10);
/// Entries of one list that stand at once: an attack leaves room for what people put on lists.
pub const GUARDED_MAX: usize = 1_000;
/// What waits to be put under guard at most; more is forgotten, and asked for again by the next attempt.
const WAITING_MAX: usize = 1_000;
/// Entries in one look at most.
const ENTRIES_MAX: usize = 1_000;
/// How many entries a start reads again: guards that were raised before have their entry already.
const LOOK_BACK: u64 = 10_000;

/// Follows decisions and raises the guard where they ask for it.
pub struct Countermeasures {
    engine: Arc<Engine>,
    analysts: AnalystService,
    read: Option<Sequence>,
    /// What is to be put under guard, each until when.
    waiting: BTreeMap<Guard, Timestamp>,
    /// When the rules were changed last.
    changed_at: Timestamp,
}

/// Somebody to put under guard: the list, and the entry on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Guard {
    list: &'static str,
    entry: String,
}

impl Countermeasures {
    pub fn new(engine: Arc<Engine>, analysts: AnalystService) -> Countermeasures {
        Countermeasures {
            engine,
            analysts,
            read: None,
            waiting: BTreeMap::new(),
            changed_at: Timestamp(0),
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
                let head = store.head().await.map_err(CommandError::from)?;
                Sequence(head.0.saturating_sub(LOOK_BACK))
            }
        };
        let entries = store.entries_after(read, ENTRIES_MAX).await;
        let entries = entries.map_err(CommandError::from)?;
        self.read = Some(entries.last().map_or(read, |last| last.sequence()));
        for entry in &entries {
            for (guard, until) in raised_by(entry, self.analysts.risk().schema().catalogue()) {
                self.wait_for(guard, until);
            }
        }
        self.raise().await?;
        Ok(entries.len())
    }

    fn wait_for(&mut self, guard: Guard, until: Timestamp) {
        let has_room = self.waiting.len() < WAITING_MAX;
        if let Some(known) = self.waiting.get_mut(&guard) {
            *known = until.max(*known);
        } else if has_room {
            self.waiting.insert(guard, until);
        }
    }

    /// Makes one change of all that waits, unless the last one was only just made.
    async fn raise(&mut self) -> Result<(), ChangeError> {
        let now = self.engine.clock().now();
        self.waiting.retain(|_, until| now < *until);
        // A clock that went back holds nothing up.
        let is_soon = self.changed_at <= now && now < self.changed_at.plus(CHANGE_EVERY);
        if self.waiting.is_empty() || is_soon {
            return Ok(());
        }
        let rules = self.analysts.current().await?.rules;
        let edits = edits(&rules, &self.waiting, now);
        if !edits.is_empty() {
            tracing::warn!(count = edits.len(), "the guard is raised");
            self.analysts
                .edit_as_far_as_possible(Actor::Timer, &edits)
                .await?;
            self.changed_at = now;
        }
        self.waiting.clear();
        Ok(())
    }
}

/// What is to be changed: an operator may have dropped a list, and what stays long enough anyway is left alone.
fn edits(rules: &RuleSet, waiting: &BTreeMap<Guard, Timestamp>, now: Timestamp) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (name, waiting) in by_list(waiting) {
        let Some(list) = Name::parse(name).ok().and_then(|name| rules.list(&name)) else {
            continue;
        };
        let lasting = list
            .entries()
            .filter(|(_, until)| until.is_none_or(|until| now < until));
        let known: HashMap<String, Option<Timestamp>> = lasting.collect();
        let mut room = GUARDED_MAX.saturating_sub(known.len());
        for (guard, until) in waiting {
            match known.get(&guard.entry) {
                Some(known) if !prolongs(until, *known) => continue,
                Some(_) => {}
                None if room == 0 => continue,
                None => room -= 1,
            }
            edits.push(Edit::AddEntry {
                list: list.name().clone(),
                entry: guard.entry.clone(),
                until: Some(until),
            });
        }
    }
    edits
}

fn by_list(
    waiting: &BTreeMap<Guard, Timestamp>,
) -> BTreeMap<&'static str, Vec<(&Guard, Timestamp)>> {
    let mut lists: BTreeMap<&'static str, Vec<(&Guard, Timestamp)>> = BTreeMap::new();
    for (guard, until) in waiting {
        lists.entry(guard.list).or_default().push((guard, *until));
    }
    lists
}

/// Whether the entry is to stay longer by a half hour at least: rules are not written down anew for every attempt.
fn prolongs(until: Timestamp, known: Option<Timestamp>) -> bool {
    known.is_some_and(|known| HALF_HOUR_MS <= until.0 - known.0)
}

/// An entry is prolonged once that adds so much.
const HALF_HOUR_MS: i64 = 30 * 60 * 1_000;

/// What a decision asks to be put under guard.
fn raised_by(entry: &Entry, catalogue: &risk::fact::Catalogue) -> Vec<(Guard, Timestamp)> {
    let judgement = history::judgement_of(entry);
    let Some(Ok(record)) = judgement.map(|it| Record::decode(&it.record)) else {
        return Vec::new();
    };
    let actions = record.decision.actions.iter();
    let raised = actions.filter_map(|action| match action {
        Action::RaiseGuard(guarded, span) => {
            let (list, fact) = place(*guarded);
            let (index, _) = catalogue.find(fact)?;
            let guard = Guard {
                list,
                entry: record.facts.text(index)?.to_owned(),
            };
            Some((guard, entry.at().plus(*span)))
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
