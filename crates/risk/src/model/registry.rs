//! Which models there are, which one decides, and who made it so. Commands become events or refusals; the state is a fold
//! of the events.

use serde::{Deserialize, Serialize};

use super::artifact::ModelHash;
use super::contest::{Evidence, PromotionRule};
use super::panel::CHALLENGERS_MAX;
use super::settings::SettingRefusal;

/// Models that are kept.
pub const MODELS_MAX: usize = 64;
/// Former champions to which one can go back, step by step.
pub const FORMER_MAX: usize = 8;
/// Bytes in the name of a person.
pub const PERSON_BYTES_MAX: usize = 128;

/// The state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registry {
    models: Vec<ModelHash>,
    champion: Option<ModelHash>,
    /// The last one is the newest.
    former: Vec<ModelHash>,
    challengers: Vec<ModelHash>,
    rule: Option<PromotionRule>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A model file has been stored.
    Register { model: ModelHash },
    /// Asks a model alongside from now on.
    Challenge { model: ModelHash },
    /// Asks a challenger no more.
    Withdraw { model: ModelHash },
    /// A person makes a model the champion.
    Promote { model: ModelHash, person: String },
    /// The rule makes a challenger the champion.
    PromoteByRule { evidence: Evidence },
    /// Brings the champion before back.
    RollBack { person: String },
    /// States when a challenger is promoted without a person; none for never.
    SetRule { rule: Option<PromotionRule> },
    /// Forgets a model that does nothing.
    Retire { model: ModelHash },
}

/// What happened; complete, so that the fold needs no decision.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Registered {
        model: ModelHash,
    },
    ChallengeBegan {
        model: ModelHash,
    },
    ChallengeEnded {
        model: ModelHash,
    },
    Promoted {
        model: ModelHash,
        replaced: Option<ModelHash>,
        by: Promoter,
    },
    RolledBack {
        from: ModelHash,
        to: ModelHash,
        person: String,
    },
    RuleSet {
        rule: Option<PromotionRule>,
    },
    Retired {
        model: ModelHash,
    },
}

/// Who made a model the champion.
#[derive(Clone, Debug, PartialEq)]
pub enum Promoter {
    Person(String),
    Rule(PromotionRule, Evidence),
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RegistryRefusal {
    #[error("there is no model {model}; register its file first")]
    Unknown { model: ModelHash },
    #[error("the model {model} is registered already")]
    Registered { model: ModelHash },
    #[error("{MODELS_MAX} models are registered; retire one")]
    TooManyModels,
    #[error("the model {model} is the champion")]
    Champion { model: ModelHash },
    #[error("the model {model} is a challenger already")]
    Challenger { model: ModelHash },
    #[error("{CHALLENGERS_MAX} models are challengers; withdraw one")]
    TooManyChallengers,
    #[error("the model {model} is no challenger")]
    NoChallenger { model: ModelHash },
    #[error("there is no champion yet; promote a model first")]
    NoChampion,
    #[error("there is no champion before this one")]
    NothingBefore,
    #[error(
        "the model {model} can still be gone back to, or is asked; only a model that does nothing is retired"
    )]
    InUse { model: ModelHash },
    #[error("no rule says when a challenger is promoted")]
    NoRule,
    #[error("the evidence is about another champion")]
    OtherChampion,
    #[error("the evidence does not satisfy the rule")]
    TooLittle,
    #[error("the name of a person has 1 to {PERSON_BYTES_MAX} bytes")]
    Person,
    #[error("the rule does not hold: {0}")]
    Rule(#[from] SettingRefusal),
}

impl Registry {
    pub fn champion(&self) -> Option<ModelHash> {
        self.champion
    }

    pub fn challengers(&self) -> &[ModelHash] {
        &self.challengers
    }

    pub fn models(&self) -> &[ModelHash] {
        &self.models
    }

    pub fn rule(&self) -> Option<&PromotionRule> {
        self.rule.as_ref()
    }

    /// Changes nothing: the event does, once it has been written down and is given to [`Registry::apply`].
    pub fn decide(&self, command: Command) -> Result<Event, RegistryRefusal> {
        match command {
            Command::Register { model } => self.register(model),
            Command::Challenge { model } => self.challenge(model),
            Command::Withdraw { model } => {
                self.check_challenger(model)?;
                Ok(Event::ChallengeEnded { model })
            }
            Command::Promote { model, person } => {
                check_person(&person)?;
                self.promote(model, Promoter::Person(person))
            }
            Command::PromoteByRule { evidence } => self.promote_by_rule(evidence),
            Command::RollBack { person } => self.roll_back(person),
            Command::SetRule { rule } => {
                rule.as_ref().map_or(Ok(()), PromotionRule::check)?;
                Ok(Event::RuleSet { rule })
            }
            Command::Retire { model } => self.retire(model),
        }
    }

    /// Takes an event that [`Registry::decide`] gave for this very state.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Registered { model } => self.models.push(*model),
            Event::ChallengeBegan { model } => self.challengers.push(*model),
            Event::ChallengeEnded { model } => self.challengers.retain(|other| other != model),
            Event::Promoted {
                model, replaced, ..
            } => {
                self.challengers.retain(|other| other != model);
                self.former.extend(*replaced);
                if FORMER_MAX < self.former.len() {
                    self.former.remove(0);
                }
                self.champion = Some(*model);
            }
            Event::RolledBack { to, .. } => {
                // The one that failed is not asked alongside, or a rule might promote it again at once.
                self.former.pop();
                self.challengers.retain(|other| other != to);
                self.champion = Some(*to);
            }
            Event::RuleSet { rule } => self.rule = *rule,
            Event::Retired { model } => self.models.retain(|other| other != model),
        }
    }

    fn register(&self, model: ModelHash) -> Result<Event, RegistryRefusal> {
        if self.models.contains(&model) {
            return Err(RegistryRefusal::Registered { model });
        }
        if MODELS_MAX <= self.models.len() {
            return Err(RegistryRefusal::TooManyModels);
        }
        Ok(Event::Registered { model })
    }

    fn challenge(&self, model: ModelHash) -> Result<Event, RegistryRefusal> {
        self.check_known(model)?;
        self.check_not_champion(model)?;
        if self.champion.is_none() {
            return Err(RegistryRefusal::NoChampion);
        }
        if self.challengers.contains(&model) {
            return Err(RegistryRefusal::Challenger { model });
        }
        if CHALLENGERS_MAX <= self.challengers.len() {
            return Err(RegistryRefusal::TooManyChallengers);
        }
        Ok(Event::ChallengeBegan { model })
    }

    fn promote(&self, model: ModelHash, by: Promoter) -> Result<Event, RegistryRefusal> {
        self.check_known(model)?;
        self.check_not_champion(model)?;
        Ok(Event::Promoted {
            model,
            replaced: self.champion,
            by,
        })
    }

    fn promote_by_rule(&self, evidence: Evidence) -> Result<Event, RegistryRefusal> {
        let rule = self.rule.ok_or(RegistryRefusal::NoRule)?;
        if self.champion != Some(evidence.champion) {
            return Err(RegistryRefusal::OtherChampion);
        }
        self.check_challenger(evidence.challenger)?;
        if !evidence.satisfies(&rule) {
            return Err(RegistryRefusal::TooLittle);
        }
        self.promote(evidence.challenger, Promoter::Rule(rule, evidence))
    }

    fn roll_back(&self, person: String) -> Result<Event, RegistryRefusal> {
        check_person(&person)?;
        let from = self.champion.ok_or(RegistryRefusal::NoChampion)?;
        let to = *self.former.last().ok_or(RegistryRefusal::NothingBefore)?;
        Ok(Event::RolledBack { from, to, person })
    }

    fn retire(&self, model: ModelHash) -> Result<Event, RegistryRefusal> {
        self.check_known(model)?;
        let is_asked = self.champion == Some(model) || self.challengers.contains(&model);
        if is_asked || self.former.contains(&model) {
            return Err(RegistryRefusal::InUse { model });
        }
        Ok(Event::Retired { model })
    }

    fn check_known(&self, model: ModelHash) -> Result<(), RegistryRefusal> {
        match self.models.contains(&model) {
            true => Ok(()),
            false => Err(RegistryRefusal::Unknown { model }),
        }
    }

    fn check_not_champion(&self, model: ModelHash) -> Result<(), RegistryRefusal> {
        match self.champion == Some(model) {
            true => Err(RegistryRefusal::Champion { model }),
            false => Ok(()),
        }
    }

    fn check_challenger(&self, model: ModelHash) -> Result<(), RegistryRefusal> {
        match self.challengers.contains(&model) {
            true => Ok(()),
            false => Err(RegistryRefusal::NoChallenger { model }),
        }
    }
}

fn check_person(person: &str) -> Result<(), RegistryRefusal> {
    match (1..=PERSON_BYTES_MAX).contains(&person.len()) {
        true => Ok(()),
        false => Err(RegistryRefusal::Person),
    }
}

#[cfg(test)]
mod tests;
