//! The stored rows against the model: each row equal, none too many.

use store::audit::model::Model;
use store::audit::{AuditReport, ROWS_AT_ONCE, compare};
use store::failure::Failure;
use store::row::{Key, Row};

use crate::store::SqliteStore;

/// Every row of the model must load as it is, through the same path that commands take.
pub(super) fn rows(
    model: &Model,
    store: &SqliteStore,
    report: &mut AuditReport,
) -> Result<(), Failure> {
    let mut rows = model.rows();
    let mut compared = 0_u64;
    loop {
        let batch: Vec<Row> = rows.by_ref().take(ROWS_AT_ONCE).collect();
        if batch.is_empty() {
            break;
        }
        let keys: Vec<Key> = batch.iter().map(Row::key).collect();
        let snapshot = store.shared.load(&keys)?;
        compared += batch.len() as u64;
        compare::rows(&batch, &snapshot, report);
    }
    report.figure("rows compared", compared);
    Ok(())
}

pub(super) fn balances(model: &Model, store: &SqliteStore, report: &mut AuditReport) {
    let stored = store.shared.memory.read().balances.clone();
    compare::balances(model, &stored, report);
}

/// As many things must be stored as the journal made.
pub(super) fn counts(
    model: &Model,
    store: &SqliteStore,
    report: &mut AuditReport,
) -> Result<(), Failure> {
    let stored = store.shared.views.counts()?;
    let live = {
        let memory = store.shared.memory.read();
        let archived = |serial| memory.vouchers.voucher(serial).is_none();
        let closed = store.shared.views.closed_serials()?;
        let closed = closed.into_iter().filter(|serial| archived(*serial));
        memory.vouchers.len() + closed.count()
    };
    let pairs = [
        ("vouchers", live as u64, model.vouchers.len()),
        ("payments", stored.payments, model.payments.len()),
        ("orders", stored.orders, model.orders.len()),
    ];
    for (what, found, expected) in pairs {
        compare::count(what, found, expected, report);
    }
    Ok(())
}

/// The outbox has every number once, and does not run ahead of the journal.
pub(super) fn outbox(store: &SqliteStore, report: &mut AuditReport) -> Result<(), Failure> {
    let outbox = store.outbox.audit()?;
    report.figure("messages", outbox.messages);
    report.require(outbox.gaps == 0, || {
        format!(
            "{} merchants' messages have gaps in their numbers",
            outbox.gaps
        )
    });
    let head = store.shared.journal.head();
    report.require(outbox.cursor <= head, || {
        "the outbox is ahead of the journal".to_owned()
    });
    Ok(())
}
