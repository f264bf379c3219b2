//! How a model is trained. The same settings serve every stream.

use serde::{Deserialize, Serialize};

use super::Algorithm;
use super::limits::{DEPTH_MAX, ROWS_MAX, TREES_MAX};
use super::threshold::{Budget, Costs};

/// Fewest frauds, and fewest good rows, from which trees are grown.
pub const EXAMPLES_MIN: usize = 20;
/// Fewest frauds, and fewest good rows, by which trees are judged.
pub const JUDGES_MIN: usize = 10;
/// Threads of a training at most.
pub const THREADS_MAX: usize = 64;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub algorithm: Algorithm,
    /// Trees at most; fewer if more do not help.
    pub trees_max: usize,
    /// How many trees are grown in vain before no more are grown.
    pub patience: usize,
    /// How much of a tree's advice is taken, above 0 and at most 1.
    pub learning_rate: f64,
    /// Splits from root to leaf.
    pub depth: usize,
    /// Least weight of rows in a leaf, as the sum of p (1 - p) over them. Rows whose score is nearly sure weigh next to
    /// nothing, so with much more than this they are no longer told apart.
    pub leaf_weight_min: f64,
    /// Penalty on large leaf values.
    pub l2: f64,
    /// Share of the rows that each tree sees.
    pub row_share: f64,
    /// Share of the features that each tree sees.
    pub feature_share: f64,
    /// Limits tried per feature. Measured: 1,024 instead of 256 find seven frauds in a hundred more at 0.1 % false alarms.
    pub bins: u16,
    pub imbalance: Imbalance,
    /// Good rows that trees are grown from at most. Of more, an even share is drawn, and each counts for those left out.
    pub good_rows_max: usize,
    /// The newest share of the rows, by which trees are judged, calibrated, and thresholds set; they are not grown from it.
    pub validation_share: f64,
    pub last: LastRows,
    pub threads: usize,
    /// How many good attempts may be alarmed.
    pub budget: Budget,
    /// What alarms and missed frauds cost.
    pub costs: Costs,
}

/// What is done about frauds being few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Imbalance {
    /// Nothing: the order of scores needs no more, and calibration less.
    Plain,
    /// Frauds count more, by the root of how many good rows there are for each.
    SquareRoot,
    /// Frauds and good rows count the same together.
    Balanced,
}

/// What becomes of the newest rows once they have judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastRows {
    /// They only judge. The thresholds then belong to exactly these trees, which know nothing of the newest frauds.
    JudgeOnly,
    /// The trees are grown again, as many as were best, from all rows. What was measured is then that of trees which are
    /// a little older than those that serve.
    GrowAgain,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            algorithm: Algorithm::Hessboost,
            trees_max: 500,
            patience: 40,
            learning_rate: 0.05,
            depth: 6,
            leaf_weight_min: 0.5,
            l2: 2.0,
            row_share: 0.8,
            feature_share: 0.7,
            bins: 1_024,
            imbalance: Imbalance::Plain,
            good_rows_max: 2_000_000,
            validation_share: 0.2,
            last: LastRows::GrowAgain,
            threads: 1,
            budget: Budget::default(),
            costs: Costs::default(),
        }
    }
}

/// A setting, and what it may be.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{name} is {value}; it must be {least} to {most}")]
pub struct SettingRefusal {
    pub name: &'static str,
    pub value: f64,
    pub least: f64,
    pub most: f64,
}

/// Refuses the first setting that is not within its bounds, or not a number.
pub fn check_bounds(settings: &[(&'static str, f64, f64, f64)]) -> Result<(), SettingRefusal> {
    for &(name, value, least, most) in settings {
        if !(least <= value && value <= most) {
            return Err(SettingRefusal {
                name,
                value,
                least,
                most,
            });
        }
    }
    Ok(())
}

/// The smallest share that is not nothing.
pub const SHARE_MIN: f64 = 1e-6;
const PENALTY_MAX: f64 = 1e6;
const BINS_MAX: f64 = 4_096.0;

impl Settings {
    pub fn check(&self) -> Result<(), SettingRefusal> {
        let (trees, depth, threads) = (TREES_MAX as f64, DEPTH_MAX as f64, THREADS_MAX as f64);
        let rows = ROWS_MAX as f64;
        check_bounds(&[
            ("trees_max", self.trees_max as f64, 1.0, trees),
            ("patience", self.patience as f64, 1.0, trees),
            ("learning_rate", self.learning_rate, SHARE_MIN, 1.0),
            ("depth", self.depth as f64, 1.0, depth / 2.0),
            ("leaf_weight_min", self.leaf_weight_min, 0.0, PENALTY_MAX),
            ("l2", self.l2, 0.0, PENALTY_MAX),
            ("row_share", self.row_share, SHARE_MIN, 1.0),
            ("feature_share", self.feature_share, SHARE_MIN, 1.0),
            ("bins", f64::from(self.bins), 2.0, BINS_MAX),
            ("good_rows_max", self.good_rows_max as f64, 1.0, rows),
            ("validation_share", self.validation_share, 0.05, 0.5),
            ("threads", self.threads as f64, 1.0, threads),
        ])?;
        self.budget.check()?;
        self.costs.check()
    }
}
