//! Directories that are missing something, damaged, too new, or in use.

use std::fs;
use std::path::Path;

use payment::state::{CaptureMode, Status};
use rusqlite::Connection;
use store::conformance::Harness;
use store::conformance::world::{
    MERCHANT, World, authorized, captured, created, payment_id, pin, serial,
};
use store::failure::Failure;
use store::fold::Rows;
use store::port::{Batch, CommitError};
use store::row::Key;
use store_sqlite::audit::audit;
use store_sqlite::options::Options;
use store_sqlite::report::ViewsAtStart;
use store_sqlite::store::SqliteStore;

use crate::disk::{Disk, LETTING_GO, world};

/// A closed directory with some history.
fn closed_world() -> (World<Disk>, std::path::PathBuf) {
    let mut world = world(LETTING_GO);
    let id = payment_id(MERCHANT, "first");
    world.issue(0..300, 1_000);
    world.commit(vec![
        created(id, 1_500, "anna"),
        authorized(id, &[(1, 1_000), (2, 500)], CaptureMode::Manual),
        captured(id, &[(1, 1_000), (2, 500)]),
    ]);
    let path = world.harness.path().to_owned();
    world.harness.close();
    (world, path)
}

fn assert_rebuilt(world: &mut World<Disk>) {
    world.harness.open_in_turn();
    let views = &world.harness.store().start().views;
    assert!(matches!(views, ViewsAtStart::Rebuilt { .. }), "{views:?}");
    let id = payment_id(MERCHANT, "first");
    let rows = world.load(&[Key::Payment(id), Key::Pin(pin(1)), Key::Pin(pin(3))]);
    assert_eq!(
        rows.payment(id).map(|payment| payment.status),
        Some(Status::Success)
    );
    assert_eq!(
        rows.voucher(serial(2)).map(|voucher| voucher.remaining),
        Some(500)
    );
    assert!(rows.voucher_by_pin(pin(1)).is_some());
    assert!(rows.voucher_by_pin(pin(3)).is_some());
    world.issue([900], 1_000);
    let path = world.harness.path().to_owned();
    world.harness.close();
    let report = audit(&path).expect("the store can be audited");
    assert_eq!(report.differences, Vec::<String>::new());
}

fn opening_fails(path: &Path) -> Failure {
    SqliteStore::open(path, Options::default())
        .map(drop)
        .expect_err("the directory must not open")
}

#[test]
fn views_that_were_deleted_come_back_from_the_journal() {
    let (mut world, path) = closed_world();
    fs::remove_file(path.join("views.db")).expect("the views were there");
    assert_rebuilt(&mut world);
}

#[test]
fn views_that_are_no_database_come_back_from_the_journal() {
    let (mut world, path) = closed_world();
    fs::write(path.join("views.db"), [0x5a; 50_000]).expect("the file can be written");
    assert_rebuilt(&mut world);
}

#[test]
fn damaged_pages_of_the_views_come_back_from_the_journal() {
    let (mut world, path) = closed_world();
    let mut bytes = fs::read(path.join("views.db")).expect("the views are there");
    bytes[8_192..].fill(0x5a);
    fs::write(path.join("views.db"), bytes).expect("the file can be written");
    assert_rebuilt(&mut world);
}

#[test]
fn views_of_another_directory_are_not_believed() {
    let (mut world, path) = closed_world();
    let (_other, other_path) = closed_world();
    fs::copy(other_path.join("views.db"), path.join("views.db")).expect("the file can be copied");
    assert_rebuilt(&mut world);
}

#[test]
fn views_ahead_of_a_restored_journal_are_not_believed() {
    let (mut world, path) = closed_world();
    let old = fs::read(path.join("journal.db")).expect("the journal is there");
    world.harness.open().expect("the store opens");
    world.issue(300..310, 1_000);
    world.harness.close();
    fs::write(path.join("journal.db"), old).expect("the file can be written");
    assert_rebuilt(&mut world);
}

#[test]
fn views_of_another_course_of_the_journal_are_not_believed() {
    let (mut world, path) = closed_world();
    let old = fs::read(path.join("journal.db")).expect("the journal is there");
    world.harness.open().expect("the store opens");
    world.issue(300..310, 1_000);
    world.harness.close();
    let views = fs::read(path.join("views.db")).expect("the views are there");
    fs::write(path.join("journal.db"), old).expect("the file can be written");
    world.harness.open().expect("the store opens");
    world.issue(400..420, 1_000);
    world.harness.close();
    fs::write(path.join("views.db"), views).expect("the file can be written");
    assert_rebuilt(&mut world);
}

#[test]
fn a_damaged_journal_is_named() {
    let (_world, path) = closed_world();
    fs::write(path.join("journal.db"), [0x5a; 50_000]).expect("the file can be written");
    let failure = opening_fails(&path);
    assert!(
        matches!(&failure, Failure::Corrupt { place, .. } if place.ends_with("journal.db")),
        "{failure}"
    );
}

#[test]
fn a_journal_whose_last_entry_is_damaged_is_named() {
    let (_world, path) = closed_world();
    let journal = Connection::open(path.join("journal.db")).expect("the journal opens");
    let sql =
        "UPDATE journal SET entry = x'0102' WHERE sequence = (SELECT max(sequence) FROM journal)";
    journal.execute(sql, []).expect("the entry is changed");
    drop(journal);
    let failure = opening_fails(&path);
    assert!(
        matches!(&failure, Failure::Corrupt { place, .. } if place.ends_with("journal.db")),
        "{failure}"
    );
}

#[test]
fn an_entry_that_is_missing_in_the_middle_is_found_by_a_rebuild() {
    let (_world, path) = closed_world();
    let journal = Connection::open(path.join("journal.db")).expect("the journal opens");
    journal
        .execute("DELETE FROM journal WHERE sequence = 3", [])
        .expect("the entry is removed");
    drop(journal);
    fs::remove_file(path.join("views.db")).expect("the views were there");
    let failure = opening_fails(&path);
    assert!(
        matches!(&failure, Failure::Corrupt { place, .. } if place.ends_with("journal.db")),
        "{failure}"
    );
}

#[test]
fn a_foreign_database_is_not_taken_for_a_journal() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let foreign = Connection::open(directory.path().join("journal.db")).expect("a file is made");
    foreign
        .execute_batch("CREATE TABLE songs (title TEXT)")
        .expect("a table is made");
    drop(foreign);
    let failure = opening_fails(directory.path());
    assert!(matches!(failure, Failure::Corrupt { .. }), "{failure}");
}

#[test]
fn a_newer_format_is_refused_with_both_numbers() {
    for (file, format) in [("journal.db", 1), ("views.db", 3), ("outbox.db", 1)] {
        let (_world, path) = closed_world();
        let database = Connection::open(path.join(file)).expect("the file opens");
        database
            .pragma_update(None, "user_version", 7)
            .expect("the format is changed");
        drop(database);
        let failure = opening_fails(&path);
        let newer = matches!(&failure, Failure::Newer { found: 7, supported, place } if place.ends_with(file) && *supported == format);
        assert!(newer, "{failure}");
    }
}

#[test]
fn views_of_an_older_format_are_rebuilt() {
    let (world, path) = closed_world();
    let database = Connection::open(path.join("views.db")).expect("the file opens");
    database
        .execute_batch("DROP TABLE reversals; PRAGMA user_version = 1")
        .expect("the format is changed");
    drop(database);
    let store = SqliteStore::open(&path, Options::default()).expect("the views can be had again");
    assert!(
        matches!(store.start().views, ViewsAtStart::Rebuilt { .. }),
        "{:?}",
        store.start()
    );
    store.close();
    drop(world);
}

#[test]
fn a_missing_outbox_is_not_started_anew() {
    let (_world, path) = closed_world();
    fs::remove_file(path.join("outbox.db")).expect("the outbox was there");
    let failure = opening_fails(&path);
    assert!(
        matches!(&failure, Failure::Corrupt { place, .. } if place.ends_with("outbox.db")),
        "{failure}"
    );
}

#[test]
fn a_directory_in_use_is_refused_until_it_is_closed() {
    let mut world = world(Options::default());
    let path = world.harness.path().to_owned();
    let failure = opening_fails(&path);
    assert!(matches!(failure, Failure::InUse { .. }), "{failure}");
    assert!(matches!(audit(&path), Err(Failure::InUse { .. })));
    world.harness.reopen();
}

#[test]
fn the_log_of_the_journal_stays_bounded() {
    let world = world(LETTING_GO);
    for first in (0..40_000).step_by(1_000) {
        world.issue(first..first + 1_000, 1_000);
    }
    let size = |file| {
        fs::metadata(world.harness.path().join(file))
            .expect("the file is there")
            .len()
    };
    let (log, journal) = (size("journal.db-wal"), size("journal.db"));
    assert!(
        8 * LETTING_GO.log_bytes_max < journal,
        "{journal} bytes are too few to tell"
    );
    assert!(
        log < 4 * LETTING_GO.log_bytes_max,
        "the log has {log} bytes"
    );
}

#[test]
fn a_closed_store_refuses_commits() {
    let world = world(Options::default());
    let facts = vec![created(payment_id(MERCHANT, "first"), 100, "anna")];
    let batch = world.batch(world.entries(facts));
    world.harness.store().close();
    let outcome = world.try_commit(batch);
    assert!(
        matches!(outcome, Err(CommitError::Failure(Failure::Closed))),
        "{outcome:?}"
    );
    let outcome = world.try_commit(Batch::default());
    assert!(
        matches!(outcome, Err(CommitError::Failure(Failure::Closed))),
        "{outcome:?}"
    );
}
