//! Witnesses: whoever a log asks to cosign what it is about to show.

use std::future::Future;
use std::pin::Pin;

use tlog::checkpoint::SignedCheckpoint;

/// What came of asking the witnesses of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Witnessed {
    /// Enough of them cosigned; their lines stand in the checkpoint.
    Enough(SignedCheckpoint),
    /// Too few answered, or refused: what was shown before stays.
    TooFew,
    /// One showed a larger tree that this log signed: what is stored here is older.
    Ahead { size: u64 },
}

/// An answer that is there when the witnesses have answered, or when their time is over.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Witnessed> + Send + 'a>>;

/// Asks the witnesses of a log, all at once and within a time. Payments never wait for it.
pub trait Witnesses: Send + Sync + 'static {
    fn ask(&self, checkpoint: SignedCheckpoint) -> Asked<'_>;
}
