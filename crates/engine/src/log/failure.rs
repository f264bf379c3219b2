//! Why the log does not go on.

use ids::command::Sequence;
use store::failure::Failure;
use store::log::Standing;
use tlog::edge::RestoreError;
use tlog::signer::NotProved;
use tlog::tile::TilePath;
use vault::vault::OpenError;

use crate::error::CommandError;

/// Why a round of the sequencer ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It may go better the next time.
    #[error("the storage of the log failed")]
    Failure(#[from] Failure),
    /// It would go as badly each time, and going on would damage the log for ever.
    #[error("the log stays as it is; payments go on")]
    Stopped(#[from] StopCause),
}

impl LogError {
    /// What whoever asked for a receipt hears of it. A cause that a person has to look at goes to the platform's own log.
    pub fn refusing_receipt(self) -> CommandError {
        match self {
            LogError::Failure(failure) => failure.into(),
            LogError::Stopped(cause) => {
                tracing::error!(%cause, "a receipt cannot be made");
                CommandError::Fault
            }
        }
    }
}

/// What stops a log until a person has looked at it. It is stopped for every node, because the storage says so.
#[derive(Debug, thiserror::Error)]
pub enum StopCause {
    #[error(
        "this storage is a restored backup, and what the log signed after the backup is not in it; \
         name a new log as `origin` below [log]"
    )]
    Restored,
    #[error(
        "the log has {size} leaves, and the journal only {} entries: it is older than the log; \
         restore the newest journal, or name a new log as `origin` below [log]", .head.0
    )]
    JournalBehind { size: u64, head: Sequence },
    #[error(
        "{path} is stored with other bytes than follow from the journal; find out who changed the one or the other. \
         If the journal is sound, remove the stored files of the log (`log.db`, or the table log_files): they are made again"
    )]
    OtherFile { path: TilePath },
    #[error(
        "the stored files are not those of the last signed head; remove them (`log.db`, or the table log_files): they are \
         made again from the journal"
    )]
    Files(#[from] RestoreError),
    #[error(
        "the journal and its seeds make another tree than the log signed with {size} leaves; restore the right journal, or \
         name a new log as `origin` below [log]"
    )]
    OtherTree { size: u64 },
    #[error("entry {} is in the log, and its seed is gone; restore the right journal", .entry.0)]
    SeedMissing { entry: Sequence },
    #[error("the seeds from entry {} on cannot be opened; the key file is another one, or they are damaged", .first.0)]
    Sealed { first: Sequence, source: OpenError },
    #[error("the seeds from entry {} on are damaged", .first.0)]
    Seeds { first: Sequence },
    #[error(
        "a witness shows a checkpoint of {shown} entries that this log signed, and {size} are the last that is known here: the storage was set back to an older state; name a new log as `origin` below [log]"
    )]
    WitnessAhead { size: u64, shown: u64 },
    #[error(
        "the checkpoint that is shown and the stored files do not belong together; remove the files (`log.db`, or the table \
         log_files): they are made again from the journal"
    )]
    Shown,
    #[error("the new tree is not proved to have grown from the last signed one")]
    NotProved(#[from] NotProved),
}

impl StopCause {
    /// What the log has come to. Most causes can be mended, and what a round finds sound goes on; but what was signed behind
    /// the head of an older storage is not known here, and no look at this storage can tell.
    pub fn standing(&self) -> Standing {
        match self {
            StopCause::Restored | StopCause::WitnessAhead { .. } => Standing::Closed,
            StopCause::JournalBehind { .. }
            | StopCause::OtherFile { .. }
            | StopCause::Files(_)
            | StopCause::OtherTree { .. }
            | StopCause::SeedMissing { .. }
            | StopCause::Sealed { .. }
            | StopCause::Seeds { .. }
            | StopCause::Shown
            | StopCause::NotProved(_) => Standing::Stopped,
        }
    }
}
