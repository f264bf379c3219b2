//! What was decided, as counts that whoever watches the platform may read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use risk::decision::{Absence, Record};
use risk::verdict::Verdict;

/// Counts since the start of the process.
#[derive(Debug, Default)]
pub struct Figures {
    verdicts: [AtomicU64; 4],
    absences: [AtomicU64; 4],
    explored: AtomicU64,
    /// Rules that could not be judged because a fact was unknown.
    unknown: AtomicU64,
    times: Times,
}

/// How long decisions took: counts of times, in steps of an eighth of a doubling.
#[derive(Debug)]
pub struct Times([AtomicU64; TIME_STEPS]);

/// From a nanosecond to more than an hour.
const TIME_STEPS: usize = 42 * 8;

impl Default for Times {
    fn default() -> Times {
        Times(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Times {
    fn note(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).max(1);
        let doubling = nanoseconds.ilog2();
        // The three bits below the highest one.
        let eighth = (u128::from(nanoseconds) << 3 >> doubling) as usize & 7;
        let step = (doubling as usize * 8 + eighth).min(TIME_STEPS - 1);
        self.0[step].fetch_add(1, Ordering::Relaxed);
    }

    pub fn count(&self) -> u64 {
        self.0
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// The time that this share of the decisions kept within, an eighth too high at most.
    pub fn quantile(&self, share: f64) -> Duration {
        let wanted = (self.count() as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (step, count) in self.0.iter().enumerate() {
            seen += count.load(Ordering::Relaxed);
            if wanted <= seen {
                let next = step as u64 + 1;
                return Duration::from_nanos((8 + next % 8) << (next / 8) >> 3);
            }
        }
        Duration::MAX
    }
}

impl Figures {
    pub(super) fn count(&self, record: &Record) {
        add(
            &self.verdicts,
            place(&Verdict::ALL, record.decision.verdict),
        );
        if let Some(absence) = record.absence() {
            add(&self.absences, place(&Absence::ALL, absence));
        }
        if record.decision.explored_weight_milli.is_some() {
            self.explored.fetch_add(1, Ordering::Relaxed);
        }
        let unknown = u64::from(record.decision.not_judged_count);
        self.unknown.fetch_add(unknown, Ordering::Relaxed);
    }

    /// Each verdict with how often it was given.
    pub fn verdicts(&self) -> impl Iterator<Item = (Verdict, u64)> + '_ {
        let counts = self
            .verdicts
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        Verdict::ALL.into_iter().zip(counts)
    }

    /// Each cause for a missing score with how often it was one.
    pub fn absences(&self) -> impl Iterator<Item = (Absence, u64)> + '_ {
        let counts = self
            .absences
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        Absence::ALL.into_iter().zip(counts)
    }

    pub(super) fn took(&self, time: Duration) {
        self.times.note(time);
    }

    /// How long decisions took, facts and record included.
    pub fn times(&self) -> &Times {
        &self.times
    }

    pub fn explored(&self) -> u64 {
        self.explored.load(Ordering::Relaxed)
    }

    pub fn unknown(&self) -> u64 {
        self.unknown.load(Ordering::Relaxed)
    }
}

fn place<T: PartialEq>(all: &[T], of: T) -> usize {
    all.iter().position(|each| *each == of).unwrap_or_default()
}

fn add(counts: &[AtomicU64; 4], place: usize) {
    counts[place].fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;
