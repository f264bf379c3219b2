//! A champion, who decides, and challengers, who are asked alongside and decide nothing.

use std::sync::Arc;

use super::Contributions;
use super::artifact::{Artifact, Judged, ModelHash};
use super::binding::{Binding, BindingRefusal};
use super::limits::FEATURES_MAX;
use crate::fact::{Catalogue, Facts};
use crate::verdict::Verdict;

/// Challengers at a time. Each costs as much time in a decision as the champion.
pub const CHALLENGERS_MAX: usize = 4;

/// The models that are asked about every attempt.
#[derive(Clone, Debug)]
pub struct Panel {
    champion: Seat,
    challengers: Vec<Seat>,
}

#[derive(Clone, Debug)]
struct Seat {
    artifact: Arc<Artifact>,
    binding: Binding,
}

/// What all models say of one attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opinions {
    pub champion: Opinion,
    /// In the order of the panel; none where nobody sits.
    pub challengers: [Option<Opinion>; CHALLENGERS_MAX],
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Opinion {
    pub model: ModelHash,
    pub judged: Judged,
    /// By the budget of false alarms; none if the model has no thresholds.
    pub level: Option<Verdict>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PanelRefusal {
    #[error("{found} challengers were named and {CHALLENGERS_MAX} can be asked; withdraw some")]
    TooMany { found: usize },
    #[error("the model {model} cannot be asked: {reason}")]
    Model {
        model: ModelHash,
        reason: BindingRefusal,
    },
}

impl Panel {
    /// Seats models whose features are among the facts. `version` is that of the code that computes facts.
    pub fn new(
        champion: Arc<Artifact>,
        challengers: Vec<Arc<Artifact>>,
        catalogue: &Catalogue,
        version: u32,
    ) -> Result<Panel, PanelRefusal> {
        if CHALLENGERS_MAX < challengers.len() {
            return Err(PanelRefusal::TooMany {
                found: challengers.len(),
            });
        }
        let seat = |artifact: Arc<Artifact>| match artifact.bind(catalogue, version) {
            Ok(binding) => Ok(Seat { artifact, binding }),
            Err(reason) => Err(PanelRefusal::Model {
                model: artifact.hash(),
                reason,
            }),
        };
        Ok(Panel {
            champion: seat(champion)?,
            challengers: challengers
                .into_iter()
                .map(seat)
                .collect::<Result<_, _>>()?,
        })
    }

    pub fn champion(&self) -> &Arc<Artifact> {
        &self.champion.artifact
    }

    pub fn challengers(&self) -> impl Iterator<Item = &Arc<Artifact>> {
        self.challengers.iter().map(|seat| &seat.artifact)
    }

    /// Asks everybody. Does not allocate.
    pub fn judge(&self, facts: &dyn Facts) -> Opinions {
        let mut room = [0.0; FEATURES_MAX];
        let mut challengers = [None; CHALLENGERS_MAX];
        let champion = self.champion.judge(facts, &mut room);
        for (opinion, seat) in challengers.iter_mut().zip(&self.challengers) {
            *opinion = Some(seat.judge(facts, &mut room));
        }
        Opinions {
            champion,
            challengers,
        }
    }

    /// The values of the champion's features, for the entry of a decision and for [`super::drift::Drift`].
    pub fn row<'a>(&self, facts: &dyn Facts, room: &'a mut [f32; FEATURES_MAX]) -> &'a [f32] {
        self.champion.binding.row(facts, room)
    }

    /// Why the champion says what it says; for decisions other than to allow.
    pub fn contributions(&self, facts: &dyn Facts) -> Contributions {
        let mut room = [0.0; FEATURES_MAX];
        let row = self.champion.binding.row(facts, &mut room);
        self.champion.artifact.contributions(row)
    }
}

impl Seat {
    fn judge(&self, facts: &dyn Facts, room: &mut [f32; FEATURES_MAX]) -> Opinion {
        let judged = self.artifact.judge(self.binding.row(facts, room));
        Opinion {
            model: self.artifact.hash(),
            judged,
            level: self.artifact.level_by_budget(judged),
        }
    }
}

#[cfg(test)]
mod tests;
