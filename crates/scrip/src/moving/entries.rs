//! Entries, committed to the target as its own engine would: with their numbers, and the rows that follow from them.

use std::sync::Arc;

use accounting::entry::Entry;
use accounting::fact::Fact;
use anyhow::{Context, bail};
use ids::command::Sequence;
use store::fold::{self, partial};
use store::moving::{Movable, Source};
use store::port::{Batch, CommitError};
use store::row::Key;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::moving::stopped;
use crate::progress::bar;

/// Entries that are read at a time, and pages that are read ahead.
const PAGE: usize = 1_000;
const PAGES_AHEAD_MAX: usize = 4;
/// Entries and vouchers in one commit. One entry can issue a thousand vouchers; a commit must take far less than the
/// seconds that a statement may take.
const BATCH_WEIGHT_MAX: usize = 4_000;

/// Copies what the target lacks up to the head that the source has now.
pub async fn copy(
    source: &Arc<dyn Source>,
    target: &Arc<dyn Movable>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let from = target.head().await?;
    let upto = source.extent().await?.head;
    let bar = bar("entries", upto.0)?;
    bar.set_position(from.0);
    bar.reset_eta();
    let mut pages = read_ahead(Arc::clone(source), from, upto);
    let mut batch = Waiting::default();
    while let Some(page) = pages.recv().await {
        for entry in page? {
            if let Some(full) = batch.add(entry) {
                commit(&**target, full, stop).await?;
                bar.set_position(batch.committed.0);
            }
        }
    }
    commit(&**target, batch.entries, stop).await?;
    bar.finish_and_clear();
    Ok(())
}

/// Copies the few entries that were added since; no bar is shown for them.
pub async fn follow(
    source: &dyn Source,
    target: &dyn Movable,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    loop {
        let page = source.read_entries(target.head().await?, PAGE).await?;
        if page.is_empty() {
            return Ok(());
        }
        let mut batch = Waiting::default();
        for entry in page {
            if let Some(full) = batch.add(entry) {
                commit(target, full, stop).await?;
            }
        }
        commit(target, batch.entries, stop).await?;
    }
}

/// Entries that wait for their commit.
#[derive(Default)]
struct Waiting {
    entries: Vec<Arc<Entry>>,
    weight: usize,
    /// The last entry that was handed out.
    committed: Sequence,
}

impl Waiting {
    /// Adds the entry; hands out those before it if it would be too much with them.
    fn add(&mut self, entry: Arc<Entry>) -> Option<Vec<Arc<Entry>>> {
        let weight = 1 + fold::vouchers_touched(&entry).len();
        let full = BATCH_WEIGHT_MAX < self.weight + weight && !self.entries.is_empty();
        let handed_out = full.then(|| {
            self.weight = 0;
            let entries = std::mem::take(&mut self.entries);
            self.committed = entries[entries.len() - 1].sequence();
            entries
        });
        self.weight += weight;
        self.entries.push(entry);
        handed_out
    }
}

/// Reads beside the commits.
fn read_ahead(
    source: Arc<dyn Source>,
    after: Sequence,
    upto: Sequence,
) -> mpsc::Receiver<anyhow::Result<Vec<Arc<Entry>>>> {
    let (sender, pages) = mpsc::channel(PAGES_AHEAD_MAX);
    tokio::spawn(async move {
        let mut at = after;
        while at < upto {
            let rest = usize::try_from(upto.0 - at.0).unwrap_or(usize::MAX);
            let page = source.read_entries(at, rest.min(PAGE)).await;
            let page = page.map_err(anyhow::Error::from).and_then(|page| {
                at = page
                    .last()
                    .context("entries of the source are missing")?
                    .sequence();
                Ok(page)
            });
            let failed = page.is_err();
            if sender.send(page).await.is_err() || failed {
                return;
            }
        }
    });
    pages
}

async fn commit(
    target: &dyn Movable,
    entries: Vec<Arc<Entry>>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    if stop.is_cancelled() {
        return Err(stopped());
    }
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(());
    };
    let place = format!("entries {} to {}", first.sequence().0, last.sequence().0);
    let mut snapshot = target.load(&keys_needed(&entries)).await?;
    for entry in &entries {
        fold::apply(&mut snapshot, entry).with_context(|| {
            format!(
                "entry {} does not fit those before it; run `scrip audit` on the source",
                entry.sequence().0
            )
        })?;
    }
    let changes = snapshot.into_changes();
    let committed = target
        .commit(Batch {
            entries,
            writes: changes.writes,
            preconditions: changes.preconditions,
            // They come as they are in the source.
            seeds: None,
        })
        .await;
    match committed {
        Ok(shift) if shift.is_none() => Ok(()),
        Ok(_) | Err(CommitError::Conflict) => bail!(
            "{place} were not copied: another program has written to the target; empty it, and begin anew"
        ),
        Err(CommitError::Failure(failure)) => Err(failure).with_context(|| {
            format!("{place} were not copied; give the same command again to go on")
        }),
    }
}

/// The rows that the entries change, but for those that none of them needs to know before.
fn keys_needed(entries: &[Arc<Entry>]) -> Vec<Key> {
    let mut keys: Vec<Key> = entries
        .iter()
        .filter(|entry| !creates_alone(entry.fact()))
        .flat_map(|entry| partial::keys_touched(entry))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// That nothing exists under their keys, the commit requires.
fn creates_alone(fact: &Fact) -> bool {
    match fact {
        Fact::VouchersIssued { .. } | Fact::PaymentCreated { .. } => true,
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VoucherChanged { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderCancelled { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentChanged { .. } => false,
    }
}
