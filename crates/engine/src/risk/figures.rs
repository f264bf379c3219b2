//! What was decided, as counts that whoever watches the platform may read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use risk::decision::{Absence, Record};
use risk::verdict::Verdict;

use crate::figures::times::Times;
use crate::risk::figures::learning::Learning;

pub mod learning;

/// Counts since the start of the process.
#[derive(Debug, Default)]
pub struct Figures {
    verdicts: [AtomicU64; 4],
    absences: [AtomicU64; 4],
    explored: AtomicU64,
    /// Rules that could not be judged because a fact was unknown.
    unknown: AtomicU64,
    times: Times,
    pub learning: Learning,
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
