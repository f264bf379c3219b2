//! Logs that deny what they signed, forged with the real keys of log and witness.

use std::path::Path;

use tempfile::TempDir;
use tlog_reader::error::{Contradiction, ReadError};

use crate::support::{Log, Server, check_at, files_of, mirror_to, write};

/// What was said, after it was made sure that both checkpoints are kept as they were.
fn contradiction(result: Result<impl Sized, ReadError>, old: &[u8], new: &[u8]) -> Contradiction {
    match result {
        Err(ReadError::Contradicted {
            contradiction,
            kept,
            served,
        }) => {
            assert_eq!(std::fs::read(kept.to_string()).expect("it is there"), old);
            assert_eq!(std::fs::read(served.to_string()).expect("it is there"), new);
            contradiction
        }
        Err(other) => panic!("failed in another way: {other}"),
        Ok(_) => panic!("it was not noticed"),
    }
}

fn checkpoint(directory: &Path) -> Vec<u8> {
    std::fs::read(directory.join("checkpoint")).expect("it is there")
}

#[tokio::test]
async fn growth_is_followed_from_any_size_to_any_other() {
    let home = TempDir::new().unwrap();
    let since = home.path().join("state/seen");
    let sizes = [
        0, 1, 2, 3, 255, 256, 257, 511, 512, 600, 65_535, 65_536, 65_537,
    ];
    let mut log = Log::honest(0);
    for size in sizes {
        log.grow_to(size);
        for _ in 0..2 {
            let served = check_at(log.place(), Some(&since)).await;
            assert_eq!(served.unwrap().checkpoint.size, size);
            assert_eq!(
                std::fs::read(&since).unwrap(),
                checkpoint(log.directory.path())
            );
        }
    }
    let newest = Log::honest(70_000);
    for size in sizes {
        write(&since, &checkpoint(Log::honest(size).directory.path()));
        check_at(newest.place(), Some(&since)).await.unwrap();
    }
}

#[tokio::test]
async fn a_log_that_was_rewritten_is_told_and_the_kept_checkpoint_stays() {
    let home = TempDir::new().unwrap();
    for (old, marked, new) in [
        (1, 0, 1),
        (300, 299, 300),
        (1, 0, 2),
        (255, 3, 256),
        (256, 255, 257),
        (300, 299, 301),
        (300, 0, 70_000),
        (65_537, 40_000, 65_538),
        (300, u64::MAX, 299),
        (300, u64::MAX, 0),
    ] {
        let since = home.path().join(format!("{old}-{new}"));
        let honest = Log::honest(old);
        check_at(honest.place(), Some(&since)).await.unwrap();
        let forged = Log::of(new, marked);
        check_at(forged.place(), None).await.unwrap();
        let before = checkpoint(honest.directory.path());
        let after = checkpoint(forged.directory.path());
        let result = check_at(forged.place(), Some(&since)).await;
        let expected = match () {
            () if new < old => Contradiction::Shorter { old, new },
            () if new == old => Contradiction::SameSize { size: old },
            () => Contradiction::Extended { old, new },
        };
        assert_eq!(contradiction(result, &before, &after), expected);
        assert_eq!(std::fs::read(&since).unwrap(), before);
    }
}

#[tokio::test]
async fn a_mirror_is_not_touched_by_a_log_that_was_rewritten() {
    for (old, marked, new) in [(300, 2, 300), (300, 2, 1_000), (66_000, 2, 66_001)] {
        let home = TempDir::new().unwrap();
        let honest = Log::honest(old);
        mirror_to(
            home.path(),
            &Server::start(honest.directory.path()).await.place,
        )
        .await
        .unwrap();
        let forged = Log::of(new, marked);
        let server = Server::start(forged.directory.path()).await;
        let before = checkpoint(honest.directory.path());
        let after = checkpoint(forged.directory.path());
        contradiction(mirror_to(home.path(), &server.place).await, &before, &after);
        let mut files = files_of(home.path());
        files.retain(|(name, _)| !name.contains(".evidence-"));
        assert_eq!(files, files_of(honest.directory.path()));
    }
}

#[tokio::test]
async fn nothing_is_kept_of_a_log_that_does_not_hold() {
    let home = TempDir::new().unwrap();
    let since = home.path().join("seen");
    let log = Log::honest(300);
    crate::support::flip(&log.path("tile/entries/000"), 50);
    assert!(check_at(log.place(), Some(&since)).await.is_err());
    assert!(!since.exists());
    write(&since, b"no checkpoint");
    let result = check_at(log.place(), Some(&since)).await;
    assert!(matches!(result, Err(ReadError::Kept { .. })));
}
