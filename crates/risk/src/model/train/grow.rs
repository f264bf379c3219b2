//! Trees from rows, by either crate.

use std::num::NonZeroUsize;

use forust_ml::metric::Metric;
use forust_ml::objective::ObjectiveType;
use forust_ml::sampler::SampleMethod;
use forust_ml::{GradientBooster, Matrix};
use hessboost::config::{TrainingParams, TreeMethod};
use hessboost::data::DMatrix;
use hessboost::error::HessboostError;
use hessboost::metric::EvalMetric;
use hessboost::objective::{Objective, RegLoss};
use hessboost::training::Trainer;

use super::TrainingRefusal;
use crate::model::data::{Label, TrainingSet};
use crate::model::forust::ForustModel;
use crate::model::hess::HessboostModel;
use crate::model::settings::{Imbalance, Settings};
use crate::model::{Algorithm, Model};

pub struct Grown {
    pub model: Box<dyn Model>,
    pub bytes: Vec<u8>,
    pub rounds: usize,
    pub importance: Vec<f64>,
}

/// Grows trees until judges say that more do not help.
pub fn grow(
    set: &TrainingSet,
    rows: &[usize],
    judges: &[usize],
    settings: &Settings,
    seed: u64,
) -> Result<Grown, TrainingRefusal> {
    let sample = Sample::thinned(set, rows, settings, seed);
    let mut judges = Sample::of(set, judges);
    judges.lift_frauds(sample.fraud_factor(settings.imbalance));
    sample.grow(settings, settings.trees_max, Some(&judges), seed)
}

/// Grows a number of trees.
pub fn grow_rounds(
    set: &TrainingSet,
    rows: &[usize],
    rounds: usize,
    settings: &Settings,
    seed: u64,
) -> Result<Grown, TrainingRefusal> {
    Sample::thinned(set, rows, settings, seed).grow(settings, rounds, None, seed)
}

/// Rows as both crates want them.
struct Sample<'a> {
    set: &'a TrainingSet,
    rows: Vec<usize>,
    weights: Vec<f32>,
}

impl<'a> Sample<'a> {
    fn of(set: &'a TrainingSet, rows: &[usize]) -> Sample<'a> {
        Sample {
            set,
            rows: rows.to_vec(),
            weights: rows.iter().map(|row| set.example(*row).weight).collect(),
        }
    }

    /// All frauds, and no more good rows than the settings allow.
    fn thinned(set: &'a TrainingSet, rows: &[usize], settings: &Settings, seed: u64) -> Sample<'a> {
        let is_good = |row: &usize| set.example(*row).label == Label::Good;
        let goods = rows.iter().filter(|row| is_good(row)).count();
        let share = (settings.good_rows_max as f64 / goods as f64).min(1.0);
        let stays = |row: &usize| !is_good(row) || share == 1.0 || draw(seed, *row) < share;
        let kept: Vec<usize> = rows.iter().copied().filter(stays).collect();
        let kept_goods = kept.iter().filter(|row| is_good(row)).count();
        let mut sample = Sample::of(set, &kept);
        if kept_goods < goods {
            let stands_for = goods as f32 / kept_goods.max(1) as f32;
            for (row, weight) in sample.rows.iter().zip(&mut sample.weights) {
                *weight *= if is_good(row) { stands_for } else { 1.0 };
            }
        }
        let factor = sample.fraud_factor(settings.imbalance);
        sample.lift_frauds(factor);
        sample
    }

    fn is_fraud(&self, place: usize) -> bool {
        self.set.example(self.rows[place]).label == Label::Fraud
    }

    /// By how much more frauds are to count.
    fn fraud_factor(&self, imbalance: Imbalance) -> f32 {
        let (mut frauds, mut goods) = (0.0, 0.0);
        for (place, weight) in self.weights.iter().enumerate() {
            if self.is_fraud(place) {
                frauds += f64::from(*weight);
            } else {
                goods += f64::from(*weight);
            }
        }
        let goods_per_fraud = (goods / frauds).max(1.0);
        match imbalance {
            Imbalance::Plain => 1.0,
            Imbalance::SquareRoot => goods_per_fraud.sqrt() as f32,
            Imbalance::Balanced => goods_per_fraud as f32,
        }
    }

    fn lift_frauds(&mut self, factor: f32) {
        for place in 0..self.rows.len() {
            if self.is_fraud(place) {
                self.weights[place] *= factor;
            }
        }
    }

    fn labels(&self) -> Vec<f32> {
        let label = |place| if self.is_fraud(place) { 1.0 } else { 0.0 };
        (0..self.rows.len()).map(label).collect()
    }

    fn grow(
        &self,
        settings: &Settings,
        rounds: usize,
        judges: Option<&Sample>,
        seed: u64,
    ) -> Result<Grown, TrainingRefusal> {
        match settings.algorithm {
            Algorithm::Hessboost => self.grow_hessboost(settings, rounds, judges, seed),
            Algorithm::Forust => self.grow_forust(settings, rounds, judges, seed),
        }
    }

    fn grow_hessboost(
        &self,
        settings: &Settings,
        rounds: usize,
        judges: Option<&Sample>,
        seed: u64,
    ) -> Result<Grown, TrainingRefusal> {
        let params = TrainingParams::builder()
            .objective(Objective::BinaryLogistic(RegLoss::default()))
            .eval_metric(EvalMetric::LogLoss)
            .tree_method(TreeMethod::Hist)
            .max_bin(usize::from(settings.bins))
            .eta(settings.learning_rate)
            .max_depth(settings.depth)
            .min_child_weight(settings.leaf_weight_min)
            .lambda(settings.l2)
            .subsample(settings.row_share)
            .colsample_bytree(settings.feature_share)
            .nthread(settings.threads)
            .seed(seed)
            .build()
            .map_err(growing)?;
        let matrix = self.matrix().map_err(growing)?;
        let judges = judges.map(Sample::matrix).transpose().map_err(growing)?;
        let mut trainer = Trainer::new(&params, &matrix, rounds);
        if let Some(judges) = &judges {
            let patience = NonZeroUsize::new(settings.patience).expect("settings were checked");
            trainer = trainer
                .eval(judges, "judges")
                .early_stopping_rounds(patience);
        }
        let mut trees = trainer.train().map_err(growing)?.model;
        if let Some(best) = trees.best_iteration() {
            trees = trees.slice(..=best, 1).map_err(growing)?;
        }
        let features = self.set.features().to_vec();
        let bytes = HessboostModel::new(features.clone(), trees)?.encode()?;
        // What was read from the bytes is what serves.
        let model = HessboostModel::decode(features, &bytes)?;
        Ok(Grown {
            bytes,
            rounds: model.trees(),
            importance: model.importance(),
            model: Box::new(model),
        })
    }

    fn matrix(&self) -> Result<DMatrix, HessboostError> {
        let width = self.set.features().len();
        let mut values = Vec::with_capacity(self.rows.len() * width);
        for row in &self.rows {
            values.extend_from_slice(self.set.values(*row));
        }
        DMatrix::from_dense_vec(values, self.rows.len(), width)?
            .with_labels(&self.labels())?
            .with_weights(&self.weights)
    }

    fn grow_forust(
        &self,
        settings: &Settings,
        rounds: usize,
        judges: Option<&Sample>,
        seed: u64,
    ) -> Result<Grown, TrainingRefusal> {
        let mut booster = GradientBooster::default()
            .set_objective_type(ObjectiveType::LogLoss)
            .set_evaluation_metric(Some(Metric::LogLoss))
            .set_iterations(rounds)
            .set_learning_rate(settings.learning_rate as f32)
            .set_max_depth(settings.depth)
            .set_min_leaf_weight(settings.leaf_weight_min as f32)
            .set_l2(settings.l2 as f32)
            .set_subsample(settings.row_share as f32)
            .set_sample_method(SampleMethod::Random)
            .set_colsample_bytree(settings.feature_share)
            .set_nbins(settings.bins)
            .set_initialize_base_score(true)
            .set_seed(seed)
            .set_parallel(1 < settings.threads)
            .set_num_threads(Some(settings.threads));
        let own = self.columns();
        let judges = judges.map(Sample::columns);
        let evaluation = judges.as_ref().map(|judges| {
            let matrix = Matrix::new(&judges.values, judges.labels.len(), own.width);
            vec![(matrix, judges.labels.as_slice(), judges.weights.as_slice())]
        });
        if evaluation.is_some() {
            booster = booster.set_early_stopping_rounds(Some(settings.patience));
        }
        let matrix = Matrix::new(&own.values, own.labels.len(), own.width);
        booster
            .fit(&matrix, &own.labels, &own.weights, evaluation)
            .map_err(growing)?;
        if let Some(best) = booster.prediction_iteration {
            booster.trees.truncate(best);
        }
        booster.evaluation_history = None;
        let features = self.set.features().to_vec();
        let bytes = ForustModel::new(features.clone(), booster)?.encode()?;
        let model = ForustModel::decode(features, &bytes)?;
        Ok(Grown {
            bytes,
            rounds: model.trees(),
            importance: model.importance(),
            model: Box::new(model),
        })
    }

    fn columns(&self) -> Columns {
        let width = self.set.features().len();
        let mut values = Vec::with_capacity(self.rows.len() * width);
        for feature in 0..width {
            let column = self.rows.iter().map(|row| self.set.values(*row)[feature]);
            values.extend(column.map(f64::from));
        }
        Columns {
            values,
            width,
            labels: self.labels().into_iter().map(f64::from).collect(),
            weights: self.weights.iter().copied().map(f64::from).collect(),
        }
    }
}

/// Rows turned into columns.
struct Columns {
    values: Vec<f64>,
    width: usize,
    labels: Vec<f64>,
    weights: Vec<f64>,
}

/// A number of 0 to 1 for a row, from the seed alone (SplitMix64).
fn draw(seed: u64, row: usize) -> f64 {
    let mut z = seed.wrapping_add(
        (row as u64)
            .wrapping_add(1)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15),
    );
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn growing(reason: impl ToString) -> TrainingRefusal {
    TrainingRefusal::Growing {
        reason: reason.to_string(),
    }
}
