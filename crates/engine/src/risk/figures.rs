//! What was decided, as counts that whoever watches the platform may read.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use risk::decision::{Absence, Record};
use risk::model::window::Standing;
use risk::verdict::Verdict;

/// Counts since the start of the process.
#[derive(Debug, Default)]
pub struct Figures {
    verdicts: [AtomicU64; 4],
    absences: [AtomicU64; 4],
    explored: AtomicU64,
    /// Rules that could not be judged because a fact was unknown.
    unknown: AtomicU64,
    pub learning: Learning,
}

/// What became of models since the start of the process.
#[derive(Debug, Default)]
pub struct Learning {
    pub trainings: Count,
    /// Too little was known.
    pub trainings_left_out: Count,
    pub trainings_failed: Count,
    /// By the rule, not by a person.
    pub promotions: Count,
    /// How often a standing became worse.
    pub warnings: Count,
    /// How the inputs and scores of the champion stand.
    pub drift: Gauge,
    /// How its alarms and labels stand.
    pub results: Gauge,
}

/// How often something happened.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How something stands.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU8);

const STANDINGS: [Standing; 4] = [
    Standing::TooFew,
    Standing::Fine,
    Standing::Watch,
    Standing::Alarm,
];

impl Gauge {
    /// Puts it to another standing; answers the one before.
    pub(super) fn put(&self, standing: Standing) -> Standing {
        let code = place(&STANDINGS, standing) as u8;
        STANDINGS[usize::from(self.0.swap(code, Ordering::Relaxed))]
    }

    pub fn read(&self) -> Standing {
        STANDINGS[usize::from(self.0.load(Ordering::Relaxed))]
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
