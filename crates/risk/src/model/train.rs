//! Training: from rows whose labels were known at one moment to trees with calibration, thresholds and a report.
//!
//! The newest rows judge. What they judge is grown from what was known before the first of them was attempted, so that the
//! delay of labels is part of the measurement. Thresholds are about good attempts alone, of which a budget of one in a
//! thousand leaves few among the newest; where the trees are grown again they rest on all rows, each part of them scored by
//! trees that were grown without it.

mod grow;

use std::collections::HashSet;

use ids::time::Timestamp;

use super::calibration::Calibration;
use super::data::{Known, Label};
use super::drift::{Histogram, Reference};
use super::quality::{Ranking, Scored};
use super::report::{Quality, Report, Rows, calibration_table};
use super::settings::{EXAMPLES_MIN, JUDGES_MIN, LastRows, SettingRefusal, Settings};
use super::threshold::Thresholds;
use super::{Algorithm, Model, TreesRefusal};
use grow::{Grown, grow, grow_rounds};

/// Rows from which the spread of values is taken.
const REFERENCE_ROWS_MAX: usize = 200_000;

/// What a training brings forth.
pub struct Trained {
    pub algorithm: Algorithm,
    pub model: Box<dyn Model>,
    /// The trees as [`super::decode_trees`] takes them.
    pub trees: Vec<u8>,
    pub calibration: Calibration,
    pub thresholds: Thresholds,
    /// How values and scores were spread, for [`super::drift`].
    pub reference: Reference,
    pub report: Report,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainingRefusal {
    #[error("a setting does not hold: {0}")]
    Setting(#[from] SettingRefusal),
    #[error(
        "too little to learn from: {frauds} frauds and {goods} good rows to grow trees from, of each {EXAMPLES_MIN} are needed; \
         wait for labels or take a longer period"
    )]
    TooFewExamples { frauds: usize, goods: usize },
    #[error(
        "too little to judge by: {frauds} frauds and {goods} good rows in the newest part, of each {JUDGES_MIN} are needed; \
         wait for labels, or raise validation_share"
    )]
    TooFewJudges { frauds: usize, goods: usize },
    #[error("the trees could not be grown: {reason}")]
    Growing { reason: String },
    #[error("the grown trees do not hold: {0}")]
    Trees(#[from] TreesRefusal),
}

/// Trains a model. The same rows, settings and seed give the same bytes, on any number of threads.
pub fn train(known: &Known, settings: &Settings, seed: u64) -> Result<Trained, TrainingRefusal> {
    settings.check()?;
    let split = Split::of(known, settings)?;
    let first = grow(known.set(), &split.earlier, &split.judges, settings, seed)?;
    let scored = score(known, &split.judges, first.model.as_ref());
    let ranking = Ranking::new(scored.clone());
    let rounds = first.rounds;
    let (last, crossed) = match settings.last {
        LastRows::JudgeOnly => (None, None),
        LastRows::GrowAgain => (
            Some(grow_rounds(
                known.set(),
                known.rows(),
                rounds,
                settings,
                seed,
            )?),
            cross_fitted(known, rounds, settings, seed)?,
        ),
    };
    let thresholds = Thresholds::within(&settings.budget, crossed.as_ref().unwrap_or(&ranking));
    let calibration = Calibration::fit(&scored);
    let reference = reference(known, known.judging_rows(), &scored);
    let grown = last.unwrap_or(first);
    let report = Report {
        settings: settings.clone(),
        seed,
        trained_at_ms: known.moment().0,
        known: rows_of(known, known.rows()),
        grown: rows_of(known, &split.earlier),
        judged: rows_of(known, &split.judges),
        unknown: known.unknown(),
        trees: grown.rounds,
        quality: Quality::of(&ranking, &thresholds),
        calibration: calibration_table(&scored, &calibration),
        importance: grown.importance.clone(),
    };
    let Grown { model, bytes, .. } = grown;
    Ok(Trained {
        algorithm: settings.algorithm,
        model,
        trees: bytes,
        calibration,
        thresholds,
        reference,
        report,
    })
}

/// Parts of the rows by time that are scored by trees grown from the others.
const PARTS: usize = 4;

/// All judging rows, each scored by trees that did not see the part of the time from which it is. None if some part holds
/// so much of what is known that the rest is too little to learn from.
fn cross_fitted(
    known: &Known,
    rounds: usize,
    settings: &Settings,
    seed: u64,
) -> Result<Option<Ranking>, TrainingRefusal> {
    let rows = known.judging_rows();
    let mut scored = Vec::with_capacity(rows.len());
    for part in rows.chunks(rows.len().div_ceil(PARTS).max(1)) {
        let apart: HashSet<usize> = part.iter().copied().collect();
        let others: Vec<usize> = known
            .rows()
            .iter()
            .copied()
            .filter(|row| !apart.contains(row))
            .collect();
        let (frauds, goods) = count(known, &others);
        if frauds < EXAMPLES_MIN || goods < EXAMPLES_MIN {
            return Ok(None);
        }
        let grown = grow_rounds(known.set(), &others, rounds, settings, seed)?;
        scored.extend(score(known, part, grown.model.as_ref()));
    }
    Ok(Some(Ranking::new(scored)))
}

/// Rows by time: those that trees are grown from, and those that judge.
struct Split {
    earlier: Vec<usize>,
    judges: Vec<usize>,
}

impl Split {
    fn of(known: &Known, settings: &Settings) -> Result<Split, TrainingRefusal> {
        let rows = known.judging_rows();
        let judges = (rows.len() as f64 * settings.validation_share) as usize;
        let set = known.set();
        let first = rows
            .get(rows.len().saturating_sub(judges.max(1)))
            .map_or(Timestamp(0), |row| set.example(*row).attempted_at);
        let judges_from = rows.partition_point(|row| set.example(*row).attempted_at < first);
        let is_known = |row: &usize| set.example(*row).label_known_at <= first;
        let earlier: Vec<usize> = rows[..judges_from]
            .iter()
            .copied()
            .filter(is_known)
            .collect();
        let judges = rows[judges_from..].to_vec();
        let (frauds, goods) = count(known, &earlier);
        if frauds < EXAMPLES_MIN || goods < EXAMPLES_MIN {
            return Err(TrainingRefusal::TooFewExamples { frauds, goods });
        }
        let (frauds, goods) = count(known, &judges);
        if frauds < JUDGES_MIN || goods < JUDGES_MIN {
            return Err(TrainingRefusal::TooFewJudges { frauds, goods });
        }
        Ok(Split { earlier, judges })
    }
}

/// Frauds and good rows.
fn count(known: &Known, rows: &[usize]) -> (usize, usize) {
    let is_fraud = |row: &&usize| known.set().example(**row).label == Label::Fraud;
    let frauds = rows.iter().filter(is_fraud).count();
    (frauds, rows.len() - frauds)
}

fn rows_of(known: &Known, rows: &[usize]) -> Rows {
    let example = |row: &usize| known.set().example(*row);
    Rows {
        rows: rows.len(),
        frauds: count(known, rows).0,
        weight: rows.iter().map(|row| f64::from(example(row).weight)).sum(),
        first_attempt_ms: rows.first().map_or(0, |row| example(row).attempted_at.0),
        last_attempt_ms: rows.last().map_or(0, |row| example(row).attempted_at.0),
    }
}

fn score(known: &Known, rows: &[usize], model: &dyn Model) -> Vec<Scored> {
    let score = |row: &usize| {
        let example = known.set().example(*row);
        Scored {
            score: model.score(known.set().values(*row)),
            is_fraud: example.label == Label::Fraud,
            weight: f64::from(example.weight),
        }
    };
    rows.iter().map(score).collect()
}

/// How the values of rows and some scores are spread, from an even choice of the rows.
pub fn reference(known: &Known, rows: &[usize], scored: &[Scored]) -> Reference {
    let step = rows.len().div_ceil(REFERENCE_ROWS_MAX).max(1);
    let set = known.set();
    let spread = |feature: usize| {
        let weighed = |row: &usize| {
            let weight = f64::from(set.example(*row).weight);
            (set.values(*row)[feature], weight)
        };
        let values: Vec<(f32, f64)> = rows.iter().step_by(step).map(weighed).collect();
        Histogram::of(&values)
    };
    let scores: Vec<(f32, f64)> = scored.iter().map(|row| (row.score, row.weight)).collect();
    Reference {
        features: (0..set.features().len()).map(spread).collect(),
        scores: Histogram::of(&scores),
    }
}

#[cfg(test)]
mod tests;
