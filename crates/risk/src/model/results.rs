//! Drift of results: whether a model still does what its training promised.

use super::quality::Scored;
use super::report::Quality;
use super::threshold::Budget;
use super::window::{Ring, Standing};

/// From this deviation of the share of false alarms from the budget on, as a part of the budget, somebody should look.
pub const FALSE_ALARMS_WATCH: f64 = 0.15;
/// From this one on, thresholds have to be set anew.
pub const FALSE_ALARMS_ALARM: f64 = 0.3;
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
    pub recall: Option<f64>,
    pub precision: Option<f64>,
}

impl Promise {
    pub fn new(budget: &Budget, quality: Option<&Quality>) -> Promise {
        Promise {
            false_alarm_share: budget.alarm_share,
            recall: quality.and_then(|quality| quality.recall),
            precision: quality.and_then(|quality| quality.precision),
        }
    }
}

/// Counts the newest labelled attempts, each when its label comes.
#[derive(Clone, Debug)]
pub struct Results {
    promise: Promise,
    /// The score from which something was done.
    threshold: f32,
    counts: Ring<Counts>,
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
    pub false_alarms: Outcome,
    pub recall: Outcome,
    pub precision: Outcome,
}

impl Results {
    /// Watches about the newest `rows` labelled attempts of a model that does something from a score on.
    pub fn new(promise: Promise, threshold: f32, rows: u64) -> Results {
        Results {
            promise,
            threshold,
            counts: Ring::new(rows, Counts::default()),
        }
    }

    /// Takes an attempt whose label has become known, with its score at the time of the attempt, before calibration.
    pub fn observe(&mut self, attempt: Scored) {
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
            false_alarms: false_alarms(promise.false_alarm_share, sum.alarmed_goods, goods),
            recall: loss(promise.recall, sum.alarmed_frauds, frauds),
            precision: loss(promise.precision, sum.alarmed_frauds, alarms),
        }
    }
}

/// Both too many and too few false alarms are a deviation: with too few, frauds go through that the budget would catch.
fn false_alarms(budget: f64, alarmed: f64, goods: f64) -> Outcome {
    // Rare events need many attempts: as many as would bring the least number of alarms.
    if goods * budget < LABELLED_MIN {
        return Outcome::too_few(Some(budget), alarmed, goods);
    }
    let realised = alarmed / goods;
    let deviation = (realised - budget).abs();
    let is_chance = deviation <= STANDARD_ERRORS * standard_error(budget, goods);
    let standing = if is_chance || deviation < FALSE_ALARMS_WATCH * budget {
        Standing::Fine
    } else if deviation < FALSE_ALARMS_ALARM * budget {
        Standing::Watch
    } else {
        Standing::Alarm
    };
    Outcome {
        realised: Some(realised),
        promised: Some(budget),
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
        let others = self.recall.standing.max(self.precision.standing);
        self.false_alarms.standing.max(others)
    }
}

#[cfg(test)]
mod tests;
