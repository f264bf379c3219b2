//! What happens, counted where it happens, for whoever watches the platform.
//!
//! Counts are of this process and begin with it. They are read while others write: of two that are read one after the
//! other, the second may know more. Nothing decides by them.

pub mod count;
pub mod deliveries;
pub mod tally;
pub mod times;

use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::error::{CommandError, Refusal};
use crate::figures::count::Count;
use crate::figures::tally::Tally;
use crate::figures::times::Times;

/// What an engine has done.
#[derive(Debug, Default)]
pub struct Figures {
    /// Commands by their name and what became of them.
    pub commands: Tally<(&'static str, CommandOutcome)>,
    pub batches: Tally<BatchOutcome>,
    /// Until the storage had answered with the rows of a batch.
    pub load_times: Times,
    /// Until a batch was durable.
    pub commit_times: Times,
    /// The batch that is under way.
    pub under_way: UnderWay,
    /// How often a row was not what its entries say.
    pub rows_differing: Count,
}

/// Since when something is under way.
#[derive(Debug, Default)]
pub struct UnderWay(Mutex<Option<Instant>>);

impl UnderWay {
    pub(crate) fn begin(&self) {
        *self.0.lock() = Some(Instant::now());
    }

    pub(crate) fn end(&self) {
        *self.0.lock() = None;
    }

    /// For how long; zero where nothing is.
    pub fn time(&self) -> Duration {
        let begun = *self.0.lock();
        begun.map_or(Duration::ZERO, |begun| begun.elapsed())
    }
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommandOutcome {
    Applied,
    Replayed,
    /// By a rule, or as its idempotency key stands for another command.
    Refused,
    /// By the storage, by a fault, or as others were faster each time that it was decided.
    Failed,
    /// Turned away, as too many wait.
    Overloaded,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BatchOutcome {
    /// Decided, and durable where there was anything to write.
    Done,
    /// Somebody else was faster.
    Conflict,
    Failed,
}

impl CommandOutcome {
    pub fn of_error(error: &CommandError) -> CommandOutcome {
        match error {
            CommandError::Storage(_)
            | CommandError::Fault
            | CommandError::Stopped
            | CommandError::Refused(Refusal::ChangedMeanwhile) => CommandOutcome::Failed,
            CommandError::Overloaded => CommandOutcome::Overloaded,
            CommandError::Refused(_) | CommandError::IdempotencyKeyReused => {
                CommandOutcome::Refused
            }
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            CommandOutcome::Applied => "applied",
            CommandOutcome::Replayed => "replayed",
            CommandOutcome::Refused => "refused",
            CommandOutcome::Failed => "failed",
            CommandOutcome::Overloaded => "overloaded",
        }
    }
}

impl BatchOutcome {
    pub const ALL: [BatchOutcome; 3] = [
        BatchOutcome::Done,
        BatchOutcome::Conflict,
        BatchOutcome::Failed,
    ];

    pub fn word(self) -> &'static str {
        match self {
            BatchOutcome::Done => "done",
            BatchOutcome::Conflict => "conflict",
            BatchOutcome::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests;
