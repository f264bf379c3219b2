//! What became of models.

use std::sync::atomic::{AtomicU8, Ordering};

use risk::model::window::Standing;

use crate::figures::count::Count;
use crate::risk::figures::place;

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
    pub(in crate::risk) fn put(&self, standing: Standing) -> Standing {
        let code = place(&STANDINGS, standing) as u8;
        STANDINGS[usize::from(self.0.swap(code, Ordering::Relaxed))]
    }

    pub fn read(&self) -> Standing {
        STANDINGS[usize::from(self.0.load(Ordering::Relaxed))]
    }
}
