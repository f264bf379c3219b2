//! The reader that keeps a node's memory of risk up to the journal.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use accounting::document::DocumentName;
use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::time::{Span, Timestamp};
use store::failure::Failure;
use store::port::Store;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::risk::Risk;
use crate::risk::bench::{Bench, Standing};
use crate::risk::events::Batch;
use crate::risk::in_force::InForceError;
use crate::risk::memory::Memory;

/// How long a reader that has read everything waits before it looks again: by so much, and the time that reading takes,
/// profiles may trail the journal.
pub const FOLLOW_EVERY: Duration = Duration::from_millis(50);
/// Profiles that could not be brought up to the journal for so long are cold.
pub const COLD_AFTER: Span = Span::SECOND.times(10);
/// Entries in one look at most.
const ENTRIES_MAX: usize = 500;
/// Entries that are learnt from while the judge waits; some tens of microseconds each.
const ENTRIES_AT_ONCE: usize = 16;

/// Follows the journal until the stop.
pub async fn follow(
    risk: Arc<Risk>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let mut compared = false;
    while !stop.is_cancelled() {
        if !compared {
            compared = compare(&risk, store.as_ref()).await;
        }
        if compared {
            match risk.step(store.as_ref(), clock.now()).await {
                Ok(ENTRIES_MAX..) => continue,
                Ok(_) => {}
                Err(failure) => {
                    tracing::warn!(error = %failure, "risk could not read the journal");
                }
            }
        }
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = tokio::time::sleep(FOLLOW_EVERY) => {}
        }
    }
}

/// Forgets what was learnt from a journal that is not this one: storage was set back to an older state, or exchanged.
/// Answers whether the journal could be read.
async fn compare(risk: &Risk, store: &dyn Store) -> bool {
    match risk.compare(store).await {
        Ok(()) => true,
        Err(failure) => {
            tracing::warn!(error = %failure, "risk could not read the journal");
            false
        }
    }
}

/// Takes the bench that the journal names. One that cannot be seated leaves the one before, and payments go on.
/// Where the storage did not answer, the next look at the journal tries again.
pub async fn seat(risk: &Risk, store: &dyn Store) {
    let is_answered = match Bench::load(store, &risk.schema).await {
        Ok(found) => {
            if let Some(bench) = found {
                risk.seat(bench);
            }
            true
        }
        Err(InForceError::Storage(failure)) => {
            tracing::warn!(error = %failure, "the rules and models could not be read");
            false
        }
        Err(error) => {
            tracing::error!(%error, "the rules and models in force cannot be used; those before stay");
            true
        }
    };
    risk.seated.store(is_answered, Ordering::Relaxed);
}

impl Risk {
    /// Forgets everything if the last entry that was learnt from does not stand in this journal.
    pub async fn compare(&self, store: &dyn Store) -> Result<(), Failure> {
        let (read, read_at) = {
            let memory = self.memory.read();
            (memory.read, memory.read_at)
        };
        if read.0 == 0 {
            return Ok(());
        }
        let found = store.entries_at(&[read]).await?;
        if found.first().is_none_or(|entry| entry.at() != read_at) {
            tracing::warn!(
                "what risk remembers is of another journal; this one is read from its beginning"
            );
            let mut memory = self.memory.write();
            *memory = Memory::new(memory.profiles.settings());
        }
        Ok(())
    }

    /// Reads what is new, up to a bound; answers how many entries were read.
    pub async fn step(&self, store: &dyn Store, now: Timestamp) -> Result<usize, Failure> {
        let read = self.memory.read().read;
        let entries = store.entries_after(read, ENTRIES_MAX).await?;
        let count = entries.len();
        for some in entries.chunks(ENTRIES_AT_ONCE) {
            let batch = Batch::load(store, some.to_vec()).await?;
            if !self.learn(&batch) {
                return Ok(0);
            }
        }
        if !self.seated.load(Ordering::Relaxed) {
            seat(self, store).await;
        }
        if count < ENTRIES_MAX {
            self.followed_at.store(now.0, Ordering::Relaxed);
        }
        Ok(count)
    }

    /// Answers whether anything was learnt: not while a snapshot is being taken. The next look goes on from here.
    fn learn(&self, batch: &Batch) -> bool {
        let Some(_turn) = self.turn.try_lock() else {
            return false;
        };
        let mut memory = self.memory.write();
        let events = batch.events(&self.translation, &mut memory.sold);
        memory.learn(batch.entries(), &events);
        if batch.entries().iter().any(|entry| names_the_bench(entry)) {
            self.seated.store(false, Ordering::Relaxed);
        }
        true
    }

    /// Whether the profiles follow the journal at `now`.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let followed_at = Timestamp(self.followed_at.load(Ordering::Relaxed));
        if followed_at.plus(COLD_AFTER) < now {
            Standing::Cold
        } else {
            Standing::Warm
        }
    }
}

fn names_the_bench(entry: &Entry) -> bool {
    matches!(
        entry.fact(),
        Fact::DocumentSaved {
            name: DocumentName::RiskSettings,
            ..
        }
    )
}
