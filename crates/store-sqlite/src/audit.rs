//! The audit: the journal folded once more from its first entry, and everything stored compared with it.

mod compare;
mod invariants;
mod model;

use std::io;
use std::path::Path;

use ids::command::Sequence;
use store::failure::Failure;
use store::fold;

use crate::audit::model::Model;
use crate::directory;
use crate::options::Options;
use crate::store::SqliteStore;

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Names and values, in the order in which they are best read.
    pub figures: Vec<(String, String)>,
    /// What does not hold, each in words; none if all is well.
    pub differences: Vec<String>,
}

/// Differences beyond this many are counted and not told.
const DIFFERENCES_MAX: usize = 100;
const ENTRIES_AT_ONCE: usize = 2_000;

impl AuditReport {
    pub fn is_sound(&self) -> bool {
        self.differences.is_empty()
    }

    fn figure(&mut self, name: impl Into<String>, value: impl ToString) {
        self.figures.push((name.into(), value.to_string()));
    }

    /// Notes what does not hold.
    fn require(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if holds {
            return;
        }
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(otherwise());
        } else if self.differences.len() == DIFFERENCES_MAX {
            self.differences
                .push("there are more differences than are told here".to_owned());
        }
    }
}

/// Audits a data directory that no other process uses. The model is held in memory: about one kilobyte for
/// each payment and two hundred bytes for each voucher.
pub fn audit(data: &Path) -> Result<AuditReport, Failure> {
    let journal = directory::journal(data);
    if !journal.exists() {
        return Err(directory::failure(&journal, io::ErrorKind::NotFound.into()));
    }
    let store = SqliteStore::open(data, Options::default())?;
    store.shared.queue.wait_until_empty()?;
    let report = audit_store(&store);
    store.close();
    report
}

fn audit_store(store: &SqliteStore) -> Result<AuditReport, Failure> {
    let mut report = AuditReport::default();
    let model = replay(store, &mut report)?;
    report.figure("journal entries", model.entries);
    invariants::check(&model, &mut report);
    compare::rows(&model, store, &mut report)?;
    compare::balances(&model, store, &mut report);
    compare::counts(&model, store, &mut report)?;
    compare::outbox(store, &mut report)?;
    Ok(report)
}

/// Folds the whole journal. Reading checks that sequences have no gap and that postings follow from facts.
fn replay(store: &SqliteStore, report: &mut AuditReport) -> Result<Model, Failure> {
    let journal = &store.shared.journal;
    let mut model = Model::default();
    let mut last = Sequence(0);
    while last < journal.head() {
        let entries = match journal.entries_after(last, ENTRIES_AT_ONCE) {
            Ok(entries) => entries,
            Err(failure @ Failure::Corrupt { .. }) => {
                report.require(false, || format!("behind entry {}: {failure}", last.0));
                return Ok(model);
            }
            Err(failure) => return Err(failure),
        };
        for entry in &entries {
            last = entry.sequence();
            model.entries = last.0;
            if let Some(command) = entry.idempotency() {
                let known = model.commands.contains_key(&command.key);
                report.require(!known, || {
                    format!("entry {} repeats an idempotency key", last.0)
                });
            }
            if let Err(error) = fold::apply(&mut model, entry) {
                report.require(false, || format!("entry {}: {error}", last.0));
            }
            if let Err(error) = model.balances.post(entry.postings()) {
                report.require(false, || format!("entry {}: {error}", last.0));
            }
        }
    }
    Ok(model)
}
