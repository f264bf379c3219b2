//! Copies of a log, and runs that were stopped in the middle.

use std::path::Path;

use tempfile::TempDir;
use tlog_reader::check::Terms;
use tlog_reader::error::ReadError;
use tlog_reader::mirror::Mirror;
use tlog_reader::source::Source;

use crate::support::{
    CLOCK, Log, Mood, PATIENCE, Server, check_at, files_of, flip, mirror_to, policy, write,
};

#[tokio::test]
async fn a_mirror_has_the_files_of_its_log_and_can_be_mirrored_itself() {
    for size in [0, 1, 2, 255, 256, 257, 65_537] {
        let log = Log::honest(size);
        let server = Server::start(log.directory.path()).await;
        let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        mirror_to(first.path(), &server.place).await.unwrap();
        assert_eq!(
            files_of(first.path()),
            files_of(log.directory.path()),
            "{size}"
        );
        let copy = Server::start(first.path()).await;
        mirror_to(second.path(), &copy.place).await.unwrap();
        assert_eq!(
            files_of(second.path()),
            files_of(log.directory.path()),
            "{size}"
        );
    }
}

#[tokio::test]
async fn a_mirror_follows_its_log_and_fetches_only_what_is_new() {
    let home = TempDir::new().unwrap();
    let mut log = Log::honest(300);
    let server = Server::start(log.directory.path()).await;
    mirror_to(home.path(), &server.place).await.unwrap();
    log.grow_to(1_000);
    server.asked();
    let mirrored = mirror_to(home.path(), &server.place).await.unwrap();
    assert_eq!(mirrored.served.checkpoint.size, 1_000);
    assert!(!server.asked().contains(&"tile/entries/000".to_owned()));
    assert_eq!(files_of(home.path()), files_of(log.directory.path()));
}

#[tokio::test]
async fn a_run_that_is_stopped_anywhere_is_gone_on_with() {
    let log = Log::honest(1_500);
    let server = Server::start(log.directory.path()).await;
    let whole = files_of(log.directory.path());
    let policy = policy();
    let terms = Terms {
        policy: &policy,
        clock: CLOCK,
    };
    let home = TempDir::new().unwrap();
    // Each round gets a little further before it is dropped in the middle of what it does.
    for leaves_max in [0, 256, 512, 1_024, 1_499] {
        let source = Source::open(&server.place, PATIENCE).unwrap();
        let mirror = Mirror::open(home.path()).unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let mut stop = Some(stop);
        let mut progress = |leaves, _| {
            if leaves_max < leaves {
                stop.take().map(|stop| stop.send(()));
            }
        };
        tokio::select! {
            biased;
            _ = stopped => {}
            _ = mirror.update(&source, &terms, &mut progress) => panic!("it ended before it was stopped"),
        }
        drop(mirror);
        assert_partial_copy(home.path(), &whole);
    }
    write(&home.path().join("tile/entries/003.part"), b"half of a");
    server.asked();
    mirror_to(home.path(), &server.place).await.unwrap();
    assert!(!server.asked().contains(&"tile/entries/000".to_owned()));
    assert_eq!(files_of(home.path()), whole);
    check_at(home.path().to_str().unwrap(), None).await.unwrap();
}

/// No checkpoint, and nothing that is not in the log.
fn assert_partial_copy(directory: &Path, whole: &std::collections::BTreeSet<(String, Vec<u8>)>) {
    let files = files_of(directory);
    assert!(files.iter().all(|(name, _)| name != "checkpoint"));
    assert!(files.is_subset(whole));
}

#[tokio::test]
async fn a_damaged_file_is_refused_with_its_path_and_stored_nowhere() {
    let log = Log::honest(66_000);
    let server = Server::start(log.directory.path()).await;
    let whole = files_of(log.directory.path());
    for path in [
        "tile/entries/100",
        "tile/0/100",
        "tile/1/000",
        "tile/2/000.p/1",
    ] {
        let home = TempDir::new().unwrap();
        let good = flip(&log.path(path), 30);
        match mirror_to(home.path(), &server.place).await.map(|_| ()) {
            Err(ReadError::Refused { path: found, .. }) if path != "tile/2/000.p/1" => {
                assert_eq!(found, path);
            }
            Err(ReadError::Refused { .. }) => {}
            other => panic!("{path}: {other:?}"),
        }
        assert_partial_copy(home.path(), &whole);
        write(&log.path(path), &good);
    }
}

#[tokio::test]
async fn a_mirror_that_was_damaged_is_mended() {
    let log = Log::honest(600);
    let server = Server::start(log.directory.path()).await;
    let home = TempDir::new().unwrap();
    mirror_to(home.path(), &server.place).await.unwrap();
    for path in ["tile/entries/000", "tile/0/001", "tile/0/002.p/88"] {
        flip(&home.path().join(path), 20);
    }
    std::fs::remove_file(home.path().join("tile/entries/001")).unwrap();
    mirror_to(home.path(), &server.place).await.unwrap();
    assert_eq!(files_of(home.path()), files_of(log.directory.path()));
}

#[tokio::test]
async fn the_checkpoint_waits_for_the_last_file() {
    let log = Log::honest(600);
    let server = Server::start(log.directory.path()).await;
    server.set("tile/entries/002.p/88", Mood::BreaksDown);
    let home = TempDir::new().unwrap();
    assert!(mirror_to(home.path(), &server.place).await.is_err());
    assert_partial_copy(home.path(), &files_of(log.directory.path()));
}

#[tokio::test]
async fn two_mirrors_do_not_write_to_one_directory() {
    let home = TempDir::new().unwrap();
    let _first = Mirror::open(home.path()).unwrap();
    let second = Mirror::open(home.path());
    assert!(matches!(second, Err(ReadError::Busy { .. })));
}
