//! How well scores tell fraud from good: the figures by which models are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::quality::{Ranking, Scored};

/// One attempt with the score it got and what it turned out to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    pub score: f32,
    pub is_fraud: bool,
    /// The day of the attempt, for figures per day.
    pub day: i64,
    /// Who paid, for figures per payer; attempts without one count each for itself.
    pub payer: Option<u64>,
    /// The kind of fraud; 0 for good attempts.
    pub scenario: u32,
}

/// Shares of good attempts that may be flagged, at which recall is given.
pub const FALSE_ALARM_SHARES: [f64; 3] = [0.001, 0.005, 0.01];

/// The most suspicious payers of a day whose precision is given.
pub const PAYERS_A_DAY: usize = 100;

/// Figures between 0 and 1; NaN where there is nothing to tell apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub attempts: usize,
    pub frauds: usize,
    pub auc: f64,
    pub average_precision: f64,
    /// For each of [`FALSE_ALARM_SHARES`].
    pub recall: [f64; 3],
    /// Among the [`PAYERS_A_DAY`] payers with the highest score of each day, those with a fraud that day; the mean of days.
    pub payer_precision: f64,
}

/// One line of `name: value unit` for each figure.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "tested: {} payments", self.attempts)?;
        writeln!(f, "frauds: {} payments", self.frauds)?;
        writeln!(f, "AUC: {:.4}", self.auc)?;
        writeln!(f, "average precision: {:.4}", self.average_precision)?;
        for (share, recall) in FALSE_ALARM_SHARES.iter().zip(self.recall) {
            let (share, recall) = (share * 100.0, recall * 100.0);
            writeln!(f, "recall at {share} % false alarms: {recall:.2} %")?;
        }
        let precision = self.payer_precision * 100.0;
        write!(
            f,
            "precision of the {PAYERS_A_DAY} most suspicious payers a day: {precision:.2} %"
        )
    }
}

/// The figures of all attempts.
pub fn figures(judged: &[Judged]) -> Figures {
    let ranking = Ranking::new(judged.iter().map(scored).collect());
    let or_nan = |figure: Option<f64>| figure.unwrap_or(f64::NAN);
    Figures {
        attempts: judged.len(),
        frauds: judged.iter().filter(|one| one.is_fraud).count(),
        auc: or_nan(ranking.auc()),
        average_precision: or_nan(ranking.average_precision()),
        recall: FALSE_ALARM_SHARES.map(|share| or_nan(ranking.recall_at(share))),
        payer_precision: payer_precision(judged),
    }
}

/// A score that is not a number counts as the lowest.
fn scored(one: &Judged) -> Scored {
    let score = match one.score.is_nan() {
        true => f32::NEG_INFINITY,
        false => one.score,
    };
    Scored {
        score,
        is_fraud: one.is_fraud,
        weight: 1.0,
    }
}

/// The figures of each kind of fraud against all good attempts.
pub fn by_scenario(judged: &[Judged]) -> BTreeMap<u32, Figures> {
    let frauds = judged.iter().filter(|one| one.is_fraud);
    let scenarios: BTreeSet<u32> = frauds.map(|one| one.scenario).collect();
    let of = |scenario: u32| {
        let belongs = |one: &&Judged| !one.is_fraud || one.scenario == scenario;
        let chosen: Vec<Judged> = judged.iter().filter(belongs).copied().collect();
        (scenario, figures(&chosen))
    };
    scenarios.into_iter().map(of).collect()
}

/// The payers of one day: whether the payer has a name and which, with the highest score and whether any was fraud.
type Payers = BTreeMap<(bool, u64), (f32, bool)>;

fn payer_precision(judged: &[Judged]) -> f64 {
    // Each payer's highest score and whether any attempt was fraud, per day; those without a name by their place.
    let mut days: BTreeMap<i64, Payers> = BTreeMap::new();
    for (place, one) in judged.iter().enumerate() {
        let payer = match one.payer {
            Some(payer) => (true, payer),
            None => (false, place as u64),
        };
        let day = days.entry(one.day).or_default();
        let (score, is_fraud) = day.entry(payer).or_insert((f32::NEG_INFINITY, false));
        *score = score.max(one.score);
        *is_fraud |= one.is_fraud;
    }
    let count = days.len() as f64;
    let precision = |payers: Payers| {
        let mut payers: Vec<(f32, bool)> = payers.into_values().collect();
        // Among equal scores the good come first: no figure may gain from a tie.
        payers.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        payers.truncate(PAYERS_A_DAY);
        let hits = payers.iter().filter(|(_, is_fraud)| *is_fraud).count();
        hits as f64 / payers.len() as f64
    };
    days.into_values().map(precision).sum::<f64>() / count
}

#[cfg(test)]
mod tests;
