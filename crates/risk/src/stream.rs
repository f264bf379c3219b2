//! A labelled stream as if it were live: each attempt's facts are taken before the attempt is learnt from, and its label
//! enters the profiles only when it would have become known.

use std::collections::VecDeque;

use ids::time::{Span, Timestamp};

use crate::event::{Attempt, Event, Outcome, Texts, Verdict};
use crate::feature::{FeatureVector, features};
use crate::profile::store::Profiles;

/// One event of a stream whose ends are known.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamEvent {
    /// An attempt and what it turned out to be, if that is ever told.
    Attempt {
        attempt: Attempt,
        outcome: Outcome,
        verdict: Option<Verdict>,
    },
    /// Anything else that profiles learn from, at its own time.
    Other(Event),
}

impl StreamEvent {
    pub fn at(&self) -> Timestamp {
        match self {
            StreamEvent::Attempt { attempt, .. } => attempt.at,
            StreamEvent::Other(event) => event.at(),
        }
    }
}

/// Plays a stream into profiles, and remembers which labels are still to come.
///
/// It holds every attempt of the last label delay; nothing else grows.
#[derive(Debug)]
pub struct Player {
    profiles: Profiles,
    label_delay: Span,
    waiting: VecDeque<(Attempt, Verdict)>,
}

impl Player {
    /// A player whose labels become known `label_delay` after their attempts.
    pub fn new(profiles: Profiles, label_delay: Span) -> Player {
        Player {
            profiles,
            label_delay,
            waiting: VecDeque::new(),
        }
    }

    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// Goes on from other profiles, such as those restored from a snapshot of these.
    pub fn replace_profiles(&mut self, profiles: Profiles) {
        self.profiles = profiles;
    }

    /// Plays the next event of the stream. For an attempt, `judge` gets its facts, as they are without the attempt itself
    /// and without any label that is not known by then.
    pub fn play(&mut self, event: &StreamEvent, judge: impl FnOnce(&FeatureVector)) {
        self.release_labels(event.at());
        match event {
            StreamEvent::Attempt {
                attempt,
                outcome,
                verdict,
            } => {
                judge(&features(&self.profiles, attempt, Texts::default()));
                self.profiles.apply(&Event::Attempt {
                    attempt: attempt.clone(),
                    outcome: *outcome,
                });
                if let Some(verdict) = verdict {
                    self.waiting.push_back((attempt.clone(), *verdict));
                }
            }
            StreamEvent::Other(event) => self.profiles.apply(event),
        }
    }

    /// Labels of one delay become known in the order of their attempts.
    fn release_labels(&mut self, now: Timestamp) {
        while let Some((attempt, verdict)) = self.waiting.pop_front() {
            let known = attempt.at.plus(self.label_delay);
            if known > now {
                self.waiting.push_front((attempt, verdict));
                return;
            }
            self.profiles.apply(&Event::Label {
                attempt,
                verdict,
                at: known,
                instead_of: None,
            });
        }
    }
}

#[cfg(test)]
mod tests;
