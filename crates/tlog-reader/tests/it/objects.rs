//! Copies of a log in an object store.

mod answers;
mod store;

use std::collections::BTreeSet;

use tlog_reader::check::{Terms, check};
use tlog_reader::error::{Contradiction, FetchError, ReadError};
use tlog_reader::mirror::{Mirror, Mirrored};
use tlog_reader::objects::failure::ObjectError;
use tlog_reader::objects::{Access, Objects};
use tlog_reader::source::Source;

use self::store::{BUCKET, Store, access, store};
use crate::support::{CLOCK, Log, Mood, PATIENCE, Server, check_at, files_of, flip, policy};

async fn copy_as(access: &Access, place: &str, log: &str) -> Result<Mirrored, ReadError> {
    let policy = policy();
    let terms = Terms {
        policy: &policy,
        clock: CLOCK,
    };
    let source = Source::open(log, PATIENCE)?;
    let mirror = Mirror::Objects(Objects::open(place, access, PATIENCE).await?);
    mirror.update(&source, &terms, &mut |_, _| ()).await
}

async fn copy(store: &Store, prefix: &str, log: &str) -> Result<Mirrored, ReadError> {
    copy_as(&store.access(), &place(prefix), log).await
}

fn place(prefix: &str) -> String {
    format!("s3://{BUCKET}/{prefix}")
}

async fn assert_is_copy(store: &Store, prefix: &str, log: &Log) {
    let (copy, whole) = (store.files(prefix).await, files_of(log.directory.path()));
    let names = |files: &BTreeSet<(String, Vec<u8>)>| {
        let names = files.iter().map(|(name, _)| name.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&copy), names(&whole), "{prefix}");
    assert_eq!(copy, whole, "{prefix}");
}

#[tokio::test]
async fn a_copy_has_the_files_of_its_log_and_is_one_from_any_side() {
    let store = store().await;
    for size in [0, 1, 257, 1_000] {
        let log = Log::honest(size);
        let server = Server::start(log.directory.path()).await;
        let prefix = format!("whole/{size}");
        let mirrored = copy(store, &prefix, &server.place).await.unwrap();
        assert_eq!(
            mirrored.files_stored + 1,
            files_of(log.directory.path()).len() as u64
        );
        assert_is_copy(store, &prefix, &log).await;
        let served = check_at(&store.public(&prefix), None).await.unwrap();
        assert_eq!(served.checkpoint.size, size);
        let anybody = access(&[
            ("AWS_SKIP_SIGNATURE", "yes"),
            ("AWS_ENDPOINT_URL", &store.address),
        ]);
        for access in [store.access(), anybody] {
            let objects = Objects::open(&place(&prefix), &access, PATIENCE).await;
            let terms = Terms {
                policy: &policy(),
                clock: CLOCK,
            };
            let source = Source::Objects(objects.unwrap());
            let served = check(&source, &terms, None, &mut |_, _| ()).await.unwrap();
            assert_eq!(served.checkpoint.size, size);
        }
    }
}

#[tokio::test]
async fn objects_say_how_long_they_stay_as_the_log_itself_does() {
    let store = store().await;
    let log = Log::honest(300);
    let server = Server::start(log.directory.path()).await;
    copy(store, "headers", &server.place).await.unwrap();
    let for_ever = "public, max-age=31536000, immutable";
    for (name, kind, caching) in [
        (
            "checkpoint",
            "text/plain; charset=utf-8",
            "public, max-age=1",
        ),
        ("tile/0/000", "application/octet-stream", for_ever),
        ("tile/0/001.p/44", "application/octet-stream", for_ever),
        ("tile/entries/000", "application/octet-stream", for_ever),
    ] {
        let object = store.object(&format!("headers/{name}")).await.expect(name);
        assert_eq!(object.headers["content-type"], kind, "{name}");
        assert_eq!(object.headers["cache-control"], caching, "{name}");
        assert_eq!(object.bytes, std::fs::read(log.path(name)).unwrap());
    }
}

#[tokio::test]
async fn a_copy_follows_its_log_and_fetches_only_what_is_new() {
    let store = store().await;
    let mut log = Log::honest(300);
    let server = Server::start(log.directory.path()).await;
    copy(store, "follows", &server.place).await.unwrap();
    log.grow_to(1_000);
    server.asked();
    let mirrored = copy(store, "follows", &server.place).await.unwrap();
    assert_eq!(mirrored.served.checkpoint.size, 1_000);
    assert!(!server.asked().contains(&"tile/entries/000".to_owned()));
    assert_is_copy(store, "follows", &log).await;
    let again = copy(store, "follows", &server.place).await.unwrap();
    // The partial tiles, of which no tile above tells whether they are damaged.
    assert_eq!(again.files_stored, 2);
}

#[tokio::test]
async fn a_run_that_breaks_off_leaves_no_checkpoint_and_is_gone_on_with() {
    let store = store().await;
    let log = Log::honest(1_500);
    let whole = files_of(log.directory.path());
    let server = Server::start(log.directory.path()).await;
    server.set("tile/entries/004", Mood::BreaksDown);
    assert!(copy(store, "breaks", &server.place).await.is_err());
    let files = store.files("breaks").await;
    assert!(files.is_subset(&whole));
    assert!(files.iter().all(|(name, _)| name != "checkpoint"));
    let stored = |name: &str| files.iter().any(|(stored, _)| stored == name);
    assert!(stored("tile/entries/000"));
    server.behave();
    server.asked();
    copy(store, "breaks", &server.place).await.unwrap();
    assert!(!server.asked().contains(&"tile/entries/000".to_owned()));
    assert_is_copy(store, "breaks", &log).await;
}

#[tokio::test]
async fn a_damaged_file_of_the_log_is_not_stored() {
    let store = store().await;
    let log = Log::honest(1_000);
    let whole = files_of(log.directory.path());
    let server = Server::start(log.directory.path()).await;
    flip(&log.path("tile/entries/002"), 30);
    match copy(store, "bad", &server.place).await.map(|_| ()) {
        Err(ReadError::Refused { path, .. }) => assert_eq!(path, "tile/entries/002"),
        other => panic!("{other:?}"),
    }
    assert!(store.files("bad").await.is_subset(&whole));
}

#[tokio::test]
async fn objects_that_were_damaged_or_deleted_are_fetched_again() {
    let store = store().await;
    let log = Log::honest(600);
    let server = Server::start(log.directory.path()).await;
    copy(store, "mended", &server.place).await.unwrap();
    for name in ["tile/entries/000", "tile/0/001", "tile/0/002.p/88"] {
        let mut bytes = std::fs::read(log.path(name)).unwrap();
        bytes[20] ^= 1;
        store.put(&format!("mended/{name}"), bytes).await;
    }
    store.put("mended/tile/0/000", vec![0; 100_000]).await;
    store.delete("mended/tile/entries/001").await;
    assert!(check_at(&store.public("mended"), None).await.is_err());
    copy(store, "mended", &server.place).await.unwrap();
    assert_is_copy(store, "mended", &log).await;
    let object = store.object("mended/tile/0/001").await.unwrap();
    assert_eq!(object.headers["content-type"], "application/octet-stream");
}

#[tokio::test]
async fn a_log_that_was_rewritten_is_told_and_the_copy_stays() {
    let store = store().await;
    for (old, new) in [(300, 300), (300, 1_000), (300, 299)] {
        let prefix = format!("rewritten/{new}");
        let honest = Log::honest(old);
        let server = Server::start(honest.directory.path()).await;
        copy(store, &prefix, &server.place).await.unwrap();
        let forged = Log::of(new, 2);
        let server = Server::start(forged.directory.path()).await;
        let result = copy(store, &prefix, &server.place).await;
        let Err(ReadError::Contradicted {
            contradiction,
            kept,
            served,
        }) = result.map(|_| ())
        else {
            panic!("it was not noticed");
        };
        assert_eq!(contradiction, expected(old, new));
        for (spot, log) in [(kept, &honest), (served, &forged)] {
            let key = spot.to_string().replace(&place(""), "");
            let evidence = store.object(&key).await.expect("the evidence is kept");
            assert_eq!(
                evidence.bytes,
                std::fs::read(log.path("checkpoint")).unwrap()
            );
        }
        let mut files = store.files(&prefix).await;
        files.retain(|(name, _)| !name.contains(".evidence-"));
        assert_eq!(files, files_of(honest.directory.path()));
    }
}

fn expected(old: u64, new: u64) -> Contradiction {
    match () {
        () if new < old => Contradiction::Shorter { old, new },
        () if new == old => Contradiction::SameSize { size: old },
        () => Contradiction::Extended { old, new },
    }
}

/// Runs a mirror while the log holds back a file until something else has happened.
async fn copy_around(
    store: &Store,
    prefix: &str,
    log: &Server,
    held: &str,
    meanwhile: impl Future<Output = ()>,
) -> Result<Mirrored, ReadError> {
    let release = log.hold(held);
    let copying = copy(store, prefix, &log.place);
    let meanwhile = async {
        log.wait_for(held).await;
        meanwhile.await;
        drop(release);
    };
    tokio::join!(copying, meanwhile).0
}

#[tokio::test]
async fn a_checkpoint_that_another_mirror_wrote_meanwhile_is_compared_with_and_followed() {
    let store = store().await;
    for first_size in [None, Some(100)] {
        let prefix = format!("meanwhile/{}", first_size.unwrap_or(0));
        if let Some(size) = first_size {
            let first = Log::honest(size);
            let server = Server::start(first.directory.path()).await;
            copy(store, &prefix, &server.place).await.unwrap();
        }
        let (before, log) = (Log::honest(600), Log::honest(1_000));
        let other = Server::start(before.directory.path()).await;
        let server = Server::start(log.directory.path()).await;
        let meanwhile = async {
            copy(store, &prefix, &other.place).await.unwrap();
        };
        let mirrored = copy_around(store, &prefix, &server, "tile/entries/001", meanwhile).await;
        assert_eq!(mirrored.unwrap().served.checkpoint.size, 1_000);
        assert_eq!(
            server
                .asked()
                .iter()
                .filter(|asked| *asked == "checkpoint")
                .count(),
            2,
            "it did not begin again"
        );
        let served = check_at(&store.public(&prefix), None).await.unwrap();
        assert_eq!(served.checkpoint.size, 1_000);
    }
}

#[tokio::test]
async fn two_mirrors_that_are_shown_different_logs_find_out() {
    let store = store().await;
    let (honest, forged) = (Log::honest(600), Log::of(600, 550));
    let other = Server::start(honest.directory.path()).await;
    let server = Server::start(forged.directory.path()).await;
    let meanwhile = async {
        copy(store, "views", &other.place).await.unwrap();
    };
    let result = copy_around(store, "views", &server, "tile/entries/001", meanwhile).await;
    assert!(matches!(
        result.map(|_| ()),
        Err(ReadError::Contradicted {
            contradiction: Contradiction::SameSize { size: 600 },
            ..
        })
    ));
    let kept = store.object("views/checkpoint").await.unwrap().bytes;
    assert_eq!(kept, std::fs::read(honest.path("checkpoint")).unwrap());
}

#[tokio::test]
async fn without_conditions_the_last_mirror_wins_and_the_copy_is_whole() {
    let store = store().await;
    let (before, log) = (Log::honest(600), Log::honest(1_000));
    let other = Server::start(before.directory.path()).await;
    let server = Server::start(log.directory.path()).await;
    let unconditional = access(&[
        ("AWS_ACCESS_KEY_ID", "WRITER"),
        ("AWS_SECRET_ACCESS_KEY", "of the writer"),
        ("AWS_ENDPOINT_URL", &store.address),
        ("AWS_CONDITIONAL_PUT", "disabled"),
    ]);
    let release = other.hold("tile/entries/001");
    let place = place("unconditional");
    let older = copy_as(&unconditional, &place, &other.place);
    let newer = async {
        other.wait_for("tile/entries/001").await;
        copy(store, "unconditional", &server.place).await.unwrap();
        drop(release);
    };
    tokio::join!(older, newer).0.unwrap();
    let served = check_at(&store.public("unconditional"), None)
        .await
        .unwrap();
    assert_eq!(served.checkpoint.size, 600);
    copy(store, "unconditional", &server.place).await.unwrap();
    let served = check_at(&store.public("unconditional"), None)
        .await
        .unwrap();
    assert_eq!(served.checkpoint.size, 1_000);
}

#[tokio::test]
async fn what_keeps_a_store_from_being_written_says_what_to_do() {
    let store = store().await;
    let log = Log::honest(300);
    let server = Server::start(log.directory.path()).await;
    let nobody = access(&[
        ("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL", &store.address),
        ("AWS_ACCESS_KEY_ID", ""),
    ]);
    let half = access(&[("AWS_ACCESS_KEY_ID", "WRITER")]);
    let nowhere = access(&[
        ("AWS_ACCESS_KEY_ID", "WRITER"),
        ("AWS_SECRET_ACCESS_KEY", "of the writer"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
    ]);
    let (copies, none) = ("s3://copies/denied", "s3://no-such-bucket/log");
    for (access, place, says) in [
        (nobody, copies, "set AWS_ACCESS_KEY_ID"),
        (half, copies, "Missing SecretAccessKey"),
        (nowhere, copies, "look at AWS_ENDPOINT_URL"),
        (
            store.access_of("STRANGER", "of nobody"),
            copies,
            "does not accept these credentials",
        ),
        (
            store.access_of("WRITER", "of another"),
            copies,
            "does not accept these credentials",
        ),
        (
            store.access_of("READER", "of the reader"),
            copies,
            "they need s3:GetObject and s3:PutObject",
        ),
        (store.access(), none, "there is no bucket no-such-bucket"),
    ] {
        let error = copy_as(&access, place, &server.place)
            .await
            .map(|_| ())
            .unwrap_err();
        let why = match &error {
            ReadError::Store { why, .. } => why,
            ReadError::Fetch {
                why: FetchError::Object(why),
                ..
            } => why,
            other => panic!("{says}: {other:?}"),
        };
        assert!(why.to_string().contains(says), "{says}: {why}");
        assert!(!why.to_string().contains("of the writer"));
        // All but the right to write shows before anything is fetched.
        let is_asked = !server.asked().is_empty();
        assert_eq!(is_asked, matches!(why, ObjectError::Denied), "{says}");
    }
    assert!(store.files("denied").await.is_empty());
}

#[tokio::test]
async fn a_checkpoint_in_the_store_that_does_not_hold_stops_the_mirror() {
    let store = store().await;
    let log = Log::honest(300);
    let server = Server::start(log.directory.path()).await;
    store
        .put("strange/checkpoint", b"no checkpoint".to_vec())
        .await;
    let result = copy(store, "strange", &server.place).await.map(|_| ());
    let Err(ReadError::Kept { spot, .. }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(spot.to_string(), "s3://copies/strange/checkpoint");
    store.put("strange/checkpoint", vec![b'x'; 1_000_000]).await;
    let result = copy(store, "strange", &server.place).await.map(|_| ());
    let Err(ReadError::Fetch { why, .. }) = result else {
        panic!("{result:?}");
    };
    assert!(matches!(
        why,
        FetchError::Object(ObjectError::TooLong { .. })
    ));
}

#[tokio::test]
async fn what_names_no_bucket_is_refused() {
    let anybody = access(&[
        ("AWS_ACCESS_KEY_ID", "A"),
        ("AWS_SECRET_ACCESS_KEY", "of a"),
    ]);
    for place in [
        "s3://",
        "s3:///log",
        "s3://ab/log",
        "s3://Bucket/log",
        "s3://key:secret@bucket/log",
        "s3://bucket:9000/log",
        "s3://bucket/a//b",
        "s3://bucket/../b",
    ] {
        let opened = Objects::open(place, &anybody, PATIENCE).await.map(|_| ());
        assert!(matches!(opened, Err(ReadError::Bucket)), "{place}");
    }
    for place in ["s3://bucket", "s3://bucket/", "s3://my.bucket-1/a/b/"] {
        assert!(
            Objects::open(place, &anybody, PATIENCE).await.is_ok(),
            "{place}"
        );
    }
}
