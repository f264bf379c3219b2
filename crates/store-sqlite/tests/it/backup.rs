//! Backups of a store that serves, and what comes out of them.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use store::conformance::world::World;
use store::failure::Failure;
use store_sqlite::audit::audit;
use store_sqlite::backup::{backup, restore};
use store_sqlite::options::Options;

use crate::disk::{Disk, LETTING_GO, world};
use crate::history::History;

#[test]
fn a_backup_under_load_is_one_moment_of_the_store() {
    let world = world(LETTING_GO);
    let target = tempfile::tempdir().expect("a directory can be made");
    let done = AtomicBool::new(false);
    let heads = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut history = History::resume(&world, 5);
            while !done.load(Ordering::Relaxed) {
                history.step();
            }
        });
        let heads: Vec<_> = (0..5)
            .map(|number| {
                let before = world.head();
                let copy = target.path().join(number.to_string());
                let copied = world
                    .harness
                    .store()
                    .backup(&copy)
                    .expect("a backup is made");
                assert!(
                    before <= copied.head,
                    "what was acknowledged before must be in the copy"
                );
                copied.head
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        heads
    });
    for (number, head) in heads.into_iter().enumerate() {
        let data = target.path().join(format!("restored-{number}"));
        let restored = restore(&target.path().join(number.to_string()), &data);
        assert_eq!(restored.expect("the backup is restored").head, head);
        let report = audit(&data).expect("the copy can be audited");
        assert_eq!(report.differences, Vec::<String>::new());
        let again = World {
            harness: Disk::at(&data, Options::default()).expect("the copy opens"),
        };
        assert_eq!(again.head(), head);
        again.issue([1_000_000], 1_000);
    }
    assert_eq!(left_over(target.path()), 0);
}

#[test]
fn a_closed_directory_can_be_backed_up() {
    let mut world = world(Options::default());
    world.issue([1], 1_000);
    let head = world.head();
    let path = world.harness.path().to_owned();
    world.harness.close();
    let target = tempfile::tempdir().expect("a directory can be made");
    let copied = backup(&path, target.path()).expect("an empty directory will do");
    assert_eq!(copied.head, head);
    world.harness.open().expect("the original opens still");
}

#[test]
fn a_backup_does_not_write_over_anything() {
    let world = world(Options::default());
    let target = tempfile::tempdir().expect("a directory can be made");
    fs::write(target.path().join("notes.txt"), "mine").expect("the file can be written");
    let outcome = world.harness.store().backup(target.path());
    assert!(matches!(outcome, Err(Failure::Io { .. })), "{outcome:?}");
    let notes = fs::read_to_string(target.path().join("notes.txt"));
    assert_eq!(notes.expect("the file is there"), "mine");
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let source = tempfile::tempdir().expect("a directory can be made");
    let target = tempfile::tempdir().expect("a directory can be made");
    let data = target.path().join("data");
    assert!(restore(source.path(), &data).is_err());
    assert!(!data.exists());
    assert_eq!(left_over(target.path()), 0);
}

/// Unfinished copies in a directory.
fn left_over(directory: &Path) -> usize {
    let entries = fs::read_dir(directory).expect("the directory can be read");
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".partial"))
        .count()
}
