//! From a score to what is done: by a budget of false alarms, or by what alarms and missed frauds cost.

use serde::{Deserialize, Serialize};

use super::quality::Ranking;
use super::settings::{SHARE_MIN, SettingRefusal, check_bounds};
use crate::verdict::Verdict;

/// The shares of good attempts that may be alarmed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Challenged or worse.
    pub alarm_share: f64,
    /// Reviewed or blocked.
    pub review_share: f64,
    /// Blocked.
    pub block_share: f64,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            alarm_share: 0.005,
            review_share: 0.002,
            block_share: 0.001,
        }
    }
}

impl Budget {
    /// What is milder may happen to no fewer than what is worse.
    pub fn check(&self) -> Result<(), SettingRefusal> {
        check_bounds(&[
            ("alarm_share", self.alarm_share, SHARE_MIN, 0.5),
            ("review_share", self.review_share, 0.0, self.alarm_share),
            ("block_share", self.block_share, 0.0, self.review_share),
        ])
    }
}

/// Scores before calibration from which something is done. Calibration makes steps, on which many scores would meet one
/// threshold together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    pub challenge: f32,
    pub review: f32,
    pub block: f32,
}

impl Thresholds {
    /// The lowest thresholds that keep a budget on rows whose labels are known.
    pub fn within(budget: &Budget, ranking: &Ranking) -> Thresholds {
        Thresholds {
            challenge: ranking.threshold_at(budget.alarm_share),
            review: ranking.threshold_at(budget.review_share),
            block: ranking.threshold_at(budget.block_share),
        }
    }

    pub fn is_ordered(&self) -> bool {
        0.0 <= self.challenge && self.challenge <= self.review && self.review <= self.block
    }

    /// What a score before calibration asks for.
    pub fn level(&self, score: f32) -> Verdict {
        if self.block <= score {
            Verdict::Block
        } else if self.review <= score {
            Verdict::Review
        } else if self.challenge <= score {
            Verdict::Challenge
        } else {
            Verdict::Allow
        }
    }
}

/// The most that anything costs, in minor units.
const COST_MAX: f64 = 1e12;

/// What wrong answers cost, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Of a missed fraud, for each minor unit of its amount.
    pub missed_per_amount: f64,
    /// Of a challenge to anybody: payers who give up.
    pub challenge: f64,
    /// Of a person's time for one review, and of the wait.
    pub review: f64,
    /// Of blocking a good attempt.
    pub false_block: f64,
    /// The share of frauds that a challenge stops.
    pub challenge_stops: f64,
    /// The share of frauds that a review stops, not less than what a challenge stops.
    pub review_stops: f64,
}

impl Default for Costs {
    fn default() -> Costs {
        Costs {
            missed_per_amount: 1.0,
            challenge: 20.0,
            review: 200.0,
            false_block: 1_500.0,
            challenge_stops: 0.8,
            review_stops: 0.95,
        }
    }
}

/// Calibrated probabilities from which the costs speak for doing something, for one amount.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutoffs {
    pub challenge: f64,
    pub review: f64,
    pub block: f64,
}

impl Costs {
    pub fn check(&self) -> Result<(), SettingRefusal> {
        let stops = self.challenge_stops;
        check_bounds(&[
            ("missed_per_amount", self.missed_per_amount, 0.0, COST_MAX),
            ("challenge", self.challenge, 0.0, COST_MAX),
            ("review", self.review, 0.0, COST_MAX),
            ("false_block", self.false_block, 0.0, COST_MAX),
            ("challenge_stops", stops, 0.0, 1.0),
            ("review_stops", self.review_stops, stops, 1.0),
        ])
    }

    /// What is cheapest to expect for an attempt of this probability of fraud and amount in minor units. Of two that cost
    /// the same, the milder.
    pub fn level(&self, probability: f64, amount: i64) -> Verdict {
        let costs = self.lines(amount).map(|line| line.at(probability));
        let mut cheapest = 0;
        for candidate in 1..costs.len() {
            if costs[candidate] < costs[cheapest] {
                cheapest = candidate;
            }
        }
        Verdict::ALL[cheapest]
    }

    /// Where one answer becomes cheaper than all that are milder. What is nowhere the cheapest starts where the next
    /// stronger one does.
    pub fn cutoffs(&self, amount: i64) -> Cutoffs {
        let lines = self.lines(amount);
        // Above which probability a line is below each milder one; more than 1 if never.
        let starts = |stronger: usize| {
            let above = |milder: usize| lines[stronger].falls_below(&lines[milder]);
            (0..stronger).map(above).fold(0.0, f64::max)
        };
        let block = starts(3);
        let review = starts(2).min(block);
        let challenge = starts(1).min(review);
        Cutoffs {
            challenge,
            review,
            block,
        }
    }

    fn lines(&self, amount: i64) -> [Line; 4] {
        let missed = self.missed_per_amount * amount.max(0) as f64;
        let line = |fixed: f64, per_fraud: f64| Line { fixed, per_fraud };
        [
            line(0.0, missed),
            line(self.challenge, missed * (1.0 - self.challenge_stops)),
            line(self.review, missed * (1.0 - self.review_stops)),
            line(self.false_block, -self.false_block),
        ]
    }
}

/// What an answer costs, as a line over the probability of fraud.
#[derive(Clone, Copy)]
struct Line {
    fixed: f64,
    per_fraud: f64,
}

impl Line {
    fn at(&self, probability: f64) -> f64 {
        self.fixed + self.per_fraud * probability
    }

    /// The probability above which this line is below another; 2 if there is none.
    fn falls_below(&self, other: &Line) -> f64 {
        let (dearer, steeper) = (self.fixed - other.fixed, other.per_fraud - self.per_fraud);
        if dearer < 0.0 {
            0.0
        } else if steeper <= 0.0 {
            2.0
        } else {
            (dearer / steeper).min(2.0)
        }
    }
}

#[cfg(test)]
mod tests;
