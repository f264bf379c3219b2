//! One evaluation: a stream goes through the engine as if live; a model is trained from what was known at one moment, and
//! judged by what came later.

use ids::time::{Span, Timestamp};
use risk::event::Verdict;
use risk::fact::Kind;
use risk::feature::catalogue;
use risk::metrics::Judged;
use risk::model::data::{Example, FeatureListRefusal, Label, RowRefusal, TrainingSet};
use risk::model::settings::Settings;
use risk::model::train::{Trained, TrainingRefusal, train};
use risk::profile::store::{ProfileSettings, Profiles};
use risk::stream::{Player, StreamEvent};
use risk::verdict::Verdict as Level;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// Attempts before this are played, and not trained from.
    pub train_from: Timestamp,
    /// Attempts from here on are trained from by later trainings alone.
    pub train_until: Timestamp,
    pub test_from: Timestamp,
    pub test_until: Timestamp,
    pub label_delay: Span,
    /// How long after `test_from`, and after each training since, a new model is trained from what is known by then and was
    /// attempted from `train_from` on; none for one training alone.
    pub retrain_every: Option<Span>,
}

/// What the engine is told besides the periods; the same for every stream.
#[derive(Clone, Debug)]
pub struct RunSettings {
    pub profiles: ProfileSettings,
    pub training: Settings,
    pub seed: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("an attempt that could be trained from does not fit: {0}")]
    Row(#[from] RowRefusal),
    #[error("the features cannot name a model's: {0}")]
    Features(#[from] FeatureListRefusal),
    #[error("no model could be trained: {0}")]
    Training(#[from] TrainingRefusal),
    #[error("nothing was attempted in the test period")]
    NothingTested,
}

/// One attempt of the test period, in the order of the stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tested {
    /// The place of its event in the stream, from 0.
    pub place: usize,
    pub judged: Judged,
    /// What its score asked for by the thresholds of the model that gave it.
    pub level: Level,
}

pub struct Run {
    pub tested: Vec<Tested>,
    /// The model of the last training.
    pub trained: Trained,
    pub trainings: usize,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("tested", &self.tested.len())
            .finish_non_exhaustive()
    }
}

/// The names of the features that models see, in the order of a feature vector.
pub fn feature_names() -> Vec<String> {
    let catalogue = catalogue();
    let seen = catalogue
        .types()
        .iter()
        .filter(|fact| fact.kind != Kind::Text);
    seen.map(|fact| fact.name.clone()).collect()
}

/// The models of one run: each is trained from the rows that are known when it is due.
struct School<'a> {
    periods: &'a Periods,
    settings: &'a RunSettings,
    set: TrainingSet,
    due: Timestamp,
    trained: Option<Trained>,
    trainings: usize,
}

impl School<'_> {
    /// Trains if it is time for it.
    fn attend(&mut self, at: Timestamp) -> Result<(), RunError> {
        if at < self.due {
            return Ok(());
        }
        let known = self.set.known_at(self.due);
        let trained = train(&known, &self.settings.training, self.settings.seed)?;
        self.trained = Some(trained);
        self.trainings += 1;
        match self.periods.retrain_every {
            Some(every) => self.due = self.due.plus(every.max(Span::MINUTE)),
            None => {
                self.due = Timestamp::NEVER;
                self.set = TrainingSet::new(feature_names())?;
            }
        }
        Ok(())
    }

    /// Whether a row of this time will be trained from.
    fn keeps(&self, at: Timestamp) -> bool {
        let is_later = self.periods.retrain_every.is_some() && self.trained.is_some();
        self.periods.train_from <= at && (at < self.periods.train_until || is_later)
    }
}

/// Plays a stream. `scenario` names the kind of fraud of the event at a place, for figures by kind.
pub fn run<'a>(
    events: impl Iterator<Item = &'a StreamEvent>,
    scenario: impl Fn(usize) -> u32,
    periods: &Periods,
    settings: &RunSettings,
) -> Result<Run, RunError> {
    let mut player = Player::new(Profiles::new(settings.profiles), periods.label_delay);
    let mut school = School {
        periods,
        settings,
        set: TrainingSet::new(feature_names())?,
        due: periods.test_from,
        trained: None,
        trainings: 0,
    };
    let mut tested = Vec::new();
    for (place, event) in events.enumerate() {
        let at = event.at();
        if at >= periods.test_until {
            break;
        }
        school.attend(at)?;
        let mut row_refused = Ok(());
        player.play(event, |vector| {
            if let Some(trained) = &school.trained {
                tested.extend(judge(
                    trained,
                    event,
                    place,
                    vector.numbers(),
                    scenario(place),
                ));
            }
            if school.keeps(at) {
                row_refused = push(
                    &mut school.set,
                    event,
                    vector.numbers(),
                    periods.label_delay,
                );
            }
        });
        row_refused?;
    }
    match school.trained {
        Some(trained) if !tested.is_empty() => Ok(Run {
            tested,
            trained,
            trainings: school.trainings,
        }),
        Some(_) | None => Err(RunError::NothingTested),
    }
}

fn push(
    set: &mut TrainingSet,
    event: &StreamEvent,
    numbers: &[f32],
    label_delay: Span,
) -> Result<(), RowRefusal> {
    let StreamEvent::Attempt {
        attempt,
        verdict: Some(verdict),
        ..
    } = event
    else {
        return Ok(());
    };
    let example = Example {
        attempted_at: attempt.at,
        label_known_at: attempt.at.plus(label_delay),
        label: match verdict {
            Verdict::Fraud => Label::Fraud,
            Verdict::Good => Label::Good,
        },
        weight: 1.0,
    };
    set.push(numbers, example)
}

fn judge(
    trained: &Trained,
    event: &StreamEvent,
    place: usize,
    numbers: &[f32],
    scenario: u32,
) -> Option<Tested> {
    let StreamEvent::Attempt {
        attempt,
        verdict: Some(verdict),
        ..
    } = event
    else {
        return None;
    };
    let score = trained.model.score(numbers);
    Some(Tested {
        place,
        level: trained.thresholds.level(score),
        judged: Judged {
            score,
            is_fraud: *verdict == Verdict::Fraud,
            day: attempt.at.0.div_euclid(Span::DAY.0),
            payer: attempt.payer().map(|payer| payer.bits()),
            scenario,
        },
    })
}

#[cfg(test)]
mod tests;
