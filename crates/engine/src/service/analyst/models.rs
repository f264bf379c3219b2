//! Models: what there are, where they come from, and how they do.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use ids::time::Timestamp;
use risk::feature;
use risk::model::artifact::{Artifact, Manifest, ModelHash};
use risk::model::binding::Definitions;
use risk::model::contest::Evidence;
use risk::model::data::Known;
use risk::model::import::{ImportRefusal, Imported};
use risk::model::registry::Registry;
use risk::model::threshold::{Budget, Costs};

use crate::error::CommandError;
use crate::risk::in_force;
use crate::risk::learning::{self, LearningError, Lessons, Terms};
use crate::risk::monitor::MonitorReport;
use crate::service::analyst::AnalystService;
use crate::service::analyst::rules::ChangeError;

/// All models, and how those in force do.
#[derive(Clone, Debug)]
pub struct Overview {
    pub registry: Registry,
    pub models: Vec<Listed>,
    /// As this node knows it; none without a champion.
    pub monitor: Option<MonitorReport>,
    /// For each challenger, if there is a rule that says by what they are compared.
    pub evidence: Vec<Evidence>,
}

/// A model with what its file says besides its trees.
#[derive(Clone, Debug)]
pub struct Listed {
    pub model: ModelHash,
    /// None if the file cannot be read by this version.
    pub manifest: Option<Manifest>,
}

impl AnalystService {
    /// Every registered model, and what the monitor says.
    pub async fn models(&self) -> Result<Overview, ChangeError> {
        let registry = self.current().await?.settings.models;
        let mut models = Vec::with_capacity(registry.models().len());
        // One after the other: a file may take megabytes.
        for model in registry.models() {
            models.push(Listed {
                model: *model,
                manifest: self.manifest(*model).await?,
            });
        }
        let monitor = self.risk.monitor.read();
        let now = self.clock().now();
        let rule = registry.rule();
        Ok(Overview {
            models,
            evidence: rule.map_or_else(Vec::new, |rule| monitor.evidence(rule, now)),
            monitor: monitor.report(),
            registry,
        })
    }

    /// A model that was kept; none if there is none of this name, or it cannot be read any more.
    pub async fn model(&self, model: ModelHash) -> Result<Option<Artifact>, ChangeError> {
        let file = self.model_file(model).await?;
        Ok(file.and_then(|file| Artifact::decode(file.to_vec()).ok()))
    }

    /// Keeps a model that another program trained on the facts of this version. Its calibration, its thresholds and what it
    /// is watched by come from what the journal knows by now; while that is too little, it keeps its own probabilities.
    pub async fn import_model(
        &self,
        actor: Actor,
        file: Vec<u8>,
    ) -> Result<ModelHash, ChangeError> {
        let schema = self.risk.schema().clone();
        let reading = move || -> Result<(Imported, Definitions), ImportRefusal> {
            let catalogue = schema.catalogue();
            let imported = Imported::read(&file, catalogue)?;
            let definitions = Definitions::of(imported.features(), catalogue, feature::VERSION)?;
            Ok((imported, definitions))
        };
        // A file that is refused is not worth reading the journal for.
        let read = tokio::task::spawn_blocking(reading).await;
        let (imported, definitions) = read.map_err(|_| CommandError::Fault)??;
        let (lessons, moment) = self.lessons().await?;
        let judging = move || judged(&imported, definitions, &lessons.set.known_at(moment));
        let judged = tokio::task::spawn_blocking(judging).await;
        let artifact = judged.map_err(|_| CommandError::Fault)??;
        self.register_model(actor, artifact.bytes().to_vec()).await
    }

    /// What the journal teaches by now.
    async fn lessons(&self) -> Result<(Lessons, Timestamp), ChangeError> {
        let (store, now) = (self.store(), self.clock().now());
        let maturity = self.risk.bench().settings.training.maturity();
        let terms = Terms::new(now, maturity);
        let found = learning::outcomes(store.as_ref(), &terms).await;
        let outcomes = found.map_err(LearningError::from)?;
        let schema = self.risk.schema();
        let lessons = learning::lessons(store.as_ref(), schema, &outcomes, terms).await?;
        Ok((lessons, now))
    }

    /// What the file of a model says besides its trees; none as with [`AnalystService::model`].
    pub async fn manifest(&self, model: ModelHash) -> Result<Option<Manifest>, ChangeError> {
        let file = self.model_file(model).await?;
        Ok(file.and_then(|file| Artifact::read_manifest(&file).ok()))
    }

    async fn model_file(&self, model: ModelHash) -> Result<Option<Arc<[u8]>>, ChangeError> {
        let store = self.engine.store().as_ref();
        let found = in_force::document(store, DocumentName::RiskModel(model.0)).await;
        Ok(found.map_err(CommandError::from)?)
    }
}

/// The model by what is known, or as it came where that is too little.
fn judged(
    imported: &Imported,
    definitions: Definitions,
    known: &Known,
) -> Result<Artifact, ImportRefusal> {
    let (costs, budget) = (Costs::default(), Budget::default());
    match imported.judged_by(known, definitions, costs, budget) {
        Err(ImportRefusal::TooFewRows { .. }) => imported.as_it_came(definitions, costs, budget),
        done => done,
    }
}
