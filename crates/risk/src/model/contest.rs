//! Champion against challengers, on attempts whose labels have become known.

use std::collections::VecDeque;

use ids::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use super::artifact::ModelHash;
use super::data::Label;
use super::panel::{CHALLENGERS_MAX, Opinions};
use super::quality::{Ranking, Scored};
use super::settings::{SettingRefusal, check_bounds};

/// Labelled attempts that are remembered; the oldest go first.
pub const BOUTS_MAX: usize = 100_000;

/// By what models are compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Measure {
    AveragePrecision,
    /// The share of frauds found when this share of good attempts is alarmed.
    RecallAt {
        false_alarm_share: f64,
    },
}

/// When a challenger becomes champion without a person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromotionRule {
    pub measure: Measure,
    /// By how much the challenger has to be better, in whole (0.01 is one in a hundred).
    pub gain_min: f64,
    pub labelled_min: u32,
    pub frauds_min: u32,
    /// How old an attempt may be to count.
    #[serde(with = "milliseconds")]
    pub window: Span,
}

/// Spans as whole milliseconds.
mod milliseconds {
    use ids::time::Span;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
        span.0.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        i64::deserialize(deserializer).map(Span)
    }
}

impl PromotionRule {
    pub fn check(&self) -> Result<(), SettingRefusal> {
        let bouts = BOUTS_MAX as f64;
        let share = match self.measure {
            Measure::AveragePrecision => 0.001,
            Measure::RecallAt { false_alarm_share } => false_alarm_share,
        };
        let (labelled, frauds) = (f64::from(self.labelled_min), f64::from(self.frauds_min));
        check_bounds(&[
            ("false_alarm_share", share, 1e-5, 0.5),
            ("gain_min", self.gain_min, 0.0, 1.0),
            ("labelled_min", labelled, 100.0, bouts),
            ("frauds_min", frauds, 10.0, labelled),
            (
                "window",
                self.window.0 as f64,
                Span::HOUR.0 as f64,
                Span::DAY.times(1_000).0 as f64,
            ),
        ])
    }
}

/// What speaks for a promotion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    pub champion: ModelHash,
    pub challenger: ModelHash,
    pub labelled: u32,
    pub frauds: u32,
    /// The measure of the rule, for either.
    pub champion_value: f64,
    pub challenger_value: f64,
}

impl Evidence {
    /// Whether this is enough for a rule.
    pub fn satisfies(&self, rule: &PromotionRule) -> bool {
        rule.labelled_min <= self.labelled
            && rule.frauds_min <= self.frauds
            && rule.gain_min <= self.challenger_value - self.champion_value
            && self.champion_value < self.challenger_value
    }
}

/// The newest labelled attempts with what each model had said when they were made.
#[derive(Clone, Debug)]
pub struct Contest {
    champion: ModelHash,
    challengers: Vec<ModelHash>,
    bouts: VecDeque<Bout>,
}

#[derive(Clone, Copy, Debug)]
struct Bout {
    attempted_at: Timestamp,
    champion: f32,
    /// NaN where a challenger was not asked.
    challengers: [f32; CHALLENGERS_MAX],
    is_fraud: bool,
    weight: f32,
}

impl Contest {
    /// Between these; what they said before they sat together does not count.
    pub fn new(champion: ModelHash, challengers: &[ModelHash]) -> Contest {
        assert!(
            challengers.len() <= CHALLENGERS_MAX,
            "a panel has no more seats"
        );
        Contest {
            champion,
            challengers: challengers.to_vec(),
            bouts: VecDeque::new(),
        }
    }

    /// Takes an attempt whose label has become known, with the opinions of its own time. Attempts that another champion
    /// judged are left out.
    pub fn observe(
        &mut self,
        attempted_at: Timestamp,
        opinions: &Opinions,
        label: Label,
        weight: f32,
    ) {
        if opinions.champion.model != self.champion {
            return;
        }
        let mut scores = [f32::NAN; CHALLENGERS_MAX];
        for opinion in opinions.challengers.iter().flatten() {
            let seat = self
                .challengers
                .iter()
                .position(|model| *model == opinion.model);
            if let Some(seat) = seat {
                scores[seat] = opinion.judged.score;
            }
        }
        if BOUTS_MAX <= self.bouts.len() {
            self.bouts.pop_front();
        }
        self.bouts.push_back(Bout {
            attempted_at,
            champion: opinions.champion.judged.score,
            challengers: scores,
            is_fraud: label == Label::Fraud,
            weight,
        });
    }

    /// How each challenger compares on the attempts that both were asked about within the rule's window before a moment;
    /// none for those about whom nothing can be said.
    pub fn evidence(&self, rule: &PromotionRule, now: Timestamp) -> Vec<Evidence> {
        (0..self.challengers.len())
            .filter_map(|seat| self.compare(seat, rule, now))
            .collect()
    }

    fn compare(&self, seat: usize, rule: &PromotionRule, now: Timestamp) -> Option<Evidence> {
        let oldest = now.minus(rule.window);
        let counts = |bout: &&Bout| oldest < bout.attempted_at && !bout.challengers[seat].is_nan();
        let bouts: Vec<&Bout> = self.bouts.iter().filter(counts).collect();
        let value = |score: &dyn Fn(&Bout) -> f32| {
            let scored = bouts.iter().map(|bout| Scored {
                score: score(bout),
                is_fraud: bout.is_fraud,
                weight: f64::from(bout.weight),
            });
            rule.measure.of(&Ranking::new(scored.collect()))
        };
        Some(Evidence {
            champion: self.champion,
            challenger: self.challengers[seat],
            labelled: bouts.len() as u32,
            frauds: bouts.iter().filter(|bout| bout.is_fraud).count() as u32,
            champion_value: value(&|bout| bout.champion)?,
            challenger_value: value(&|bout| bout.challengers[seat])?,
        })
    }
}

impl Measure {
    /// None if the ranking does not say.
    pub fn of(&self, ranking: &Ranking) -> Option<f64> {
        match self {
            Measure::AveragePrecision => ranking.average_precision(),
            Measure::RecallAt { false_alarm_share } => ranking.recall_at(*false_alarm_share),
        }
    }
}

#[cfg(test)]
mod tests;
