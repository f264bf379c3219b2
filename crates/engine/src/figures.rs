//! What happens, counted where it happens, for whoever watches the platform.
//!
//! Counts are of this process and begin with it. They are read while others write: of two that are read one after the
//! other, the second may know more. Nothing decides by them.

pub mod count;
pub mod deliveries;
pub mod tally;
pub mod times;

use crate::error::CommandError;
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
    /// How often a row was not what its entries say.
    pub rows_differing: Count,
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommandOutcome {
    Applied,
    Replayed,
    /// By a rule, or as its idempotency key stands for another command.
    Refused,
    /// By the storage, or by a fault.
    Failed,
    /// Turned away, as too many wait.
    Overloaded,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BatchOutcome {
    Written,
    /// Somebody else was faster; it is decided again.
    Conflict,
    Failed,
}

impl CommandOutcome {
    pub fn of_error(error: &CommandError) -> CommandOutcome {
        match error {
            CommandError::Refused(_) | CommandError::IdempotencyKeyReused => {
                CommandOutcome::Refused
            }
            CommandError::Overloaded => CommandOutcome::Overloaded,
            CommandError::Storage(_) | CommandError::Fault | CommandError::Stopped => {
                CommandOutcome::Failed
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
        BatchOutcome::Written,
        BatchOutcome::Conflict,
        BatchOutcome::Failed,
    ];

    pub fn word(self) -> &'static str {
        match self {
            BatchOutcome::Written => "written",
            BatchOutcome::Conflict => "conflict",
            BatchOutcome::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests;
