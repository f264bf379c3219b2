//! The audit finds what was changed behind the store's back.

use std::path::Path;

use payment::state::CaptureMode;
use rusqlite::Connection;
use store::audit::AuditReport;
use store::conformance::world::{MERCHANT, authorized, captured, created, payment_id};
use store_sqlite::audit::audit;

use crate::disk::{LETTING_GO, world};

/// Audits a store after a change to its files by hand.
fn audit_after(change: impl FnOnce(&Path)) -> AuditReport {
    let mut world = world(LETTING_GO);
    let id = payment_id(MERCHANT, "first");
    world.issue([1, 2], 1_000);
    world.commit(vec![
        created(id, 1_500, "anna"),
        authorized(id, &[(1, 1_000), (2, 500)], CaptureMode::Manual),
        captured(id, &[(1, 1_000), (2, 500)]),
    ]);
    let path = world.harness.path().to_owned();
    world.harness.close();
    change(&path);
    audit(&path).expect("the store can be audited")
}

fn execute(path: &Path, file: &str, sql: &str) {
    let database = Connection::open(path.join(file)).expect("the file opens");
    let changed = database.execute(sql, []).expect("the statement runs");
    assert_ne!(changed, 0, "{sql} changes nothing");
}

#[test]
fn a_sound_store_has_no_differences_and_its_figures_add_up() {
    let report = audit_after(|_| {});
    assert_eq!(report.differences, Vec::<String>::new());
    let figure = |name: &str| -> Option<&str> {
        let found = report.figures.iter().find(|figure| figure.0 == name);
        found.map(|figure| figure.1.as_str())
    };
    assert_eq!(figure("journal entries"), Some("7"));
    assert_eq!(figure("issued in EUR"), Some("20.00 EUR"));
    assert_eq!(figure("spent in EUR"), Some("15.00 EUR"));
    assert_eq!(figure("remaining in EUR"), Some("5.00 EUR"));
}

#[test]
fn a_changed_balance_is_found() {
    let report = audit_after(|path| {
        execute(path, "views.db", "UPDATE balances SET minor = minor + 1");
    });
    assert!(!report.is_sound());
}

#[test]
fn a_changed_payment_is_found() {
    let report = audit_after(|path| {
        let database = Connection::open(path.join("views.db")).expect("the file opens");
        // The last seven bytes of a row are the entry that authorised it, no duplicate, no stop, no challenge, no review, no
        // label and no erasing: the row decodes, but says another thing.
        let row: Vec<u8> = database
            .query_row("SELECT row FROM payments", [], |row| row.get(0))
            .expect("there is a payment");
        let mut changed = row.clone();
        let place = changed.len() - 7;
        changed[place] -= 1;
        database
            .execute("UPDATE payments SET row = ?1", [changed])
            .expect("the row is changed");
    });
    assert!(
        report
            .differences
            .iter()
            .any(|difference| difference.contains("payment")),
        "{report:?}"
    );
}

#[test]
fn a_closed_voucher_that_was_removed_is_found() {
    let report = audit_after(|path| execute(path, "views.db", "DELETE FROM closed_vouchers"));
    assert!(
        report
            .differences
            .iter()
            .any(|difference| difference.contains("voucher")),
        "{report:?}"
    );
}

#[test]
fn a_payment_that_its_id_no_longer_finds_is_found() {
    let report = audit_after(|path| {
        execute(
            path,
            "views.db",
            "DELETE FROM payment_places WHERE key IS NOT NULL",
        )
    });
    assert!(
        !report.is_sound(),
        "a payment that cannot be found by its id"
    );
}
