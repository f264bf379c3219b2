//! Drift of results: whether a model still does what its training promised.

use super::quality::Scored;
use super::report::Quality;
use super::threshold::Budget;
use super::window::{Ring, Standing};

/// From this deviation of a share of alarms on, as a part of what was promised, somebody should look.
pub const ALARMS_WATCH: f64 = 0.15;
/// From this one on, thresholds have to be set anew.
pub const ALARMS_ALARM: f64 = 0.3;
/// From this loss of recall or precision on, in whole (0.05 is five in a hundred), somebody should look.
pub const LOSS_WATCH: f64 = 0.05;
/// From this one on, the model has to be trained anew.
pub const LOSS_ALARM: f64 = 0.15;
/// Labelled attempts of the kind that a share is about, from which it says anything.
pub const LABELLED_MIN: f64 = 30.0;
/// A deviation that chance brings about once in twenty times is none.
const STANDARD_ERRORS: f64 = 2.0;

/// What the training promised for attempts like those that judged it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Promise {
    /// The share of good attempts that may be alarmed.
    pub false_alarm_share: f64,
    /// The share of all attempts that were alarmed among those that judged the model.
    pub alarm_share: Option<f64>,
    pub recall: Option<f64>,
    pub precision: Option<f64>,
}

impl Promise {
    pub fn new(budget: &Budget, quality: Option<&Quality>) -> Promise {
        Promise {
            false_alarm_share: budget.alarm_share,
            alarm_share: quality.and_then(|quality| quality.alarm_share),
            recall: quality.and_then(|quality| quality.recall),
            precision: quality.and_then(|quality| quality.precision),
        }
    }
}

/// Counts the newest attempts, and the newest labels when they come.
#[derive(Clone, Debug)]
pub struct Results {
    promise: Promise,
    /// The score from which something was done.
    threshold: f32,
    attempts: Ring<Attempts>,
    counts: Ring<Counts>,
}

/// Attempts of which nothing is known yet but their score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Attempts {
    all: u64,
    alarmed: u64,
}

/// Weights of attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    alarmed_frauds: f64,
    alarmed_goods: f64,
    missed_frauds: f64,
    passed_goods: f64,
}

/// A share as it came, as it was promised, and what the difference means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// None without attempts of the kind.
    pub realised: Option<f64>,
    pub promised: Option<f64>,
    pub standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResultsReport {
    /// Labelled attempts in the window.
    pub rows: u64,
    /// Of all attempts; known at once, before any label.
    pub alarms: Outcome,
    /// Of good attempts.
    pub false_alarms: Outcome,
    pub recall: Outcome,
    pub precision: Outcome,
}

impl Results {
    /// Watches about the newest `rows` attempts, and as many labelled ones, of a model that does something from a score on.
    pub fn new(promise: Promise, threshold: f32, rows: u64) -> Results {
        Results {
            promise,
            threshold,
            attempts: Ring::new(rows, Attempts::default()),
            counts: Ring::new(rows, Counts::default()),
        }
    }

    /// Takes an attempt at its own time, with its score before calibration.
    pub fn observe_attempt(&mut self, score: f32) {
        let is_alarmed = self.threshold <= score;
        let attempts = self.attempts.next_row();
        attempts.all += 1;
        attempts.alarmed += u64::from(is_alarmed);
    }

    /// Takes an attempt whose label has become known, with its score at the time of the attempt, before calibration.
    pub fn observe_label(&mut self, attempt: Scored) {
        let is_alarmed = self.threshold <= attempt.score;
        let counts = self.counts.next_row();
        let count = match (is_alarmed, attempt.is_fraud) {
            (true, true) => &mut counts.alarmed_frauds,
            (true, false) => &mut counts.alarmed_goods,
            (false, true) => &mut counts.missed_frauds,
            (false, false) => &mut counts.passed_goods,
        };
        *count += attempt.weight;
    }

    pub fn report(&self) -> ResultsReport {
        let mut sum = Counts::default();
        for slot in self.counts.slots() {
            sum.alarmed_frauds += slot.alarmed_frauds;
            sum.alarmed_goods += slot.alarmed_goods;
            sum.missed_frauds += slot.missed_frauds;
            sum.passed_goods += slot.passed_goods;
        }
        let goods = sum.alarmed_goods + sum.passed_goods;
        let frauds = sum.alarmed_frauds + sum.missed_frauds;
        let alarms = sum.alarmed_frauds + sum.alarmed_goods;
        let promise = &self.promise;
        ResultsReport {
            rows: self.counts.rows(),
            alarms: self.alarms(),
            false_alarms: deviation(promise.false_alarm_share, sum.alarmed_goods, goods),
            recall: loss(promise.recall, sum.alarmed_frauds, frauds),
            precision: loss(promise.precision, sum.alarmed_frauds, alarms),
        }
    }

    fn alarms(&self) -> Outcome {
        let slots = || self.attempts.slots();
        let all = slots().map(|slot| slot.all).sum::<u64>() as f64;
        let alarmed = slots().map(|slot| slot.alarmed).sum::<u64>() as f64;
        match self.promise.alarm_share {
            Some(share) => deviation(share, alarmed, all),
            None => Outcome::too_few(None, alarmed, all),
        }
    }
}

/// Both too many and too few alarms are a deviation: with too few, frauds go through that the budget would catch.
fn deviation(promised: f64, alarmed: f64, all: f64) -> Outcome {
    // Rare events need many attempts: as many as would bring the least number of alarms.
    if all * promised < LABELLED_MIN {
        return Outcome::too_few(Some(promised), alarmed, all);
    }
    let realised = alarmed / all;
    let deviation = (realised - promised).abs();
    let is_chance = deviation <= STANDARD_ERRORS * standard_error(promised, all);
    let standing = if is_chance || deviation < ALARMS_WATCH * promised {
        Standing::Fine
    } else if deviation < ALARMS_ALARM * promised {
        Standing::Watch
    } else {
        Standing::Alarm
    };
    Outcome {
        realised: Some(realised),
        promised: Some(promised),
        standing,
    }
}

fn loss(promised: Option<f64>, part: f64, whole: f64) -> Outcome {
    let Some(share) = promised.filter(|_| LABELLED_MIN <= whole) else {
        return Outcome::too_few(promised, part, whole);
    };
    let realised = part / whole;
    let loss = share - realised;
    let is_chance = loss <= STANDARD_ERRORS * standard_error(share, whole);
    let standing = if is_chance || loss < LOSS_WATCH {
        Standing::Fine
    } else if loss < LOSS_ALARM {
        Standing::Watch
    } else {
        Standing::Alarm
    };
    Outcome {
        realised: Some(realised),
        promised,
        standing,
    }
}

impl Outcome {
    fn too_few(promised: Option<f64>, part: f64, whole: f64) -> Outcome {
        Outcome {
            realised: (0.0 < whole).then(|| part / whole),
            promised,
            standing: Standing::TooFew,
        }
    }
}

fn standard_error(share: f64, count: f64) -> f64 {
    (share * (1.0 - share) / count).sqrt()
}

impl ResultsReport {
    /// The worst of all.
    pub fn standing(&self) -> Standing {
        let outcomes = [self.alarms, self.false_alarms, self.recall, self.precision];
        let standings = outcomes.map(|outcome| outcome.standing);
        standings.into_iter().fold(Standing::TooFew, Standing::max)
    }
}

#[cfg(test)]
mod tests;
