//! Rules, lists, models and settings: read, changed, and kept in the journal, each version for ever.

use std::sync::Arc;

use accounting::document::{CONTENT_MAX, DocumentName};
use accounting::entry::Actor;
use ids::command::Sequence;
use risk::decision::Record;
use risk::feature;
use risk::model::artifact::{Artifact, ArtifactRefusal, ModelHash};
use risk::model::binding::BindingRefusal;
use risk::model::import::ImportRefusal;
use risk::model::registry::{self, RegistryRefusal};
use risk::rule_set::Edit;
use risk::rule_set::{EditError, RuleSet};
use risk::settings::{Settings, SettingsRefusal};
use store::row::Key;

use crate::command::{Command, Envelope, NewDocument};
use crate::error::{CommandError, Refusal};
use crate::risk::in_force::{self, InForce, InForceError};
use crate::risk::learning::LearningError;
use crate::service::analyst::AnalystService;

/// How often a change is made again because somebody else was faster.
pub(super) const RACES_MAX: usize = 5;

/// Why rules, models or settings stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Models(#[from] RegistryRefusal),
    #[error(transparent)]
    Model(#[from] ArtifactRefusal),
    /// A model that would not be asked by this version.
    #[error(transparent)]
    Foreign(#[from] BindingRefusal),
    #[error(transparent)]
    Import(#[from] ImportRefusal),
    #[error("what the journal knows could not be read")]
    Learning(#[from] LearningError),
    #[error("the model file has {found} bytes and may have {CONTENT_MAX}; train a smaller model")]
    TooLarge { found: usize },
    #[error(transparent)]
    Settings(#[from] SettingsRefusal),
    #[error("the rules and models in force cannot be read")]
    InForce(#[source] InForceError),
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl AnalystService {
    /// Writes the rules that ship with this version down as those in force, if none were written down before.
    pub async fn establish(&self) -> Result<(), ChangeError> {
        let current = self.current().await?;
        if current.version.is_some() {
            return Ok(());
        }
        let saved = self.save(Actor::Operator, &current.settings, &current.rules, None);
        match saved.await {
            // Another node was faster.
            Err(ChangeError::Command(CommandError::Refused(Refusal::DocumentChanged))) => Ok(()),
            done => done,
        }
    }

    /// The rules, models and settings in force, as the journal has them now.
    pub async fn current(&self) -> Result<InForce, ChangeError> {
        let schema = self.risk.schema();
        let found = InForce::load(self.engine.store().as_ref(), schema).await;
        let found = found.map_err(ChangeError::InForce)?;
        Ok(found.unwrap_or_else(|| InForce::shipped(schema)))
    }

    /// Makes one change of the rules or lists; answers the set that it led to.
    pub async fn edit_rules(&self, actor: Actor, edit: Edit) -> Result<Arc<RuleSet>, ChangeError> {
        let changed = self.repeat(actor, |current| {
            let now = self.engine.clock().now();
            let catalogue = self.risk.schema().catalogue();
            let rules = current.rules.apply(&edit, catalogue, now)?;
            Ok((naming(&rules, current), rules))
        });
        changed.await.map(Arc::new)
    }

    /// Makes those of the edits that can be made, as one change; the others are told to the log.
    pub async fn edit_as_far_as_possible(
        &self,
        actor: Actor,
        edits: &[Edit],
    ) -> Result<Arc<RuleSet>, ChangeError> {
        let changed = self.repeat(actor, |current| {
            let now = self.engine.clock().now();
            let catalogue = self.risk.schema().catalogue();
            let mut rules = current.rules.clone();
            for edit in edits {
                match rules.apply(edit, catalogue, now) {
                    Ok(next) => rules = next,
                    Err(error) => tracing::warn!(%error, "a change of the rules was not made"),
                }
            }
            Ok((naming(&rules, current), rules))
        });
        changed.await.map(Arc::new)
    }

    /// Keeps a model file, so that it may be promoted.
    pub async fn register_model(
        &self,
        actor: Actor,
        file: Vec<u8>,
    ) -> Result<ModelHash, ChangeError> {
        if CONTENT_MAX < file.len() {
            return Err(ChangeError::TooLarge { found: file.len() });
        }
        let artifact = Artifact::decode(file)?;
        artifact.bind(self.risk.schema().catalogue(), feature::VERSION)?;
        let model = artifact.hash();
        let name = DocumentName::RiskModel(model.0);
        self.save_once(actor, name, artifact.bytes().into()).await?;
        self.change_models(actor, registry::Command::Register { model })
            .await?;
        Ok(model)
    }

    /// Promotes, challenges, withdraws, retires or goes back.
    pub async fn change_models(
        &self,
        actor: Actor,
        command: registry::Command,
    ) -> Result<(), ChangeError> {
        let changed = self.repeat(actor, |current| {
            let event = current.settings.models.decide(command.clone())?;
            let mut settings = current.settings.clone();
            settings.models.apply(&event);
            Ok((settings, current.rules.clone()))
        });
        changed.await.map(|_| ())
    }

    /// Changes what is in neither a rule nor a model.
    pub async fn change_settings(
        &self,
        actor: Actor,
        change: impl Fn(&mut Settings),
    ) -> Result<(), ChangeError> {
        let changed = self.repeat(actor, |current| {
            let mut settings = current.settings.clone();
            change(&mut settings);
            Ok((settings, current.rules.clone()))
        });
        changed.await.map(|_| ())
    }

    /// The rule set that a record names, from the journal.
    pub(super) async fn rules_of(
        &self,
        record: &Record,
    ) -> Result<Option<Arc<RuleSet>>, CommandError> {
        let bench = self.risk.bench();
        if bench.rules.hash() == record.rule_set_hash {
            return Ok(Some(Arc::clone(&bench.rules)));
        }
        let store = self.engine.store().as_ref();
        let found = in_force::rules_of(store, self.risk.schema(), record.rule_set_hash).await?;
        Ok(found.and_then(Result::ok).map(Arc::new))
    }

    /// Makes a change of what is in force, again where somebody else was faster; answers the rules that it led to.
    async fn repeat(
        &self,
        actor: Actor,
        change: impl Fn(&InForce) -> Result<(Settings, RuleSet), ChangeError>,
    ) -> Result<RuleSet, ChangeError> {
        let mut races = 0;
        loop {
            let current = self.current().await?;
            let (settings, rules) = change(&current)?;
            if settings == current.settings && current.version.is_some() {
                return Ok(rules);
            }
            match self.save(actor, &settings, &rules, current.version).await {
                Err(ChangeError::Command(CommandError::Refused(Refusal::DocumentChanged)))
                    if races < RACES_MAX =>
                {
                    races += 1;
                }
                done => return done.map(|()| rules),
            }
        }
    }

    /// Rules first, then the settings that name them: between the two nothing has changed.
    async fn save(
        &self,
        actor: Actor,
        settings: &Settings,
        rules: &RuleSet,
        based_on: Option<Sequence>,
    ) -> Result<(), ChangeError> {
        let name = DocumentName::RiskRules(rules.hash());
        self.save_once(actor, name, rules.encode().into()).await?;
        let document = NewDocument {
            name: DocumentName::RiskSettings,
            content: settings.encode()?.into(),
            based_on,
            by_right_of: None,
        };
        Ok(self.save_document(actor, document).await?)
    }

    /// Keeps a document that its content names, unless it is kept already.
    async fn save_once(
        &self,
        actor: Actor,
        name: DocumentName,
        content: Arc<[u8]>,
    ) -> Result<(), CommandError> {
        let rows = self.engine.store().load(&[Key::Document(name)]).await?;
        if rows.document(name).is_some() {
            return Ok(());
        }
        let document = NewDocument {
            name,
            content,
            based_on: None,
            by_right_of: None,
        };
        match self.save_document(actor, document).await {
            Err(CommandError::Refused(Refusal::DocumentChanged)) => Ok(()),
            done => done,
        }
    }

    pub(super) async fn save_document(
        &self,
        actor: Actor,
        document: NewDocument,
    ) -> Result<(), CommandError> {
        let envelope = Envelope {
            actor,
            idempotency: None,
            command: Command::SaveDocument(document),
        };
        self.engine.execute(envelope).await.map(|_| ())
    }
}

/// The settings in force with these rules instead.
fn naming(rules: &RuleSet, current: &InForce) -> Settings {
    Settings {
        rules: rules.hash(),
        ..current.settings.clone()
    }
}
