//! Rules, lists, models and settings: read, changed, and kept in the journal, each version for ever.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use ids::command::Sequence;
use risk::decision::Record;
use risk::model::artifact::{Artifact, ArtifactRefusal, ModelHash};
use risk::model::registry::{self, RegistryRefusal};
use risk::rule_set::Edit;
use risk::rule_set::{EditError, RuleSet};
use risk::settings::{Settings, SettingsRefusal};
use store::row::Key;

use crate::command::{Command, Envelope, NewDocument};
use crate::error::{CommandError, Refusal};
use crate::risk::bench::{Bench, BenchError};
use crate::service::analyst::AnalystService;
use crate::service::person::Person;

/// How often a change is made again because somebody else was faster.
const RACES_MAX: usize = 5;

/// Why rules, models or settings stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Models(#[from] RegistryRefusal),
    #[error(transparent)]
    Model(#[from] ArtifactRefusal),
    #[error(transparent)]
    Settings(#[from] SettingsRefusal),
    #[error("the rules and models in force cannot be read")]
    Bench(#[source] BenchError),
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
    pub async fn current(&self) -> Result<Bench, ChangeError> {
        let schema = self.risk.schema();
        let found = Bench::load(self.engine.store().as_ref(), schema).await;
        let found = found.map_err(ChangeError::Bench)?;
        Ok(found.unwrap_or_else(|| Bench::shipped(schema)))
    }

    /// Makes one change of the rules or lists; answers the set that it led to.
    pub async fn edit_rules(&self, actor: Actor, edit: Edit) -> Result<Arc<RuleSet>, ChangeError> {
        self.repeat(async |bench: &Bench| {
            let now = self.engine.clock().now();
            let catalogue = self.risk.schema().catalogue();
            let (rules, _) = bench.rules.apply(edit.clone(), catalogue, now)?;
            let settings = Settings {
                rules: rules.hash(),
                ..bench.settings.clone()
            };
            self.save(actor, &settings, &rules, bench.version).await?;
            Ok(Arc::new(rules))
        })
        .await
    }

    /// Keeps a model file, so that it may be promoted.
    pub async fn register_model(
        &self,
        actor: Actor,
        file: Vec<u8>,
    ) -> Result<ModelHash, ChangeError> {
        let artifact = Artifact::decode(file)?;
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
        self.repeat(async |bench: &Bench| {
            let event = bench.settings.models.decide(command.clone())?;
            let mut settings = bench.settings.clone();
            settings.models.apply(&event);
            self.save(actor, &settings, &bench.rules, bench.version)
                .await
        })
        .await
    }

    /// Changes what is in neither a rule nor a model.
    pub async fn change_settings(
        &self,
        actor: Actor,
        change: impl Fn(&mut Settings),
    ) -> Result<(), ChangeError> {
        self.repeat(async |bench: &Bench| {
            let mut settings = bench.settings.clone();
            change(&mut settings);
            self.save(actor, &settings, &bench.rules, bench.version)
                .await
        })
        .await
    }

    /// Adds a person, or changes what one may do.
    pub async fn save_person(&self, person: &Person) -> Result<(), CommandError> {
        let name = DocumentName::Operator(person.id);
        let rows = self.engine.store().load(&[Key::Document(name)]).await?;
        let based_on = rows.document(name).map(|document| document.version);
        let content = person.encode();
        let document = NewDocument {
            name,
            content,
            based_on,
        };
        self.save_document(Actor::Operator, document).await
    }

    /// The rule set that a record names, from the journal.
    pub(super) async fn rules_of(
        &self,
        record: &Record,
    ) -> Result<Option<Arc<RuleSet>>, CommandError> {
        let bench = self.risk.bench();
        if bench.rules.hash() == record.rule_set_hash {
            return Ok(Some(Arc::new(bench.rules.clone())));
        }
        let name = DocumentName::RiskRules(record.rule_set_hash);
        let rows = self.engine.store().load(&[Key::Document(name)]).await?;
        let content = rows.document(name);
        let catalogue = self.risk.schema().catalogue();
        let rules = content.and_then(|it| RuleSet::decode(&it.content, catalogue).ok());
        Ok(rules.map(Arc::new))
    }

    async fn repeat<T>(
        &self,
        attempt: impl AsyncFn(&Bench) -> Result<T, ChangeError>,
    ) -> Result<T, ChangeError> {
        for _ in 1..RACES_MAX {
            let bench = self.current().await?;
            match attempt(&bench).await {
                Err(ChangeError::Command(CommandError::Refused(Refusal::DocumentChanged))) => {}
                done => return done,
            }
        }
        attempt(&self.current().await?).await
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
        };
        match self.save_document(actor, document).await {
            Err(CommandError::Refused(Refusal::DocumentChanged)) => Ok(()),
            done => done,
        }
    }

    async fn save_document(&self, actor: Actor, document: NewDocument) -> Result<(), CommandError> {
        let envelope = Envelope {
            actor,
            idempotency: None,
            command: Command::SaveDocument(document),
        };
        self.engine.execute(envelope).await.map(|_| ())
    }
}
