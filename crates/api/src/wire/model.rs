//! Models, as the issuer's people see them: where they come from, how good they are, and how they stand.

use std::collections::BTreeMap;

use engine::risk::monitor::MonitorReport;
use engine::service::analyst::models::{Listed, Overview};
use ids::time::{Span, Timestamp};
use risk::model::artifact::{Form, ModelHash, Provenance};
use risk::model::contest::{Evidence, Measure, PromotionRule};
use risk::model::drift::Shift;
use risk::model::results::{Outcome, ResultsReport};
use risk::model::window::Standing;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire::Milliseconds;

/// Features that are named because they moved most.
const SHIFTS_MAX: usize = 8;

/// All models, who of them decides, and how they do.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskModels)]
pub struct Models {
    /// The model that decides, by the SHA-256 of its file; null where rules alone judge.
    #[schema(required = true)]
    pub champion: Option<String>,
    /// Those that are asked alongside and decide nothing.
    pub challengers: Vec<String>,
    /// When a challenger becomes champion without a person; null for never.
    #[schema(required = true)]
    pub rule: Option<RuleTerms>,
    /// From the oldest to the newest.
    pub models: Vec<Model>,
    /// What the newest attempts and labels say; null without a champion.
    #[schema(required = true)]
    pub monitor: Option<Monitored>,
}

/// A model with the main figures of its report. Shares are from 0 to 1, of attempts that it was not grown from.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskModel)]
pub struct Model {
    pub model: String,
    /// `trained`, `lightgbm` or `xgboost`; null for a file that cannot be read any more.
    #[schema(required = true)]
    pub origin: Option<&'static str>,
    #[schema(value_type = Option<i64>)]
    pub trained_at: Option<Milliseconds>,
    pub features: usize,
    pub trees: Option<usize>,
    /// Attempts that it was trained from, and frauds among them.
    pub rows: Option<usize>,
    pub frauds: Option<usize>,
    pub auc: Option<f64>,
    pub average_precision: Option<f64>,
    pub recall_at_0_1_percent: Option<f64>,
    pub recall_at_0_5_percent: Option<f64>,
    pub recall_at_1_percent: Option<f64>,
    /// From the lowest threshold on.
    pub false_alarm_share: Option<f64>,
    pub recall: Option<f64>,
    pub precision: Option<f64>,
    /// The features that matter most, each with its part in the whole.
    pub importance: BTreeMap<String, f64>,
}

/// How the champion stands on this node.
#[derive(Serialize, ToSchema)]
#[schema(as = RiskMonitor)]
pub struct Monitored {
    /// Whether the newest entries of the journal have been read.
    pub is_current: bool,
    /// Of the facts and scores of attempts against those of the training; null for a model without a reference.
    pub drift: Option<DriftWord>,
    /// Of alarms and labels against what the training promised; null for a model without thresholds.
    pub results: Option<ResultsWord>,
    /// How each challenger compares, if there is a rule that says by what.
    pub evidence: Vec<EvidenceWord>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RiskDrift)]
pub struct DriftWord {
    /// `too-few`, `fine`, `watch` or `alarm`.
    pub standing: &'static str,
    pub attempts: u64,
    /// The population stability index of the scores; from 0.1 on somebody should look, from 0.25 on act.
    pub scores_psi: Option<f64>,
    /// Those that moved most.
    pub features: Vec<ShiftWord>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RiskShift)]
pub struct ShiftWord {
    pub feature: String,
    pub psi: f64,
    pub standing: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RiskResults)]
pub struct ResultsWord {
    pub standing: &'static str,
    pub labelled: u64,
    pub alarms: OutcomeWord,
    pub false_alarms: OutcomeWord,
    pub recall: OutcomeWord,
    pub precision: OutcomeWord,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RiskOutcome)]
pub struct OutcomeWord {
    pub realised: Option<f64>,
    pub promised: Option<f64>,
    pub standing: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RiskEvidence)]
pub struct EvidenceWord {
    pub challenger: String,
    pub labelled: u32,
    pub frauds: u32,
    pub champion_value: f64,
    pub challenger_value: f64,
    /// Whether it is enough for the rule.
    pub satisfies: bool,
}

/// When a challenger becomes champion without a person.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RiskPromotionRule)]
pub struct RuleTerms {
    /// The share of good attempts at whose alarm the found frauds are compared; missing to compare the average precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.005)]
    pub false_alarm_share: Option<f64>,
    /// By how much the challenger has to be better; 0.01 is one in a hundred.
    #[schema(example = 0.02)]
    pub gain_min: f64,
    #[schema(example = 5000, minimum = 100)]
    pub labelled_min: u32,
    #[schema(example = 100, minimum = 10)]
    pub frauds_min: u32,
    /// How old an attempt may be to count, in hours.
    #[schema(example = 1440, minimum = 1, maximum = 24000)]
    pub window_hours: u32,
}

impl Models {
    pub fn of(overview: &Overview) -> Models {
        let registry = &overview.registry;
        Models {
            champion: registry.champion().map(|model| model.to_string()),
            challengers: hashes(registry.challengers()),
            rule: registry.rule().map(RuleTerms::of),
            models: overview.models.iter().map(Model::of).collect(),
            monitor: overview.monitor.as_ref().map(|report| Monitored {
                is_current: report.is_current,
                drift: drift(report, overview),
                results: report.results.as_ref().map(ResultsWord::of),
                evidence: overview
                    .evidence
                    .iter()
                    .map(|it| EvidenceWord::of(it, registry.rule()))
                    .collect(),
            }),
        }
    }
}

fn hashes(models: &[ModelHash]) -> Vec<String> {
    models.iter().map(ModelHash::to_string).collect()
}

impl Model {
    fn of(listed: &Listed) -> Model {
        let manifest = listed.manifest.as_ref();
        let report = manifest.and_then(|it| it.report.as_ref());
        let quality = manifest.and_then(|it| it.quality);
        Model {
            model: listed.model.to_string(),
            origin: manifest.map(|it| match it.provenance {
                Provenance::TrainedHere => "trained",
                Provenance::Imported {
                    form: Form::LightgbmText,
                    ..
                } => "lightgbm",
                Provenance::Imported {
                    form: Form::XgboostJson,
                    ..
                } => "xgboost",
            }),
            trained_at: report.map(|it| Milliseconds::from(Timestamp(it.trained_at_ms))),
            features: manifest.map_or(0, |it| it.features.len()),
            trees: report.map(|it| it.trees),
            rows: report.map(|it| it.known.rows),
            frauds: report.map(|it| it.known.frauds),
            auc: quality.and_then(|it| it.auc),
            average_precision: quality.and_then(|it| it.average_precision),
            recall_at_0_1_percent: quality.and_then(|it| it.recall_at_0_1_percent),
            recall_at_0_5_percent: quality.and_then(|it| it.recall_at_0_5_percent),
            recall_at_1_percent: quality.and_then(|it| it.recall_at_1_percent),
            false_alarm_share: quality.and_then(|it| it.false_alarm_share),
            recall: quality.and_then(|it| it.recall),
            precision: quality.and_then(|it| it.precision),
            importance: importance(listed),
        }
    }
}

fn importance(listed: &Listed) -> BTreeMap<String, f64> {
    let manifest = listed.manifest.as_ref();
    let Some((manifest, report)) = manifest.and_then(|it| Some((it, it.report.as_ref()?))) else {
        return BTreeMap::new();
    };
    let mut parts: Vec<(&String, f64)> = manifest
        .features
        .iter()
        .zip(report.importance.iter().copied())
        .collect();
    parts.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let parts = parts.into_iter().take(SHIFTS_MAX);
    parts.map(|(name, part)| (name.clone(), part)).collect()
}

fn drift(report: &MonitorReport, overview: &Overview) -> Option<DriftWord> {
    let drift = report.drift.as_ref()?;
    let champion = overview
        .models
        .iter()
        .find(|it| it.model == report.champion);
    let names = champion.and_then(|it| it.manifest.as_ref());
    let names = names.map_or(&[][..], |it| it.features.as_slice());
    let psi = |shift: &Shift| shift.psi;
    let mut moved: Vec<ShiftWord> = names
        .iter()
        .zip(&drift.features)
        .filter_map(|(name, shift)| {
            Some(ShiftWord {
                feature: name.clone(),
                psi: psi(shift)?,
                standing: word(shift.standing),
            })
        })
        .collect();
    moved.sort_by(|one, other| other.psi.total_cmp(&one.psi));
    moved.truncate(SHIFTS_MAX);
    Some(DriftWord {
        standing: word(drift.standing()),
        attempts: drift.rows,
        scores_psi: psi(&drift.scores),
        features: moved,
    })
}

impl ResultsWord {
    fn of(results: &ResultsReport) -> ResultsWord {
        ResultsWord {
            standing: word(results.standing()),
            labelled: results.rows,
            alarms: OutcomeWord::of(results.alarms),
            false_alarms: OutcomeWord::of(results.false_alarms),
            recall: OutcomeWord::of(results.recall),
            precision: OutcomeWord::of(results.precision),
        }
    }
}

impl OutcomeWord {
    fn of(outcome: Outcome) -> OutcomeWord {
        OutcomeWord {
            realised: outcome.realised,
            promised: outcome.promised,
            standing: word(outcome.standing),
        }
    }
}

impl EvidenceWord {
    fn of(evidence: &Evidence, rule: Option<&PromotionRule>) -> EvidenceWord {
        EvidenceWord {
            challenger: evidence.challenger.to_string(),
            labelled: evidence.labelled,
            frauds: evidence.frauds,
            champion_value: evidence.champion_value,
            challenger_value: evidence.challenger_value,
            satisfies: rule.is_some_and(|rule| evidence.satisfies(rule)),
        }
    }
}

impl RuleTerms {
    fn of(rule: &PromotionRule) -> RuleTerms {
        RuleTerms {
            false_alarm_share: match rule.measure {
                Measure::AveragePrecision => None,
                Measure::RecallAt { false_alarm_share } => Some(false_alarm_share),
            },
            gain_min: rule.gain_min,
            labelled_min: rule.labelled_min,
            frauds_min: rule.frauds_min,
            window_hours: u32::try_from(rule.window.0 / Span::HOUR.0).unwrap_or(u32::MAX),
        }
    }

    pub fn rule(self) -> PromotionRule {
        PromotionRule {
            measure: match self.false_alarm_share {
                None => Measure::AveragePrecision,
                Some(false_alarm_share) => Measure::RecallAt { false_alarm_share },
            },
            gain_min: self.gain_min,
            labelled_min: self.labelled_min,
            frauds_min: self.frauds_min,
            window: Span::HOUR.times(i64::from(self.window_hours)),
        }
    }
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::TooFew => "too-few",
        Standing::Fine => "fine",
        Standing::Watch => "watch",
        Standing::Alarm => "alarm",
    }
}
