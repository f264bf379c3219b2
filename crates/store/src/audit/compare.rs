//! The stored rows against the model: each row equal, none too many.

use ledger::balances::Balances;

use crate::audit::AuditReport;
use crate::audit::model::Model;
use crate::fold::Rows;
use crate::row::Row;
use crate::snapshot::Snapshot;

/// Every one of these rows must have been loaded as it is.
pub fn rows(expected: &[Row], loaded: &Snapshot, report: &mut AuditReport) {
    for row in expected {
        report.require(is_stored(row, loaded), || {
            format!("{} differs from what the journal says", name(row))
        });
    }
}

/// The balances must be those of the journal.
pub fn balances(model: &Model, stored: &Balances, report: &mut AuditReport) {
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
pub fn count(what: &str, stored: u64, expected: usize, report: &mut AuditReport) {
    report.require(stored == expected as u64, || {
        format!("{stored} {what} are stored where the journal made {expected}")
    });
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
        Row::Document(row) => snapshot.document(row.name) == Some(row),
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
        Row::Document(row) => format!("document {:?}", row.name),
        Row::Command(row) => format!("the command of entry {}", row.entry.0),
    }
}
