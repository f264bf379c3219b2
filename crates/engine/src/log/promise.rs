//! Promises: what the log signs at once about an entry whose proof is still to come.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use ids::time::Span;
use leaves::leaf::{index_of, leaf};
use leaves::secret::Secret;
use store::seeds::Seeds;
use tlog::note::Note;
use tlog::promise::Promise;
use vault::vault::Vault;

use crate::log::{Log, seeds};

/// How long after its entry the log has to show a leaf. As a rule it takes less than two seconds.
pub const DEADLINE: Span = Span::MINUTE;

/// Signs promises. A promise follows from its entry and the entry's secret, so asking again gives the same one.
pub struct Promiser {
    log: Arc<Log>,
    seeds: Arc<dyn Seeds>,
    vault: Arc<Vault>,
}

impl Promiser {
    pub fn new(log: Arc<Log>, seeds: Arc<dyn Seeds>, vault: Arc<Vault>) -> Promiser {
        Promiser { log, seeds, vault }
    }

    /// The promise for an entry that was committed with this secret; none where it is not known that the log goes on.
    pub fn promise(&self, entry: &Entry, secret: &Secret) -> Option<Note> {
        if !self.log.goes_on() {
            return None;
        }
        let deadline = entry.at().plus(DEADLINE).0.div_euclid(1_000);
        let promise = Promise::new(
            self.log.public_key().clone(),
            index_of(entry.sequence()),
            leaf(entry, secret).hash(),
            u64::try_from(deadline).unwrap_or(0),
        );
        Some(self.log.sign_promise(&promise))
    }

    /// The promise for an entry of some time ago; none while the entry has no seed, or the storage does not answer: no
    /// answer waits for the log.
    pub async fn promise_again(&self, entry: &Entry) -> Option<Note> {
        let sequence = entry.sequence();
        let before = Sequence(sequence.0.checked_sub(1)?);
        let runs = match self.seeds.seed_runs(before, sequence).await {
            Ok(runs) => runs,
            Err(failure) => {
                tracing::debug!(error = %failure, "an answer goes out without its promise");
                return None;
            }
        };
        let run = runs.into_iter().find(|run| run.holds(sequence))?;
        match seeds::open(&self.vault, &run) {
            Ok(secrets) => {
                let place = usize::try_from(sequence.0 - run.first.0).ok()?;
                self.promise(entry, secrets.get(place)?)
            }
            Err(cause) => {
                tracing::warn!(error = %cause, "an answer goes out without its promise");
                None
            }
        }
    }
}
