//! The audit: the journal folded once more from its first entry, and everything stored compared with it.

mod compare;

use std::path::Path;

use ids::command::Sequence;
use store::audit::model::Model;
use store::audit::{AuditReport, ENTRIES_AT_ONCE};
use store::failure::Failure;

use crate::options::Options;
use crate::store::SqliteStore;

/// Audits a data directory that no other process uses. The model is held in memory: about one kilobyte for
/// each payment and two hundred bytes for each voucher.
pub fn audit(data: &Path) -> Result<AuditReport, Failure> {
    let store = SqliteStore::open_existing(data, Options::default())?;
    let report = audit_store(&store);
    store.close();
    report
}

/// Audits an open store to which nobody writes meanwhile.
pub fn audit_store(store: &SqliteStore) -> Result<AuditReport, Failure> {
    store.shared.queue.wait_until_empty()?;
    let mut report = AuditReport::default();
    let model = replay(store, &mut report)?;
    model.check(&mut report);
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
        model.add(&entries, report);
        last = Sequence(model.entries);
    }
    Ok(model)
}
