//! Servers that are slow, broken or hostile.

use std::time::Duration;

use tlog_reader::check::{Terms, check};
use tlog_reader::error::{FetchError, ReadError};
use tlog_reader::source::{Patience, Source};

use crate::support::{CLOCK, Log, Mood, PATIENCE, Server, check_at, policy};

/// Everything that is told, with the causes.
fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", told(source)),
        None => error.to_string(),
    }
}

#[tokio::test]
async fn what_a_bad_server_does_is_told_with_the_path() {
    let log = Log::honest(600);
    let server = Server::start(log.directory.path()).await;
    for path in ["checkpoint", "tile/0/001", "tile/entries/001"] {
        for (mood, says) in [
            (Mood::NotFound, "missing"),
            (Mood::Garbage, "refused"),
            (Mood::Redirects, "http://127.0.0.1:1/elsewhere"),
            (Mood::Endless, "more than the"),
            (Mood::BreaksDown, "status 502"),
            (Mood::Compresses, "gzip"),
        ] {
            server.set(path, mood);
            let error = check_at(&server.place, None).await.map(|_| ()).unwrap_err();
            let told = told(&error);
            assert!(
                told.contains(path) && told.contains(says),
                "{mood:?}: {told}"
            );
            server.behave();
        }
    }
    check_at(&server.place, None).await.unwrap();
}

#[tokio::test]
async fn a_server_that_stalls_is_given_up_in_time() {
    let log = Log::honest(600);
    let server = Server::start(log.directory.path()).await;
    server.set("tile/entries/001", Mood::Stalls);
    let patience = Patience {
        attempts: 2,
        file_timeout: Duration::from_millis(300),
        ..PATIENCE
    };
    let policy = policy();
    let terms = Terms {
        policy: &policy,
        clock: CLOCK,
    };
    let source = Source::open(&server.place, patience).unwrap();
    let result = check(&source, &terms, None, &mut |_, _| ()).await;
    let Err(ReadError::Fetch { path, why }) = result else {
        panic!("it did not fail to fetch");
    };
    assert_eq!(path, "tile/entries/001");
    assert!(matches!(why, FetchError::Connection(_)));
    let asked = server.asked();
    assert_eq!(asked.iter().filter(|asked| **asked == path).count(), 2);
}

#[tokio::test]
async fn what_fails_once_is_asked_for_again() {
    let log = Log::honest(600);
    let server = Server::start(log.directory.path()).await;
    for path in ["checkpoint", "tile/0/001", "tile/entries/001"] {
        server.set(path, Mood::FailsOnce);
    }
    check_at(&server.place, None).await.unwrap();
}

#[tokio::test]
async fn what_is_no_place_of_a_log_is_refused() {
    for place in ["ftp://127.0.0.1/", "/nowhere/at/all", "http://", ""] {
        let error = check_at(place, None).await.map(|_| ()).unwrap_err();
        assert!(matches!(error, ReadError::Place { .. }), "{place}: {error}");
    }
}
