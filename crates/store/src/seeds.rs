//! Seeds: the random bytes that the leaves of the transparency log are computed with, beside the journal.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;

use crate::failure::Failure;
use crate::port::Answer;

/// The seeds of entries that follow one another, sealed together: as a rule those of one commit.
///
/// What is sealed knows nothing of where the entries stand, so placing a batch changes none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedRun {
    pub first: Sequence,
    /// At least 1.
    pub count: u32,
    pub sealed: Arc<[u8]>,
}

/// Seeds that were sealed for a batch, in the order of its entries.
pub type SealedSeeds = Arc<[u8]>;

/// What becomes of an entry of which a part is erased, and of the seeds that it stands among.
///
/// This is the only change that a journal ever sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The entry without that part.
    pub entry: Arc<Entry>,
    /// The run that holds it, as it is stored.
    pub before: SeedRun,
    /// The run's seeds without the salt of that part.
    pub after: SealedSeeds,
}

impl SeedRun {
    pub fn last(&self) -> Sequence {
        Sequence(self.first.0 + u64::from(self.count) - 1)
    }

    pub fn holds(&self, sequence: Sequence) -> bool {
        self.first <= sequence && sequence <= self.last()
    }
}

/// Storage for seeds. They stand beside the journal and not in it, because a batch is placed as it is and they can be
/// erased.
///
/// Each entry has at most one seed. A batch that brings seeds has them committed with its entries, all or nothing; entries
/// that came without, from before there was a log or by a node of an older version, get theirs later.
pub trait Seeds: Send + Sync + 'static {
    /// The runs with any entry behind `after` and up to `upto`, in their order. Entries without a seed are in none.
    fn seed_runs(
        &self,
        after: Sequence,
        upto: Sequence,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>>;

    /// Adds a run if none of its entries has a seed; answers whether it did. Of two that add seeds for the same entry the
    /// first one's stay. The entries are in the journal. Durable when this answers.
    fn add_seeds(&self, run: SeedRun) -> Answer<'_, Result<bool, Failure>>;

    /// Puts an entry that says less in the place of the one that is stored, and with it the seeds that keep its leaf what it
    /// was; both or neither. Answers whether it did: nothing changes where the run is not `before` any more. Durable when
    /// this answers.
    fn erase(&self, erasure: Arc<Erasure>) -> Answer<'_, Result<bool, Failure>>;
}
