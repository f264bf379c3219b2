//! What the journal says is in force: settings, and the rules that they name.

use std::sync::Arc;

use accounting::document::DocumentName;
use ids::command::Sequence;
use ids::time::Timestamp;
use risk::decision::values::Schema;
use risk::rule::defaults;
use risk::rule_set::{RuleSet, RuleSetError};
use risk::settings::{Settings, SettingsRefusal};
use store::failure::Failure;
use store::port::Store;
use store::row::Key;

/// Settings and rules, without the models, which take longer to read.
#[derive(Debug)]
pub struct InForce {
    pub settings: Settings,
    /// The version of the settings document; none before it was saved first.
    pub version: Option<Sequence>,
    pub rules: RuleSet,
}

/// Why they cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum InForceError {
    #[error(transparent)]
    Storage(#[from] Failure),
    #[error(transparent)]
    Settings(#[from] SettingsRefusal),
    #[error(transparent)]
    Rules(#[from] RuleSetError),
    #[error("a document that the settings name is missing")]
    Missing,
}

/// The rule set of this hash as the journal has it, or why it cannot be used; none if it has none.
pub async fn rules_of(
    store: &dyn Store,
    schema: &Schema,
    hash: [u8; 32],
) -> Result<Option<Result<RuleSet, RuleSetError>>, Failure> {
    let content = document(store, DocumentName::RiskRules(hash)).await?;
    Ok(content.map(|bytes| RuleSet::decode(&bytes, schema.catalogue())))
}

/// The bytes of a document; none if the journal has none of this name.
pub async fn document(store: &dyn Store, name: DocumentName) -> Result<Option<Arc<[u8]>>, Failure> {
    let rows = store.load(&[Key::Document(name)]).await?;
    Ok(rows.document(name).map(|it| Arc::clone(&it.content)))
}

impl InForce {
    /// The rules that ship with this version, and no model.
    pub fn shipped(schema: &Schema) -> InForce {
        let rules = defaults::rule_set(schema.catalogue(), Timestamp(0))
            .expect("the shipped rules ask facts of this version, as a test tries");
        InForce {
            settings: Settings::new(rules.hash()),
            version: None,
            rules,
        }
    }

    /// What the journal names; none if it names nothing yet.
    pub async fn load(store: &dyn Store, schema: &Schema) -> Result<Option<InForce>, InForceError> {
        let name = DocumentName::RiskSettings;
        let rows = store.load(&[Key::Document(name)]).await?;
        let Some(document) = rows.document(name) else {
            return Ok(None);
        };
        let settings = Settings::decode(&document.content)?;
        let version = Some(document.version);
        let rules = rules_of(store, schema, settings.rules).await?;
        let rules = rules.ok_or(InForceError::Missing)??;
        Ok(Some(InForce {
            settings,
            version,
            rules,
        }))
    }
}
