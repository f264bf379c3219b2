//! Back-tests: what a rule would have done to the payments in the journal.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::time::{Span, Timestamp};
use payment::label::Truth;
use payment::state::Change;
use risk::backtest::{self, Label, Past, Report};
use risk::decision::Record;
use risk::decision::values::FactValues;
use risk::rule::{CheckedRule, Rule};
use store::port::Store;

use crate::error::CommandError;
use crate::history;
use crate::service::analyst::AnalystService;
use crate::service::analyst::rules::ChangeError;

/// Entries that are read at a time.
const ENTRIES_AT_ONCE: usize = 1_000;
/// Payments that wait to be tried; the reader waits when there are more.
const WAITING_MAX: usize = 4_096;
/// Labels that are held at once; of older ones than these many nothing is known.
const LABELS_MAX: usize = 2_000_000;

impl AnalystService {
    /// What the rule, whatever its mode, would have done to the attempts since `since`. It is checked first as if it were
    /// saved. Reading goes beside payments and takes some seconds for a million of them.
    pub async fn backtest(
        &self,
        rule: Rule,
        since: Span,
    ) -> Result<Report<PaymentId>, ChangeError> {
        let current = self.current().await?;
        let lists = current.rules.list_names();
        let catalogue = self.risk.schema().catalogue();
        let rule = CheckedRule::new(rule, catalogue, &lists)
            .map_err(|error| ChangeError::Edit(error.into()))?;
        let from = self.engine.clock().now().minus(since);
        let store = self.engine.store().as_ref();
        let labels = labels(store, from).await.map_err(CommandError::from)?;
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let rules = current.rules.clone();
        let tried =
            tokio::task::spawn_blocking(move || backtest::backtest(&rule, rules.lists(), receiver));
        send(store, from, &labels, sender)
            .await
            .map_err(CommandError::from)?;
        Ok(tried.await.map_err(|_| CommandError::Fault)?)
    }
}

type Waiting = Past<PaymentId, FactValues>;

/// What is known of payments by now.
async fn labels(
    store: &dyn Store,
    from: Timestamp,
) -> Result<HashMap<PaymentId, Label>, store::failure::Failure> {
    let mut labels = HashMap::new();
    let mut read = first_since(store, from).await?;
    loop {
        let entries = store.entries_after(read, ENTRIES_AT_ONCE).await?;
        let Some(last) = entries.last() else {
            return Ok(labels);
        };
        read = last.sequence();
        for entry in &entries {
            if let Fact::PaymentChanged {
                id,
                change: Change::Label { label },
                ..
            } = entry.fact()
                && labels.len() < LABELS_MAX
            {
                let label = match label.truth {
                    Truth::Fraud => Label::Fraud,
                    Truth::Good => Label::Good,
                };
                labels.insert(*id, label);
            }
        }
    }
}

/// Hands every judged attempt over, until nobody takes them any more.
async fn send(
    store: &dyn Store,
    from: Timestamp,
    labels: &HashMap<PaymentId, Label>,
    waiting: SyncSender<Waiting>,
) -> Result<(), store::failure::Failure> {
    let mut read = first_since(store, from).await?;
    loop {
        let entries = store.entries_after(read, ENTRIES_AT_ONCE).await?;
        let Some(last) = entries.last() else {
            return Ok(());
        };
        read = last.sequence();
        for entry in &entries {
            let Some(mut past) = past(entry, labels) else {
                continue;
            };
            while let Err(refused) = waiting.try_send(past) {
                match refused {
                    std::sync::mpsc::TrySendError::Full(again) => past = again,
                    std::sync::mpsc::TrySendError::Disconnected(_) => return Ok(()),
                }
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        }
    }
}

fn past(entry: &Arc<Entry>, labels: &HashMap<PaymentId, Label>) -> Option<Waiting> {
    let judgement = history::judgement_of(entry)?;
    let record = Record::decode(&judgement.record).ok()?;
    let id = history::payment_of(entry)?;
    Some(Past {
        id,
        score: record.score(),
        happened: record.decision.verdict,
        facts: record.facts,
        at: entry.at(),
        amount_minor: record.case.amount_minor,
        currency: id.mid.currency,
        label: labels.get(&id).copied(),
    })
}

/// The last entry before `from`. Entries never go back in time.
async fn first_since(
    store: &dyn Store,
    from: Timestamp,
) -> Result<Sequence, store::failure::Failure> {
    let head = store.head().await?;
    crate::reversal::last_before(store, from, head).await
}
