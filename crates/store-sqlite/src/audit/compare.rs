//! The stored rows against the model: each row equal, none too many.

use store::failure::Failure;
use store::fold::Rows;
use store::row::{Key, Row};
use store::snapshot::Snapshot;

use crate::audit::AuditReport;
use crate::audit::model::Model;
use crate::store::SqliteStore;

const ROWS_AT_ONCE: usize = 1_000;

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
        for row in &batch {
            compared += 1;
            report.require(is_stored(row, &snapshot), || {
                format!("{} differs from what the journal says", name(row))
            });
        }
    }
    report.figure("rows compared", compared);
    Ok(())
}

pub(super) fn balances(model: &Model, store: &SqliteStore, report: &mut AuditReport) {
    let stored = store.shared.memory.read().balances.clone();
    for (account, minor) in model.balances.iter() {
        let found = stored.of(account);
        report.require(found == minor, || {
            format!("{account:?} is stored as {found} where the journal says {minor}")
        });
    }
    for (account, minor) in stored.iter() {
        let expected = model.balances.of(account);
        report.require(expected == minor, || {
            format!("{account:?} is stored as {minor} where the journal says {expected}")
        });
    }
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
        report.require(found == expected as u64, || {
            format!("{found} {what} are stored where the journal made {expected}")
        });
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

fn is_stored(row: &Row, snapshot: &Snapshot) -> bool {
    match row {
        Row::Merchant(row) => snapshot.merchant(row.id) == Some(row),
        Row::Distributor(row) => snapshot.distributor(row.id) == Some(row),
        Row::Product(row) => snapshot.product(row.key) == Some(row),
        Row::ApiKey(row) => snapshot.api_key(row.digest) == Some(*row),
        Row::Voucher(row) => snapshot.voucher(row.serial) == Some(*row),
        Row::Payment(row) => snapshot.payment(row.id) == Some(row),
        Row::Order(row) => snapshot.order(row.id) == Some(row),
        Row::Terminal(row) => snapshot.terminal(row.key) == Some(row),
        Row::Command(row) => snapshot.command(row.key) == Some(row),
    }
}

fn name(row: &Row) -> String {
    match row {
        Row::Merchant(row) => format!("merchant {}", row.id),
        Row::Distributor(row) => format!("distributor {}", row.id),
        Row::Product(row) => format!("product {}", row.key.product),
        Row::ApiKey(_) => "an API key".to_owned(),
        Row::Voucher(row) => format!("voucher {}", row.serial),
        Row::Payment(row) => format!("payment {}", row.id),
        Row::Order(row) => format!("order {}", row.id),
        Row::Terminal(row) => format!("terminal {}", row.key.terminal),
        Row::Command(row) => format!("the command of entry {}", row.entry.0),
    }
}
