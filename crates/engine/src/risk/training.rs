//! Training: on a schedule, from the journal, beside the payments; and the promotion of challengers that have proved better.
//!
//! One node does this at a time. What it has done is in the journal, as registered models with their reports, so another node
//! goes on from there.

use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Actor;
use ids::time::{Span, Timestamp};
use risk::feature;
use risk::model::artifact::{Artifact, ArtifactRefusal, ModelHash};
use risk::model::binding::{BindingRefusal, Definitions};
use risk::model::panel::CHALLENGERS_MAX;
use risk::model::registry::{Command, MODELS_MAX, Registry};
use risk::model::settings::Settings as Tuning;
use risk::model::train::{TrainingRefusal, train};
use risk::settings::Training as Schedule;
use tokio_util::sync::CancellationToken;

use crate::risk::learning::{self, Counts, LearningError, News, Outcomes, Terms};
use crate::service::analyst::AnalystService;
use crate::service::analyst::rules::ChangeError;

/// How often it is looked whether something is to be done.
pub const TICK: Duration = Duration::from_secs(10);
/// After a training that failed, or for which too little was known, the next one waits so long.
pub const RETRY_AFTER: Span = Span::HOUR.times(6);

/// Why there is no new model.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    #[error("the journal could not be read")]
    Learning(#[from] LearningError),
    #[error(transparent)]
    Training(#[from] TrainingRefusal),
    #[error(transparent)]
    Binding(#[from] BindingRefusal),
    #[error(transparent)]
    Artifact(#[from] ArtifactRefusal),
    #[error("the model could not be kept")]
    Change(#[from] ChangeError),
    #[error("the training ended in a panic")]
    Panic,
}

/// A model with what it was trained from.
#[derive(Debug)]
pub struct Trained {
    pub artifact: Artifact,
    pub counts: Counts,
}

/// What one look led to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// It is not time yet, or training is off.
    NotDue,
    TooFew(News),
    Trained(ModelHash),
}

/// Trains from everything that was known at a moment. The trees are grown by one thread that nothing else waits for.
pub async fn train_from_journal(
    analysts: &AnalystService,
    terms: Terms,
    tuning: Tuning,
) -> Result<Trained, TrainingError> {
    let found = learning::outcomes(analysts.store().as_ref(), &terms).await;
    let outcomes = found.map_err(LearningError::from)?;
    train_on(analysts, &outcomes, terms, tuning).await
}

async fn train_on(
    analysts: &AnalystService,
    outcomes: &Outcomes,
    terms: Terms,
    tuning: Tuning,
) -> Result<Trained, TrainingError> {
    let schema = analysts.risk().schema();
    let lessons = learning::lessons(analysts.store().as_ref(), schema, outcomes, terms).await?;
    let catalogue = schema.catalogue();
    let definitions = Definitions::of(lessons.set.features(), catalogue, feature::VERSION)?;
    let counts = lessons.counts;
    // The same journal gives the same model.
    let seed = terms.moment.0.cast_unsigned();
    let growing = move || train(&lessons.set.known_at(terms.moment), &tuning, seed);
    let grown = tokio::task::spawn_blocking(growing).await;
    let trained = grown.map_err(|_| TrainingError::Panic)??;
    let artifact = Artifact::of_training(trained, definitions)?;
    Ok(Trained { artifact, counts })
}

/// Trains on schedule and promotes by rule.
pub struct Training {
    analysts: AnalystService,
    tuning: Tuning,
    tried_at: Option<Timestamp>,
    /// The models that were there at the last look, and when the newest of them was trained here.
    newest: Option<(Vec<ModelHash>, Option<Timestamp>)>,
}

impl Training {
    pub fn new(analysts: AnalystService, tuning: Tuning) -> Training {
        Training {
            analysts,
            tuning,
            tried_at: None,
            newest: None,
        }
    }

    /// Works until the stop. A training that is under way then is given up.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.look() => {}
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    async fn look(&mut self) {
        let risk = Arc::clone(self.analysts.risk());
        let figures = &risk.figures.learning;
        let now = self.analysts.clock().now();
        match self.step(now).await {
            Ok(Step::NotDue) => {}
            Ok(Step::TooFew(news)) => {
                let (labels, frauds) = (news.labels, news.frauds);
                figures.trainings_left_out.add();
                tracing::info!(
                    labels,
                    frauds,
                    "too little is newly known to train a model; it is looked at again later"
                );
            }
            Ok(Step::Trained(model)) => {
                figures.trainings.add();
                tracing::info!(%model, "a model was trained");
            }
            Err(error) => {
                figures.trainings_failed.add();
                let source = std::error::Error::source(&error);
                tracing::warn!(%error, ?source, "no model could be trained; it is tried again later");
            }
        }
        match self.promote(now).await {
            Ok(None) => {}
            Ok(Some(model)) => {
                figures.promotions.add();
                tracing::warn!(%model, "the rule made a challenger the champion");
            }
            Err(error) => {
                tracing::warn!(%error, "a challenger could not be promoted; it is tried again")
            }
        }
    }

    /// Trains if it is time to and there is enough to learn.
    pub async fn step(&mut self, now: Timestamp) -> Result<Step, TrainingError> {
        let bench = self.analysts.risk().bench();
        if bench.version.is_none() {
            // What the journal names is not read yet.
            return Ok(Step::NotDue);
        }
        let settings = &bench.settings;
        let schedule = settings.training;
        let last = self.last_trained(settings.models.models()).await?;
        if !self.is_due(&schedule, last, now) {
            return Ok(Step::NotDue);
        }
        self.tried_at = Some(now);
        let terms = Terms::new(now, schedule.maturity());
        let store = self.analysts.store();
        let found = learning::outcomes(store.as_ref(), &terms).await;
        let outcomes = found.map_err(LearningError::from)?;
        let news = outcomes.news(last.unwrap_or(Timestamp(i64::MIN)));
        let is_enough = schedule.labels_min as usize <= news.labels
            && schedule.frauds_min as usize <= news.frauds;
        if !is_enough {
            return Ok(Step::TooFew(news));
        }
        tracing::info!(
            labels = news.labels,
            frauds = news.frauds,
            "a model is being trained"
        );
        let trained = train_on(&self.analysts, &outcomes, terms, self.tuning.clone()).await?;
        let model = install(&self.analysts, Actor::Timer, trained.artifact).await?;
        Ok(Step::Trained(model))
    }

    fn is_due(&self, schedule: &Schedule, last: Option<Timestamp>, now: Timestamp) -> bool {
        let every = Span::DAY.times(i64::from(schedule.every_days));
        let is_on = 0 < schedule.every_days;
        let is_time = last.is_none_or(|last| last.plus(every) <= now);
        let has_waited = self
            .tried_at
            .is_none_or(|tried| tried.plus(RETRY_AFTER) <= now);
        is_on && is_time && has_waited
    }

    /// When the newest model that was trained here was trained; none if there is no such model.
    async fn last_trained(
        &mut self,
        models: &[ModelHash],
    ) -> Result<Option<Timestamp>, TrainingError> {
        if let Some((known, at)) = &self.newest
            && known == models
        {
            return Ok(*at);
        }
        let mut newest = None;
        for model in models.iter().rev() {
            let manifest = self.analysts.manifest(*model).await?;
            if let Some(report) = manifest.and_then(|it| it.report) {
                newest = Some(Timestamp(report.trained_at_ms));
                break;
            }
        }
        self.newest = Some((models.to_vec(), newest));
        Ok(newest)
    }

    /// Makes the challenger the champion that satisfies the rule best, if there is a rule and such a challenger.
    pub async fn promote(&self, now: Timestamp) -> Result<Option<ModelHash>, ChangeError> {
        let risk = self.analysts.risk();
        let bench = risk.bench();
        let Some(rule) = bench.settings.models.rule() else {
            return Ok(None);
        };
        let evidence = risk.monitor.read().evidence(rule, now);
        let enough = evidence.into_iter().filter(|it| it.satisfies(rule));
        let best =
            enough.max_by(|one, other| one.challenger_value.total_cmp(&other.challenger_value));
        let Some(evidence) = best else {
            return Ok(None);
        };
        let command = Command::PromoteByRule { evidence };
        self.analysts.change_models(Actor::Timer, command).await?;
        Ok(Some(evidence.challenger))
    }
}

/// Registers a model and asks it alongside, if there is a champion; without one it waits for a person.
pub async fn install(
    analysts: &AnalystService,
    actor: Actor,
    artifact: Artifact,
) -> Result<ModelHash, ChangeError> {
    let models = analysts.current().await?.settings.models;
    if MODELS_MAX <= models.models().len()
        && let Some(model) = retirable(&models)
    {
        tracing::info!(%model, "the oldest model that does nothing is retired to make room");
        let retire = Command::Retire { model };
        analysts.change_models(actor, retire).await?;
    }
    let model = analysts
        .register_model(actor, artifact.bytes().to_vec())
        .await?;
    if models.champion().is_none() {
        tracing::info!(%model, "there is no champion; a person has to promote the model");
        return Ok(model);
    }
    if CHALLENGERS_MAX <= models.challengers().len()
        && let Some(oldest) = models.challengers().first()
    {
        tracing::info!(model = %oldest, "the oldest challenger is withdrawn to make room");
        let withdraw = Command::Withdraw { model: *oldest };
        analysts.change_models(actor, withdraw).await?;
    }
    analysts
        .change_models(actor, Command::Challenge { model })
        .await?;
    Ok(model)
}

fn retirable(models: &Registry) -> Option<ModelHash> {
    let mut oldest_first = models.models().iter().copied();
    oldest_first.find(|model| models.decide(Command::Retire { model: *model }).is_ok())
}
