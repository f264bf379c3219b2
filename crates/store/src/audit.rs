//! The audit: the journal folded once more from its first entry, and everything stored compared with it.
//!
//! What is the same for every backend; a backend adds how it reads its journal and its rows.

pub mod compare;
mod invariants;
pub mod model;

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;

use crate::audit::model::Model;
use crate::fold;

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

impl AuditReport {
    pub fn is_sound(&self) -> bool {
        self.differences.is_empty()
    }

    pub fn figure(&mut self, name: impl Into<String>, value: impl ToString) {
        self.figures.push((name.into(), value.to_string()));
    }

    /// Notes what does not hold.
    pub fn require(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
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

/// Entries that a backend reads for an audit at a time.
pub const ENTRIES_AT_ONCE: usize = 2_000;
/// Rows that a backend loads for an audit at a time.
pub const ROWS_AT_ONCE: usize = 1_000;

impl Model {
    /// Folds the next entries of the journal.
    pub fn add(&mut self, entries: &[Arc<Entry>], report: &mut AuditReport) {
        for entry in entries {
            let at = entry.sequence();
            report.require(Sequence(self.entries).next() == at, || {
                format!("entry {} follows entry {}", at.0, self.entries)
            });
            self.entries = at.0;
            if let Some(command) = entry.idempotency() {
                let known = self.commands.contains_key(&command.key);
                report.require(!known, || {
                    format!("entry {} repeats an idempotency key", at.0)
                });
            }
            if let Err(error) = fold::apply(self, entry) {
                report.require(false, || format!("entry {}: {error}", at.0));
            }
            if let Err(error) = self.balances.post(entry.postings()) {
                report.require(false, || format!("entry {}: {error}", at.0));
            }
        }
    }

    /// What must hold of the rows, whatever is stored.
    pub fn check(&self, report: &mut AuditReport) {
        report.figure("journal entries", self.entries);
        invariants::check(self, report);
    }
}
