//! Models: what there are, where they come from, and how they do.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use risk::feature;
use risk::model::artifact::{Artifact, Manifest, ModelHash};
use risk::model::binding::Definitions;
use risk::model::contest::Evidence;
use risk::model::import::{ImportRefusal, Imported};
use risk::model::registry::Registry;
use risk::model::threshold::{Budget, Costs};
use store::row::Key;

use crate::error::CommandError;
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

    /// Keeps a model that another program trained on the facts of this version, with its own probabilities.
    pub async fn import_model(
        &self,
        actor: Actor,
        file: Vec<u8>,
    ) -> Result<ModelHash, ChangeError> {
        let schema = self.risk.schema().clone();
        let reading = move || -> Result<Artifact, ImportRefusal> {
            let catalogue = schema.catalogue();
            let imported = Imported::read(&file, catalogue)?;
            let definitions = Definitions::of(imported.features(), catalogue, feature::VERSION)?;
            imported.as_it_came(definitions, Costs::default(), Budget::default())
        };
        let read = tokio::task::spawn_blocking(reading).await;
        let artifact = read.map_err(|_| CommandError::Fault)??;
        self.register_model(actor, artifact.bytes().to_vec()).await
    }

    /// What the file of a model says besides its trees; none as with [`AnalystService::model`].
    pub async fn manifest(&self, model: ModelHash) -> Result<Option<Manifest>, ChangeError> {
        let file = self.model_file(model).await?;
        Ok(file.and_then(|file| Artifact::read_manifest(&file).ok()))
    }

    async fn model_file(&self, model: ModelHash) -> Result<Option<Arc<[u8]>>, ChangeError> {
        let name = DocumentName::RiskModel(model.0);
        let rows = self.engine.store().load(&[Key::Document(name)]).await;
        let rows = rows.map_err(CommandError::from)?;
        Ok(rows.document(name).map(|it| Arc::clone(&it.content)))
    }
}
