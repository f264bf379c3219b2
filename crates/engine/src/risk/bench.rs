//! Who judges: the settings in force, their rules, and the models on the bench.

use std::sync::Arc;

use accounting::document::DocumentName;
use ids::command::Sequence;
use ids::time::Timestamp;
use payment::payment::Payment;
use risk::decision::values::{FactValues, Schema};
use risk::decision::{
    Absence, Case, Contribution, Cutoffs, Exploration, Judged, ModelScore, Policy, Unjudged, limits,
};
use risk::feature;
use risk::model::artifact::{Artifact, ModelHash};
use risk::model::panel::{Opinion, Panel};
use risk::model::registry::Registry;
use risk::rule_set::RuleSet;
use risk::settings::{MerchantPolicy, Settings};
use risk::verdict::Score;
use store::port::Store;
use store::row::Key;

use crate::risk::in_force::{InForce, InForceError};

/// Everything that a decision depends on besides its facts.
#[derive(Debug)]
pub struct Bench {
    pub settings: Settings,
    /// The version of the settings document; none before it was saved first.
    pub version: Option<Sequence>,
    pub rules: Arc<RuleSet>,
    /// None without a champion that can be asked.
    pub panel: Option<Panel>,
    /// Why nobody is asked, where nobody is.
    pub unasked: Absence,
}

impl Bench {
    /// The rules that ship with this version, and no model.
    pub fn shipped(schema: &Schema) -> Bench {
        Bench::new(InForce::shipped(schema), None, Absence::NoModel)
    }

    /// The bench that the journal names; none if it names none yet.
    pub async fn load(store: &dyn Store, schema: &Schema) -> Result<Option<Bench>, InForceError> {
        let Some(in_force) = InForce::load(store, schema).await? else {
            return Ok(None);
        };
        let models = &in_force.settings.models;
        let named = models
            .champion()
            .into_iter()
            .chain(models.challengers().iter().copied());
        let keys: Vec<Key> = named
            .map(|model| Key::Document(DocumentName::RiskModel(model.0)))
            .collect();
        let documents = store.load(&keys).await?;
        let (panel, unasked) = panel(models, schema, |model: ModelHash| {
            let name = DocumentName::RiskModel(model.0);
            documents.document(name).map(|it| it.content.to_vec())
        });
        Ok(Some(Bench::new(in_force, panel, unasked)))
    }

    fn new(in_force: InForce, panel: Option<Panel>, unasked: Absence) -> Bench {
        Bench {
            settings: in_force.settings,
            version: in_force.version,
            rules: Arc::new(in_force.rules),
            panel,
            unasked,
        }
    }

    /// What the models say of these facts.
    pub fn judge(&self, facts: &FactValues, standing: Standing) -> Judged {
        let absent = |absence| Judged {
            answer: Err(absence),
            challengers: Vec::new(),
        };
        match (&self.panel, standing) {
            // Rules too know less than they should: the entry says so, with a model or without.
            (_, Standing::Cold) => absent(Absence::ColdProfiles),
            (None, Standing::Warm) => absent(self.unasked),
            (Some(panel), Standing::Warm) => scores(panel, facts),
        }
    }

    /// The facts that moved the champion most, strongest first.
    pub fn contributions(&self, facts: &FactValues, schema: &Schema) -> Vec<Contribution> {
        let panel = self.panel.as_ref();
        panel.map_or_else(Vec::new, |panel| contributions(panel, facts, schema))
    }

    /// The case of a payment under the policy of its merchant.
    pub fn case(
        &self,
        policy: &MerchantPolicy,
        payment: &Payment,
        at: Timestamp,
        draw: u64,
        left_minor: i64,
    ) -> Case {
        let amount_minor = payment.request.amount.minor;
        Case {
            at,
            amount_minor,
            draw,
            policy: self.policy(policy, amount_minor, left_minor),
        }
    }

    fn policy(&self, policy: &MerchantPolicy, amount_minor: i64, left_minor: i64) -> Policy {
        Policy {
            cutoffs: self.cutoffs(amount_minor),
            appetite_basis_points: policy.appetite_basis_points,
            unjudged: Unjudged {
                small_minor_max: policy.unjudged_small_minor_max,
                small: policy.unjudged_small,
                large: policy.unjudged_large,
            },
            exploration: Exploration {
                share_basis_points: policy.explored_basis_points,
                each_minor_max: policy.explored_each_minor_max,
                left_minor,
            },
        }
    }

    /// Where the champion's stated costs begin to speak for doing something, for this amount.
    fn cutoffs(&self, amount_minor: i64) -> Cutoffs {
        let Some(panel) = &self.panel else {
            return Cutoffs::default();
        };
        let cutoffs = panel.champion().manifest().costs.cutoffs(amount_minor);
        Cutoffs {
            challenge: score_of(cutoffs.challenge),
            review: score_of(cutoffs.review),
            block: score_of(cutoffs.block),
        }
    }
}

/// The models that judge, as far as this version can ask them: payments and rules go on without a model that was damaged or
/// trained on facts that mean something else now. Without a panel, says why there is none.
fn panel(
    models: &Registry,
    schema: &Schema,
    file: impl Fn(ModelHash) -> Option<Vec<u8>>,
) -> (Option<Panel>, Absence) {
    let Some(champion) = models.champion() else {
        return (None, Absence::NoModel);
    };
    let seat = |model: ModelHash| {
        let artifact = file(model).and_then(|bytes| match Artifact::decode(bytes) {
            Ok(artifact) => Some(artifact),
            Err(error) => {
                tracing::error!(%model, %error, "a model cannot be read");
                None
            }
        })?;
        match artifact.bind(schema.catalogue(), feature::VERSION) {
            Ok(_) => Some(Arc::new(artifact)),
            Err(error) => {
                tracing::error!(%model, %error, "a model cannot be asked");
                None
            }
        }
    };
    let challengers = models.challengers().iter();
    let beside = challengers.filter_map(|model| seat(*model)).collect();
    let panel = seat(champion).and_then(|champion| {
        Panel::new(champion, beside, schema.catalogue(), feature::VERSION).ok()
    });
    (panel, Absence::OtherFacts)
}

/// Whether the profiles follow the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Warm,
    /// They are being rebuilt, or the journal could not be read for a while.
    Cold,
}

/// What every model of the panel says of these facts.
pub(super) fn scores(panel: &Panel, facts: &FactValues) -> Judged {
    let opinions = panel.judge(facts);
    let challengers = opinions.challengers.iter().flatten();
    Judged {
        answer: model_score(&opinions.champion).ok_or(Absence::NoNumber),
        challengers: challengers.filter_map(model_score).collect(),
    }
}

/// The facts that moved the champion most, strongest first.
pub(super) fn contributions(
    panel: &Panel,
    facts: &FactValues,
    schema: &Schema,
) -> Vec<Contribution> {
    let contributions = panel.contributions(facts);
    let features = &panel.champion().manifest().features;
    let strongest = contributions.strongest(limits::FACT_REASONS_MAX);
    strongest
        .into_iter()
        .filter_map(|place| {
            let (fact, _) = schema.catalogue().find(&features[place])?;
            Some(Contribution {
                fact: u16::try_from(fact).ok()?,
                milli: milli(contributions.features[place]),
            })
        })
        .collect()
}

fn model_score(opinion: &Opinion) -> Option<ModelScore> {
    Some(ModelScore {
        model: opinion.model,
        score: score_of(opinion.judged.probability)?,
        at_most: opinion.level,
    })
}

/// Hundredths of a percent; none for what is no probability.
fn score_of(probability: f64) -> Option<Score> {
    if !(0.0..=1.0).contains(&probability) {
        return None;
    }
    let basis_points = (probability * 10_000.0).round() as u16;
    Score::new(basis_points).ok()
}

/// Thousandths of log-odds, within a number that holds any sensible ones.
fn milli(log_odds: f32) -> i32 {
    (f64::from(log_odds) * 1_000.0).round() as i32
}

#[cfg(test)]
mod tests;
