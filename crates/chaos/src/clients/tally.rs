//! When payments went through and when they were refused, as clients saw it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What happened to all clients.
pub struct Tally {
    begun: Instant,
    events: Mutex<Vec<Event>>,
}

#[derive(Clone, Debug)]
struct Event {
    at: Duration,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// A command was carried out, so long after it was sent first.
    Done { waited: Duration },
    /// An attempt got no answer, or one that it was not the time.
    Failed { how: String },
}

/// A time as its clients saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusals {
    /// The longest time in which no command of anyone was carried out.
    pub standstill: Duration,
    /// The longest that one caller waited for one command, its repetitions included.
    pub waited_max: Duration,
    pub done: usize,
    /// Attempts that failed.
    pub failed: usize,
    /// How they failed, with how often.
    pub ways: Vec<(String, usize)>,
}

impl Tally {
    pub fn new(begun: Instant) -> Tally {
        Tally {
            begun,
            events: Mutex::new(Vec::new()),
        }
    }

    /// Since the beginning of the run.
    pub fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    pub fn done(&self, begun: Duration) {
        let at = self.now();
        self.note(
            at,
            What::Done {
                waited: at.saturating_sub(begun),
            },
        );
    }

    pub fn failed(&self, how: String) {
        self.note(self.now(), What::Failed { how });
    }

    fn note(&self, at: Duration, what: What) {
        self.events().push(Event { at, what });
    }

    fn events(&self) -> MutexGuard<'_, Vec<Event>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What clients saw between two times.
    pub fn between(&self, from: Duration, to: Duration) -> Refusals {
        let mut refusals = Refusals {
            standstill: Duration::ZERO,
            waited_max: Duration::ZERO,
            done: 0,
            failed: 0,
            ways: Vec::new(),
        };
        let mut events: Vec<Event> = self
            .events()
            .iter()
            .filter(|event| (from..=to).contains(&event.at))
            .cloned()
            .collect();
        events.sort_by_key(|event| event.at);
        let mut last = from;
        for event in events {
            match event.what {
                What::Done { waited } => {
                    refusals.standstill = refusals.standstill.max(event.at - last);
                    refusals.waited_max = refusals.waited_max.max(waited);
                    refusals.done += 1;
                    last = event.at;
                }
                What::Failed { how } => {
                    refusals.failed += 1;
                    match refusals.ways.iter_mut().find(|(way, _)| *way == how) {
                        Some((_, count)) => *count += 1,
                        None => refusals.ways.push((how, 1)),
                    }
                }
            }
        }
        refusals.standstill = refusals.standstill.max(to.saturating_sub(last));
        refusals
    }
}

#[cfg(test)]
mod tests;
