//! Logs that are good, and logs of which one byte is not.

use tlog::hash::TreeHead;
use tlog_reader::error::ReadError;
use verifier::failure::{Failure, FilesFailure, QuorumFailure, SignatureFailure};

use crate::support::{Log, NOW, Server, check_at, flip, signed, write};

fn refused(result: Result<impl Sized, ReadError>) -> (String, Failure) {
    match result {
        Err(ReadError::Refused { path, failure }) => (path, failure),
        Err(other) => panic!("failed in another way: {other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[tokio::test]
async fn a_good_log_of_any_size_holds_from_a_directory_and_from_a_server() {
    for size in [0, 1, 2, 255, 256, 257, 65_537] {
        let log = Log::honest(size);
        let server = Server::start(log.directory.path()).await;
        for place in [log.place(), &server.place] {
            let served = check_at(place, None).await;
            let served = served.unwrap_or_else(|error| panic!("{size} at {place}: {error:?}"));
            assert_eq!(served.checkpoint.size, size);
        }
        let mut asked = server.asked();
        let asked_count = asked.len();
        asked.sort_unstable();
        asked.dedup();
        assert_eq!(
            asked.len(),
            asked_count,
            "a file of {size} was fetched twice"
        );
    }
}

#[tokio::test]
async fn a_flipped_byte_is_refused_with_the_path_of_its_file() {
    let log = Log::honest(65_537 + 300);
    for (path, position) in [
        ("tile/entries/000", 40),
        ("tile/entries/200", 9_000),
        ("tile/entries/257.p/45", 40),
        ("tile/0/000", 0),
        ("tile/0/100", 4_000),
        ("tile/0/256", 8_191),
        ("tile/1/000", 4_000),
    ] {
        let good = flip(&log.path(path), position);
        let (found, failure) = refused(check_at(log.place(), None).await);
        assert_eq!((found.as_str(), failure.check()), (path, "files"));
        write(&log.path(path), &good);
    }
    // The partial tiles make the root together.
    for path in ["tile/2/000.p/1", "tile/1/001.p/1", "tile/0/257.p/45"] {
        let good = flip(&log.path(path), 7);
        let (_, failure) = refused(check_at(log.place(), None).await);
        assert_eq!(failure, Failure::Files(FilesFailure::OtherRoot), "{path}");
        write(&log.path(path), &good);
    }
    check_at(log.place(), None).await.unwrap();
}

#[tokio::test]
async fn no_byte_of_a_checkpoint_can_be_changed() {
    let log = Log::honest(2);
    let path = log.path("checkpoint");
    for position in 0..std::fs::read(&path).unwrap().len() {
        let good = flip(&path, position);
        let (found, _) = refused(check_at(log.place(), None).await);
        assert_eq!(found, "checkpoint", "byte {position}");
        write(&path, &good);
    }
}

#[tokio::test]
async fn a_changed_root_or_signature_is_named() {
    let log = Log::honest(2);
    let good = std::fs::read_to_string(log.path("checkpoint")).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let is_changed = |line: usize, at: usize| {
        let old = lines[line].as_bytes()[at];
        let new = if old == b'A' { 'B' } else { 'A' };
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[line].replace_range(at..=at, &new.to_string());
        changed.join("\n") + "\n"
    };
    for (line, at) in [(2, 5), (4, lines[4].len() - 10)] {
        write(&log.path("checkpoint"), is_changed(line, at).as_bytes());
        let (_, failure) = refused(check_at(log.place(), None).await);
        let is_wrong = matches!(
            failure,
            Failure::LogSignature(SignatureFailure::Wrong { .. })
        );
        assert!(is_wrong, "{failure}");
    }
    let cosignature = is_changed(5, lines[5].len() - 10);
    write(&log.path("checkpoint"), cosignature.as_bytes());
    let (_, failure) = refused(check_at(log.place(), None).await);
    assert!(matches!(
        failure,
        Failure::Quorum(QuorumFailure::Wrong { .. })
    ));
}

#[tokio::test]
async fn a_root_that_was_signed_but_is_not_that_of_the_files_is_refused() {
    for size in [0, 1, 256, 257] {
        let log = Log::honest(size);
        let other = Log::of(300, 0).head().root;
        log.publish(TreeHead { size, root: other });
        let (_, failure) = refused(check_at(log.place(), None).await);
        assert_eq!(failure, Failure::Files(FilesFailure::OtherRoot), "{size}");
    }
}

#[tokio::test]
async fn an_old_cosignature_is_not_the_present_state() {
    let log = Log::honest(2);
    let old = signed(log.head(), NOW - 3_601).to_string();
    write(&log.path("checkpoint"), old.as_bytes());
    let (_, failure) = refused(check_at(log.place(), None).await);
    assert!(matches!(
        failure,
        Failure::Quorum(QuorumFailure::TooFew { .. })
    ));
}

#[tokio::test]
async fn a_missing_file_is_named_and_a_full_tile_stands_for_its_partial_one() {
    let mut log = Log::honest(300);
    let checkpoint = std::fs::read(log.path("checkpoint")).unwrap();
    log.grow_to(600);
    write(&log.path("checkpoint"), &checkpoint);
    for partial in ["tile/0/001.p/44", "tile/entries/001.p/44"] {
        std::fs::remove_file(log.path(partial)).unwrap();
    }
    let server = Server::start(log.directory.path()).await;
    for place in [log.place(), &server.place] {
        assert_eq!(check_at(place, None).await.unwrap().checkpoint.size, 300);
    }
    std::fs::remove_file(log.path("tile/entries/001")).unwrap();
    for place in [log.place(), &server.place] {
        let missing = check_at(place, None).await.map(|_| ());
        let is_named =
            matches!(&missing, Err(ReadError::Missing { path }) if path == "tile/entries/001.p/44");
        assert!(is_named, "{missing:?}");
    }
}
