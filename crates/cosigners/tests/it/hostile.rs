//! Witnesses that lie, err or send garbage: each is named with what it did, and the others are heard.

use tempfile::TempDir;
use tlog::note::NOTE_BYTES_MAX;

use crate::forger::{History, LogKey};
use crate::support::{Behaviour, ORIGIN, checkpoint, gather, gatherer, log_key, made_up, ours};

fn says(code: u16, body: impl Into<String>) -> Behaviour {
    Behaviour::Says(code, body.into())
}

/// What a witness does, and a part of what is told of it.
fn behaviours() -> Vec<(Behaviour, &'static str)> {
    let history = History::honest(64);
    let of_stranger = LogKey::new(ORIGIN, 9).note(history.head(64)).to_string();
    let good = checkpoint(&history, 5).to_string();
    vec![
        (says(200, ""), "signature"),
        (says(200, "garbage\n"), "signature"),
        (says(200, "\u{0}".repeat(100)), "signature"),
        (says(200, "x".repeat(NOTE_BYTES_MAX + 1)), "more than"),
        (
            says(200, good.rsplit_once("\n\n").expect("a note").1),
            "does not count",
        ),
        (says(302, "elsewhere"), "none of the answers"),
        (says(500, "oh"), "none of the answers"),
        (says(409, "five\n"), "none of the answers"),
        // It knows a size, and when it is asked from there it knows it again.
        (says(409, "3\n"), "another size"),
        (says(409, "64\n"), "shows nothing"),
        (Behaviour::Shows(64, "garbage".to_owned()), "shows nothing"),
        (Behaviour::Shows(64, of_stranger), "shows nothing"),
        (Behaviour::Shows(64, good), "shows nothing"),
        (says(404, ""), "add the log's key"),
        (says(403, ""), "403"),
        (says(422, ""), "rewritten"),
        (Behaviour::Behind(3_600), "compare the clocks"),
        (Behaviour::SignsOther, "does not count"),
    ]
}

#[tokio::test]
async fn a_witness_that_errs_is_named_and_keeps_no_other_from_being_heard() {
    for (number, (behaviour, told)) in behaviours().into_iter().enumerate() {
        let directory = TempDir::new().expect("a directory");
        let witnesses = [
            made_up("bad", behaviour).await,
            ours("north", &directory).await,
        ];
        let history = History::honest(5);
        let gathered = gather(&gatherer(1, &witnesses.each_ref()), &history, 5).await;
        assert!(gathered.is_enough, "{number}");
        assert_eq!(gathered.cosigned, ["north"], "{number}");
        let [(name, why)] = &gathered.missing[..] else {
            panic!("{number}: {:?}", gathered.missing);
        };
        assert_eq!(name, "bad");
        let mut words = why.to_string();
        let mut cause = std::error::Error::source(why);
        while let Some(error) = cause {
            words = format!("{words}: {error}");
            cause = error.source();
        }
        assert!(words.contains(told), "{number}: {words}");
        // Nothing of what it sent stands in the checkpoint.
        let lines = gathered.checkpoint.note().lines();
        let by_log = lines.iter().filter(|line| line.is_of(&log_key().public));
        assert_eq!((lines.len(), by_log.count()), (2, 1), "{number}");
    }
}

#[tokio::test]
async fn a_witness_that_is_not_there_is_told_as_such() {
    let directory = TempDir::new().expect("a directory");
    let mut nobody = made_up("nobody", Behaviour::Silent).await;
    nobody.url = "http://127.0.0.1:1".to_owned();
    let witnesses = [nobody, ours("north", &directory).await];
    let gathered = gather(&gatherer(1, &witnesses.each_ref()), &History::honest(3), 3).await;
    assert_eq!(gathered.cosigned, ["north"]);
    assert!(gathered.missing[0].1.to_string().contains("reached"));
}
