//! Whether the parts of a statement are to be made again: once at a time, and after a failure not for every asker.

use std::sync::Arc;
use std::time::Duration;

use ids::command::Sequence;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::liabilities::LiabilitiesError;

/// How long a repair that failed is not tried again. Of another statement it is tried at once.
pub const REPAIR_PAUSE: Duration = Duration::from_secs(60);

/// What became of the last repair on this node.
#[derive(Default)]
pub(super) struct Repair(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    None,
    UnderWay,
    Failed {
        counted: Sequence,
        at: Instant,
    },
}

pub(super) enum Begun {
    Now(Turn),
    /// Somebody else has begun.
    Before,
    /// It failed less than [`REPAIR_PAUSE`] ago.
    InVain,
}

/// The right to repair. If it is dropped before its end, the repair has failed.
pub(super) struct Turn {
    repair: Arc<Repair>,
    counted: Sequence,
    is_made: bool,
}

impl Repair {
    /// Begins with the statement that counts up to this entry.
    pub fn begin(self: &Arc<Repair>, counted: Sequence) -> Begun {
        let mut state = self.0.lock();
        match *state {
            State::UnderWay => return Begun::Before,
            State::Failed { counted: of, at } if of == counted && at.elapsed() < REPAIR_PAUSE => {
                return Begun::InVain;
            }
            State::None | State::Failed { .. } => {}
        }
        *state = State::UnderWay;
        Begun::Now(Turn {
            repair: Arc::clone(self),
            counted,
            is_made: false,
        })
    }
}

impl Turn {
    pub fn end(mut self, made: Result<(), LiabilitiesError>) {
        match made {
            Ok(()) => self.is_made = true,
            Err(error) => {
                tracing::error!(%error, source = ?std::error::Error::source(&error), counted = self.counted.0, "the parts of a statement of liabilities cannot be made again; the next try is a minute later at the earliest");
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.repair.0.lock() = match self.is_made {
            true => State::None,
            false => State::Failed {
                counted: self.counted,
                at: Instant::now(),
            },
        };
    }
}
