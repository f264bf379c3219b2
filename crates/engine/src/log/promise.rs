//! Promises: what the log signs at once about entries whose proofs are still to come. Entries that were committed together
//! are promised together, by one signature.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use ids::time::Span;
use leaves::leaf::index_of;
use tlog::bundle::LogEntry;
use tlog::promise::{Promise, Promises};

use crate::core::Committed;
use crate::log::edge::leaves_of;
use crate::log::failure::LogError;
use crate::log::{Log, Ports, seeds};

/// How long after its entry the log has to show a leaf. As a rule it takes less than two seconds.
pub const DEADLINE: Span = Span::MINUTE;

/// Signs promises. A promise follows from the entries of its commit and their secrets, so asking again gives the same one.
pub struct Promiser {
    log: Arc<Log>,
    ports: Ports,
}

impl Promiser {
    pub fn new(log: Arc<Log>, ports: Ports) -> Promiser {
        Promiser { log, ports }
    }

    /// The promise for an entry of this commit; none where it is not known that the log goes on.
    pub async fn promise(&self, committed: &Committed, entry: &Entry) -> Option<Promise> {
        let make = || {
            let leaves = leaves_of(committed.entries(), committed.secrets());
            let promises = self.promises(committed.entries(), &leaves)?;
            // The sequencer of this node needs not make them again.
            self.log
                .remember(index_of(committed.entries()[0].sequence()), leaves);
            Some(promises)
        };
        committed
            .promises(make)
            .await?
            .at(index_of(entry.sequence()))
    }

    /// The promise for an entry of some time ago; none while the entry has no seed, or the storage does not answer: no
    /// answer waits for the log.
    pub async fn promise_again(&self, entry: &Entry) -> Option<Promise> {
        let promises = match self.promises_of_run(entry.sequence()).await {
            Ok(promises) => promises?,
            Err(LogError::Failure(failure)) => {
                tracing::debug!(error = %failure, "an answer goes out without its promise");
                return None;
            }
            Err(LogError::Stopped(cause)) => {
                tracing::warn!(error = %cause, "an answer goes out without its promise");
                return None;
            }
        };
        promises.at(index_of(entry.sequence()))
    }

    async fn promises_of_run(&self, sequence: Sequence) -> Result<Option<Promises>, LogError> {
        // Entries first: what is erased in between is then found in the seeds.
        let Some(run) = self.ports.run_of(sequence).await? else {
            return Ok(None);
        };
        let behind = Sequence(run.first.0 - 1);
        let count = usize::try_from(run.count).expect("a run is short");
        let entries = self.ports.store.entries_after(behind, count).await?;
        let Some(run) = self.ports.run_of(sequence).await? else {
            return Ok(None);
        };
        let secrets = seeds::open(&self.ports.vault, &run)?;
        if entries.len() != secrets.len() {
            return Ok(None);
        }
        let leaves = leaves_of(&entries, &secrets);
        Ok(self.promises(&entries, &leaves))
    }

    /// None where it is not known that the log goes on.
    fn promises(&self, entries: &[Arc<Entry>], leaves: &[LogEntry]) -> Option<Promises> {
        if !self.log.goes_on() {
            return None;
        }
        let (first, last) = (entries.first()?, entries.last()?);
        let deadline = last.at().plus(DEADLINE).0.div_euclid(1_000);
        let hashes = leaves.iter().map(LogEntry::hash);
        Some(self.log.sign_promises(
            index_of(first.sequence()),
            hashes.collect(),
            u64::try_from(deadline).unwrap_or(0),
        ))
    }
}
