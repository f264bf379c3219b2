//! What pages and commands are told of promises, by a log that `tlog` made.

use std::collections::BTreeMap;

use serde_json::Value;
use tlog::hash::TreeHash;
use tlog::promise::Promises;
use tlog::tile::TilePath;
use verifier::report;

use crate::support::{Key, Log, NOW, leaf, policy_text};

const SIZE: u64 = 300;
const FAR: u64 = NOW + 1_000;

fn log() -> Log {
    Log::grown_to([SIZE], |index| leaf(index).encode())
}

fn honest(index: u64) -> TreeHash {
    TreeHash::of_leaf(leaf(index).encode().as_bytes())
}

fn promise_by(log: &Key, index: u64, leaf: TreeHash, deadline: u64) -> String {
    let sign = |message: &[u8]| log.sign(message);
    let Ok(promises) = Promises::sign(log.public.clone(), index, vec![leaf], deadline, sign);
    promises.at(index).expect("it is of the run").to_string()
}

fn promise(index: u64, leaf: TreeHash, deadline: u64) -> String {
    promise_by(&Key::log(), index, leaf, deadline)
}

/// The checkpoint of all leaves, which so many witnesses saw `NOW`.
fn note(log: &Log, witnesses: u8) -> String {
    let mut checkpoint = Key::log().checkpoint(log.edge.head());
    for number in 0..witnesses {
        Key::witness(number).cosign(&mut checkpoint, NOW);
    }
    checkpoint.note().to_string()
}

pub fn joined(files: &BTreeMap<TilePath, Vec<u8>>, wanted: &Value) -> Vec<u8> {
    let mut joined = Vec::new();
    for file in wanted.as_array().expect("a list") {
        let path = TilePath::parse(file["path"].as_str().expect("a path"));
        let bytes = &files[&path.expect("a path of the log")];
        joined.extend((bytes.len() as u32).to_be_bytes());
        joined.extend(bytes);
    }
    joined
}

pub fn parsed(said: &str) -> Value {
    serde_json::from_str(said).expect("JSON")
}

/// As a page asks: which files, and then what they come to.
fn outcome(log: &Log, policy: &str, note: &str, promise: &str, now: u64) -> Value {
    let [policy, note, promise] = [policy, note, promise].map(str::as_bytes);
    let wanted = parsed(&report::promise_files(policy, note, promise, now));
    if wanted["valid"] == false {
        return wanted;
    }
    let files = joined(&log.files, &wanted["files"]);
    parsed(&report::promise_outcome(policy, note, promise, &files, now))
}

#[test]
fn outcome_is_kept_open_overdue_or_broken_as_the_log_shows_it() {
    let log = log();
    let policy = policy_text("2", 3);
    let note = note(&log, 2);
    for (index, leaf, deadline, now, expected) in [
        (270, honest(270), 5, NOW, "kept"),
        (0, honest(0), FAR, NOW, "kept"),
        (SIZE - 1, honest(SIZE - 1), 5, NOW, "kept"),
        (270, honest(271), FAR, NOW, "broken"),
        (SIZE, honest(SIZE), FAR, FAR, "open"),
        (SIZE, honest(SIZE), FAR, FAR + 1, "overdue"),
        // Seen in the very second of the deadline is not seen after it.
        (SIZE, honest(SIZE), NOW, NOW + 1, "overdue"),
        (SIZE, honest(SIZE), NOW - 1, NOW + 1, "broken"),
    ] {
        let text = promise(index, leaf, deadline);
        let said = outcome(&log, &policy, &note, &text, now);
        assert_eq!(said["valid"], true, "{said}");
        assert_eq!(
            said["outcome"], expected,
            "{index} by {deadline} at {now}: {said}"
        );
        assert_eq!(said["index"], index.to_string());
        assert_eq!(said["deadline"], deadline.to_string());
        let is_broken = expected == "broken";
        assert_eq!(said["shown"].is_string(), is_broken, "{said}");
        if is_broken {
            let shown = said["shown"].as_str().expect("a text").as_bytes();
            let said = report::promise_against(policy.as_bytes(), text.as_bytes(), shown, now);
            assert_eq!(parsed(&said)["standing"], "broken", "{said}");
        }
    }
}

#[test]
fn silence_that_too_few_witnesses_saw_breaks_nothing() {
    let log = log();
    // The log alone is believed here, and its own word on the time proves nothing.
    let alone = format!("log {}\nquorum none\n", Key::log().public);
    let text = promise(SIZE, honest(SIZE), 5);
    let said = outcome(&log, &alone, &note(&log, 0), &text, NOW);
    assert_eq!(said["outcome"], "overdue", "{said}");
    let said = outcome(&log, &policy_text("2", 3), &note(&log, 1), &text, NOW);
    assert_eq!(said["check"], "quorum", "{said}");
}

#[test]
fn checkpoint_says_nothing_against_what_another_log_promised_or_what_was_not_promised() {
    let log = log();
    let other = Key::new("other.example/log", tlog::key::KeyKind::Note, 8);
    let policy = format!("{}log {}\n", policy_text("all", 1), other.public);
    let text = promise_by(&other, SIZE, honest(SIZE), 5);
    let read = parsed(&report::promise(policy.as_bytes(), text.as_bytes()));
    assert_eq!(read["origin"], "other.example/log", "{read}");
    let said = outcome(&log, &policy, &note(&log, 1), &text, NOW);
    assert_eq!(said["check"], "log signature", "{said}");
    let known = policy_text("all", 1);
    for (text, check) in [(text.as_str(), "log signature"), ("hello", "form")] {
        let read = parsed(&report::promise(known.as_bytes(), text.as_bytes()));
        assert_eq!(read["check"], check, "{read}");
    }
}

#[test]
fn damaged_file_neither_keeps_nor_breaks_a_promise() {
    let log = log();
    let policy = policy_text("all", 1);
    let note = note(&log, 1);
    for leaf in [honest(270), honest(271)] {
        let text = promise(270, leaf, FAR);
        let [policy, note, text] = [&policy, &note, &text].map(|text| text.as_bytes());
        let wanted = parsed(&report::promise_files(policy, note, text, NOW));
        let files = joined(&log.files, &wanted["files"]);
        for place in [10, 100, files.len() - 1] {
            let mut files = files.clone();
            files[place] ^= 1;
            let said = parsed(&report::promise_outcome(policy, note, text, &files, NOW));
            assert_eq!(said["check"], "files", "{place}: {said}");
        }
        for given in [&files[..0], &files[..40]] {
            let said = parsed(&report::promise_outcome(policy, note, text, given, NOW));
            assert_eq!(said["valid"], false, "{said}");
        }
    }
}
