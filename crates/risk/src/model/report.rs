//! What a training saw and how good its outcome is, on rows later than those that trees were grown from.

use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::quality::{Ranking, Scored};
use super::settings::Settings;
use super::threshold::Thresholds;

/// Rows of the calibration table.
pub const TABLE_ROWS: usize = 10;

/// Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub settings: Settings,
    pub seed: u64,
    /// The moment whose knowledge was used.
    pub trained_at_ms: i64,
    /// Everything that was known then.
    pub known: Rows,
    /// What the judged trees were grown from.
    pub grown: Rows,
    /// Later than `grown`: what judged them.
    pub judged: Rows,
    /// Rows whose label was not known yet. They were not touched.
    pub unknown: usize,
    pub trees: usize,
    pub quality: Quality,
    pub calibration: Vec<CalibrationRow>,
    /// Each feature's part in the gain of all splits, in the order of the features.
    pub importance: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    pub rows: usize,
    pub frauds: usize,
    /// How many attempts all rows stand for.
    pub weight: f64,
    pub first_attempt_ms: i64,
    pub last_attempt_ms: i64,
}

/// None where the rows do not say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    pub auc: Option<f64>,
    pub average_precision: Option<f64>,
    /// The share of frauds found when one good attempt in a thousand is alarmed.
    pub recall_at_0_1_percent: Option<f64>,
    pub recall_at_0_5_percent: Option<f64>,
    pub recall_at_1_percent: Option<f64>,
    /// The share of all attempts from the lowest threshold on.
    pub alarm_share: Option<f64>,
    /// The share of good attempts from the lowest threshold on.
    pub false_alarm_share: Option<f64>,
    /// The share of frauds from the lowest threshold on.
    pub recall: Option<f64>,
    /// The share of frauds among the attempts from the lowest threshold on.
    pub precision: Option<f64>,
}

/// Attempts of neighbouring scores: what was said and what came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRow {
    pub weight: f64,
    pub mean_probability: f64,
    pub fraud_share: f64,
}

impl Quality {
    pub fn of(ranking: &Ranking, thresholds: &Thresholds) -> Quality {
        let from = thresholds.challenge;
        let (frauds, goods) = (ranking.frauds(), ranking.goods());
        let (recall, false_alarm_share) =
            (ranking.recall_from(from), ranking.false_alarm_share(from));
        let alarmed = frauds * recall.unwrap_or(0.0) + goods * false_alarm_share.unwrap_or(0.0);
        Quality {
            auc: ranking.auc(),
            average_precision: ranking.average_precision(),
            recall_at_0_1_percent: ranking.recall_at(0.001),
            recall_at_0_5_percent: ranking.recall_at(0.005),
            recall_at_1_percent: ranking.recall_at(0.01),
            alarm_share: (0.0 < frauds + goods).then(|| alarmed / (frauds + goods)),
            false_alarm_share,
            recall,
            precision: ranking.precision_from(from),
        }
    }
}

/// Rows in the order of their scores, in parts of the same weight of frauds, so that the few high scores are seen as well
/// as the many low ones.
pub fn calibration_table(rows: &[Scored], calibration: &Calibration) -> Vec<CalibrationRow> {
    let mut sorted: Vec<&Scored> = rows.iter().collect();
    sorted.sort_by(|one, other| one.score.total_cmp(&other.score));
    let weight_of = |row: &Scored| if row.is_fraud { row.weight } else { 0.0 };
    let part: f64 = rows.iter().map(weight_of).sum::<f64>() / TABLE_ROWS as f64;
    let mut table = Vec::new();
    let (mut weight, mut said, mut frauds) = (0.0, 0.0, 0.0);
    for (place, row) in sorted.iter().enumerate() {
        weight += row.weight;
        said += row.weight * calibration.apply(row.score);
        frauds += weight_of(row);
        let is_last = place + 1 == sorted.len();
        if is_last || (part <= frauds && table.len() + 1 < TABLE_ROWS) {
            table.push(CalibrationRow {
                weight,
                mean_probability: said / weight,
                fraud_share: frauds / weight,
            });
            (weight, said, frauds) = (0.0, 0.0, 0.0);
        }
    }
    table
}
