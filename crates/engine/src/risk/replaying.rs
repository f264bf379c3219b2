//! Past decisions, taken again from the journal alone.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Entry as JournalEntry;
use risk::bytes::DecodeError;
use risk::decision::values::{FactValues, Schema};
use risk::decision::{Contribution, Judged, ModelScore, Record};
use risk::decision::{Difference, replay};
use risk::feature;
use risk::model::artifact::{Artifact, ModelHash};
use risk::model::panel::{CHALLENGERS_MAX, Panel};
use risk::rule_set::RuleSet;
use store::failure::Failure;
use store::port::Store;

use crate::history;
use crate::risk::bench::{contributions, scores};
use crate::risk::in_force;

/// What became of one entry.
#[derive(Debug)]
pub enum Replayed {
    /// It holds no judged attempt.
    NotJudged,
    Same,
    Different(Mismatch),
}

/// Why a decision cannot be taken again as it was.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    #[error("the record cannot be read: {0}")]
    Record(#[from] DecodeError),
    #[error("the rules that decided are not in the journal")]
    NoRules,
    #[error("the model that scored is not in the journal, or cannot be asked by this version")]
    NoModel,
    #[error(transparent)]
    Decision(#[from] Difference),
}

/// Takes decisions again; rules and models are read once.
pub struct Replayer {
    schema: Schema,
    rules: HashMap<[u8; 32], Option<RuleSet>>,
    models: HashMap<ModelHash, Option<Arc<Artifact>>>,
}

impl Replayer {
    pub fn new(schema: Schema) -> Replayer {
        Replayer {
            schema,
            rules: HashMap::new(),
            models: HashMap::new(),
        }
    }

    /// Takes the decision of an entry again, if it holds one.
    pub async fn replay(
        &mut self,
        store: &dyn Store,
        entry: &JournalEntry,
    ) -> Result<Replayed, Failure> {
        let Some(judgement) = history::judgement_of(entry) else {
            return Ok(Replayed::NotJudged);
        };
        let record = match Record::decode(&judgement.record) {
            Ok(record) => record,
            Err(error) => return Ok(Replayed::Different(error.into())),
        };
        self.read(store, &record).await?;
        Ok(match self.again(&record) {
            Ok(()) => Replayed::Same,
            Err(mismatch) => Replayed::Different(mismatch),
        })
    }

    fn again(&self, record: &Record) -> Result<(), Mismatch> {
        let rules = self.rules.get(&record.rule_set_hash);
        let rules = rules.and_then(Option::as_ref).ok_or(Mismatch::NoRules)?;
        let panel = self.panel(record)?;
        let judge = |facts: &FactValues| match (&panel, record.answer) {
            (Some(panel), Ok(_)) => scores(panel, facts),
            (_, answer) => Judged {
                answer,
                challengers: from_record(record),
            },
        };
        let why = |facts: &FactValues| -> Vec<Contribution> {
            let panel = panel.as_ref();
            panel.map_or_else(Vec::new, |panel| contributions(panel, facts, &self.schema))
        };
        Ok(replay(record, &self.schema, rules, judge, why)?)
    }

    /// The models that judged; none where there was no score.
    fn panel(&self, record: &Record) -> Result<Option<Panel>, Mismatch> {
        let Ok(answer) = record.answer else {
            return Ok(None);
        };
        let artifact = |model: &ModelHash| -> Result<Arc<Artifact>, Mismatch> {
            let found = self.models.get(model).and_then(Option::as_ref);
            found.cloned().ok_or(Mismatch::NoModel)
        };
        let beside = record.decision.challengers.iter();
        let beside: Result<Vec<_>, _> = beside.map(|it| artifact(&it.answer.model)).collect();
        let champion = artifact(&answer.model)?;
        let catalogue = self.schema.catalogue();
        let panel = Panel::new(champion, beside?, catalogue, feature::VERSION);
        panel.map(Some).map_err(|_| Mismatch::NoModel)
    }

    /// Reads the rules and models that the record names, unless they were read before.
    async fn read(&mut self, store: &dyn Store, record: &Record) -> Result<(), Failure> {
        let rules = record.rule_set_hash;
        if let Entry::Vacant(unknown) = self.rules.entry(rules) {
            let found = in_force::rules_of(store, &self.schema, rules).await?;
            unknown.insert(found.and_then(Result::ok));
        }
        let champion = record.answer.ok().map(|answer| answer.model);
        let beside = record.decision.challengers.iter();
        let models = beside.map(|it| it.answer.model).chain(champion);
        for model in models.take(1 + CHALLENGERS_MAX) {
            if let Entry::Vacant(unknown) = self.models.entry(model) {
                let content = in_force::document(store, DocumentName::RiskModel(model.0)).await?;
                let artifact = content.and_then(|bytes| Artifact::decode(bytes.to_vec()).ok());
                unknown.insert(artifact.map(Arc::new));
            }
        }
        Ok(())
    }
}

fn from_record(record: &Record) -> Vec<ModelScore> {
    let beside = record.decision.challengers.iter();
    beside.map(|it| it.answer).collect()
}
