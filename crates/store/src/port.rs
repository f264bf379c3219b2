//! The port itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use ledger::balances::Balances;
use payment::payment::Payment;

use crate::failure::Failure;
use crate::query::{MovementQuery, Page, PaymentQuery, ReversalQuery};
use crate::row::{Key, Row};
use crate::seeds::{SealedSeeds, SeedRun};
use crate::shift::Shift;
use crate::snapshot::Snapshot;

/// An answer that a backend gives when it has it.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Durable storage of the journal and of the rows that follow from it.
///
/// `load` and `commit` are the path of every command; the rest serves readers.
/// Loads by key are never stale: they see every commit that was acknowledged before they began.
/// Queries may trail the journal by at most [`QUERY_LAG_MAX_MS`].
pub trait Store: Send + Sync + 'static {
    /// The rows under these keys, and the vouchers that they point to. What does not exist is left out.
    ///
    /// Where several engines share the storage, the snapshot also tells the journal's head at that moment and the
    /// latest time of its entries. An engine numbers and dates what it decides no earlier; as every row that it
    /// changes must still be as it was loaded, no entry is dated before the one that changed its rows last.
    fn load<'a>(&'a self, keys: &'a [Key]) -> Answer<'a, Result<Snapshot, Failure>>;

    /// Makes the batch durable, all of it or nothing. When this answers `Ok`, a loss of power loses none of it.
    ///
    /// The batch is numbered from behind a head that may have moved since. A backend that several engines share
    /// places it behind the real head, where its preconditions still hold, and answers how far that is; the numbers
    /// of its entries in the rows that it writes move along. A backend for one engine may answer
    /// [`CommitError::Conflict`] instead. No backend places a batch before the numbers that it came with, or a batch
    /// whose entries do not follow one another: that is a conflict as well.
    ///
    /// After a [`Failure`] the batch is not written, or the failure says that this is not known.
    fn commit(&self, batch: Batch) -> Answer<'_, Result<Shift, CommitError>>;

    /// The last entry of the journal; 0 where there is none.
    fn head(&self) -> Answer<'_, Result<Sequence, Failure>>;

    /// At most `count` entries after `after`, in the order of the journal and without gaps.
    fn entries_after(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>>;

    /// The entries with these sequences, in the order given; unknown ones are left out.
    fn entries_at<'a>(
        &'a self,
        sequences: &'a [Sequence],
    ) -> Answer<'a, Result<Vec<Entry>, Failure>>;

    /// At most `count` things whose timer is due at `now`.
    fn due(&self, now: Timestamp, count: usize) -> Answer<'_, Result<Vec<Due>, Failure>>;

    /// Payments of a merchant, newest first.
    fn payments<'a>(
        &'a self,
        query: &'a PaymentQuery,
    ) -> Answer<'a, Result<Page<Arc<Payment>>, Failure>>;

    /// The entries that created or changed a voucher, oldest first.
    fn voucher_entries(&self, serial: Serial) -> Answer<'_, Result<Vec<Sequence>, Failure>>;

    /// The captures and refunds of a merchant, oldest first.
    fn movements<'a>(
        &'a self,
        query: &'a MovementQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>>;

    /// The entries that put right what hung (see [`crate::reversal::of`]), newest first.
    fn reversals<'a>(
        &'a self,
        query: &'a ReversalQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>>;

    /// The balance of every account, as of all acknowledged commits.
    fn balances(&self) -> Answer<'_, Result<Balances, Failure>>;
}

/// How far queries may trail the journal, milliseconds.
pub const QUERY_LAG_MAX_MS: u64 = 2_000;

/// What one commit writes.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Consecutive sequences that begin behind the head that the author of the batch knew.
    pub entries: Vec<Arc<Entry>>,
    pub writes: Vec<Row>,
    pub preconditions: Vec<Precondition>,
    /// The seeds of all entries; none where they get theirs later.
    pub seeds: Option<SealedSeeds>,
}

impl Batch {
    /// The head that the entries were numbered from; none where there are no entries.
    pub fn assumed_head(&self) -> Option<Sequence> {
        let first = self.entries.first()?.sequence();
        first.0.checked_sub(1).map(Sequence)
    }

    /// The seeds as they stand beside the entries once the first of these has this number.
    pub fn seed_run(&self, first: Sequence) -> Option<SeedRun> {
        let sealed = self.seeds.clone()?;
        let count = u32::try_from(self.entries.len()).expect("a batch is far below that");
        (0 < count).then_some(SeedRun {
            first,
            count,
            sealed,
        })
    }

    /// Whether each entry has the number behind the one before it.
    pub fn is_consecutive(&self) -> bool {
        let mut pairs = self.entries.windows(2);
        pairs.all(|pair| pair[0].sequence().next() == pair[1].sequence())
    }
}

/// What must hold of a stored row when the batch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Precondition {
    pub key: Key,
    /// The version of the row; `None` if there must be no such row.
    pub expected: Option<Sequence>,
}

/// Why a batch was not written. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Another writer was faster: load again and decide again.
    #[error("a row or the head of the journal has changed since it was loaded")]
    Conflict,
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Something whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Payment(PaymentId),
    Voucher(Serial),
}
