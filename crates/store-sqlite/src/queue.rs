//! Commits on their way to the tables, and what holds commits back when these fall behind.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use store::failure::Failure;

use crate::committed::Committed;

#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Told when the projector has reason to hurry.
    filled: Condvar,
    /// Told when there is room again, or none will come.
    drained: Condvar,
    entries_max: usize,
}

#[derive(Debug, Default)]
struct State {
    commits: VecDeque<Committed>,
    /// Waiting or being written.
    entries: usize,
    stop: bool,
    stalled: Option<Stalled>,
}

/// Why the projector does not get on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stalled {
    Full { place: String },
    Failed { place: String, why: String },
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Why(String);

/// Whether the projector goes on after this round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    GoOn,
    Last,
}

impl Queue {
    pub fn new(entries_max: usize) -> Queue {
        Queue {
            state: Mutex::new(State::default()),
            filled: Condvar::new(),
            drained: Condvar::new(),
            entries_max,
        }
    }

    /// Waits until the projector has caught up enough. Fails where it cannot.
    pub fn wait_for_room(&self) -> Result<(), Failure> {
        self.wait_for(self.entries_max)
    }

    /// Waits until everything is in the tables.
    pub fn wait_until_empty(&self) -> Result<(), Failure> {
        self.wait_for(0)
    }

    fn wait_for(&self, entries: usize) -> Result<(), Failure> {
        let mut state = self.state.lock();
        while entries < state.entries {
            match &state.stalled {
                Some(Stalled::Full { place }) => {
                    return Err(Failure::Full {
                        place: place.clone(),
                    });
                }
                Some(Stalled::Failed { place, why }) => {
                    return Err(Failure::Io {
                        place: place.clone(),
                        source: Box::new(Why(why.clone())),
                    });
                }
                None => {
                    self.filled.notify_one();
                    self.drained.wait(&mut state);
                }
            }
        }
        Ok(())
    }

    pub fn push(&self, committed: Committed) {
        let mut state = self.state.lock();
        state.entries += committed.entries.len();
        state.commits.push_back(committed);
        if self.hurry_from() <= state.entries {
            self.filled.notify_one();
        }
    }

    /// Waits for the interval, for many entries, or for the end.
    pub fn wait(&self, interval: Duration) -> Turn {
        let until = Instant::now() + interval;
        let mut state = self.state.lock();
        while !state.stop && state.entries < self.hurry_from() {
            if self.filled.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        if state.stop { Turn::Last } else { Turn::GoOn }
    }

    /// Everything that was pushed. It counts as waiting until [`Queue::done`].
    pub fn take(&self) -> Vec<Committed> {
        self.state.lock().commits.drain(..).collect()
    }

    pub fn done(&self, entries: usize) {
        let mut state = self.state.lock();
        state.entries -= entries;
        state.stalled = None;
        self.drained.notify_all();
    }

    pub fn stall(&self, stalled: Stalled) {
        self.state.lock().stalled = Some(stalled);
        self.drained.notify_all();
    }

    pub fn stop(&self) {
        self.state.lock().stop = true;
        self.filled.notify_all();
    }

    /// Entries that are durable in the journal and not yet in the tables.
    pub fn len(&self) -> usize {
        self.state.lock().entries
    }

    fn hurry_from(&self) -> usize {
        (self.entries_max / 4).max(1)
    }
}
