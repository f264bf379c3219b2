//! What pages are told of a leaf and of a log's growth, by files that `tlog` made.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tlog::tile::TilePath;
use verifier::report;

use crate::support::{Key, Log, NOW, leaf, policy_text};

const SIZES: [u64; 9] = [1, 2, 255, 256, 257, 600, 65_535, 65_536, 66_000];

/// A file for each that is wanted, as a page passes them. A partial one that is gone is the full one, as a server has it.
struct Files<'a> {
    log: &'a Log,
    /// Changes what the server has under a path.
    change: &'a dyn Fn(&str, &mut Vec<u8>),
    /// Whether partial files are gone where there is a full one.
    is_tidied: bool,
}

impl Files<'_> {
    fn joined(&self, wanted: &str) -> Vec<u8> {
        let wanted: Value = serde_json::from_str(wanted).expect("JSON");
        let mut joined = Vec::new();
        for file in wanted.as_array().expect("a list") {
            let path = file["path"].as_str().expect("a path");
            let full = file["full"].as_str().filter(|_| self.is_tidied);
            let found = full.and_then(|full| self.file(full));
            let mut bytes = found
                .or_else(|| self.file(path))
                .expect("the file is stored");
            (self.change)(path, &mut bytes);
            joined.extend((bytes.len() as u32).to_be_bytes());
            joined.extend(bytes);
        }
        joined
    }

    fn file(&self, path: &str) -> Option<Vec<u8>> {
        let path = TilePath::parse(path).expect("a path of the log");
        self.log.files.get(&path).cloned()
    }
}

fn unchanged(_: &str, _: &mut Vec<u8>) {}

fn note(log: &Log, size: u64) -> String {
    let mut checkpoint = Key::log().checkpoint(log.heads[&size]);
    Key::witness(0).cosign(&mut checkpoint, NOW);
    checkpoint.note().to_string()
}

fn find(log: &Log, size: u64, index: u64, files: &Files<'_>) -> Value {
    let files = files.joined(&report::leaf_files(index, size));
    let policy = policy_text("all", 1);
    let note = note(log, size);
    let said = report::leaf(policy.as_bytes(), note.as_bytes(), index, &files, NOW);
    serde_json::from_str(&said).expect("JSON")
}

fn grown(notes: [&str; 2], files: &[u8]) -> Value {
    let policy = policy_text("all", 1);
    let [older, newer] = notes.map(str::as_bytes);
    let said = report::growth(policy.as_bytes(), older, newer, files, NOW);
    serde_json::from_str(&said).expect("JSON")
}

#[test]
fn a_leaf_is_found_with_the_proof_that_the_log_would_give() {
    let log = Log::grown_to(SIZES, |index| leaf(index).encode());
    for size in SIZES {
        let places = [0, 1, 255, 256, 511, 599, 65_279, 65_535, 65_999, size - 1];
        for index in places.into_iter().filter(|index| *index < size) {
            for is_tidied in [false, true] {
                let files = Files {
                    log: &log,
                    change: &unchanged,
                    is_tidied,
                };
                let found = find(&log, size, index, &files);
                assert_eq!(found["valid"], true, "{index} of {size}: {found}");
                assert_eq!(found["index"], index.to_string());
                let proof = log.inclusion(index, size);
                let proof: Vec<String> = proof.iter().map(ToString::to_string).collect();
                assert_eq!(found["proof"], json!(proof), "{index} of {size}");
                let commitments = leaf(index).commitments().len();
                let shown = found["commitments"].as_array().expect("a list");
                assert_eq!(shown.len(), commitments);
            }
        }
    }
}

#[test]
fn a_leaf_behind_the_end_is_none() {
    let log = Log::grown_to(SIZES, |index| leaf(index).encode());
    let files = Files {
        log: &log,
        change: &unchanged,
        is_tidied: false,
    };
    for (size, index) in [(1, 1), (256, 256), (257, 300), (66_000, u64::MAX)] {
        let found = find(&log, size, index, &files);
        assert_eq!(found["check"], "inclusion", "{found}");
    }
}

#[test]
fn a_changed_byte_on_the_way_to_a_leaf_is_named() {
    let log = Log::grown_to(SIZES, |index| leaf(index).encode());
    let (size, index) = (66_000, 65_600);
    let paths: Value = serde_json::from_str(&report::leaf_files(index, size)).expect("JSON");
    let paths = paths.as_array().expect("a list");
    assert!(3 < paths.len(), "{paths:?}");
    for path in paths {
        let path = path["path"].as_str().expect("a path");
        for place in [0, 31, 200] {
            let change = |changed: &str, bytes: &mut Vec<u8>| {
                if let Some(byte) = bytes.get_mut(place).filter(|_| changed == path) {
                    *byte ^= 1;
                }
            };
            let files = Files {
                log: &log,
                change: &change,
                is_tidied: false,
            };
            let is_longer = files.file(path).expect("it is stored").len() > place;
            let found = find(&log, size, index, &files);
            assert_eq!(
                found["valid"] == false,
                is_longer,
                "{path} at {place}: {found}"
            );
        }
    }
}

#[test]
fn a_log_that_grew_is_told_from_one_that_was_rewritten() {
    let log = Log::grown_to(SIZES, |index| leaf(index).encode());
    let rewritten = Log::grown_to(SIZES, |index| leaf(index + u64::from(index == 1)).encode());
    let outcomes = |newer: &Log| {
        let mut outcomes = BTreeMap::new();
        for (place, old) in SIZES.iter().enumerate() {
            for new in &SIZES[place..] {
                let files = Files {
                    log: newer,
                    change: &unchanged,
                    is_tidied: false,
                };
                let files = files.joined(&report::growth_files(*old, *new));
                let said = grown([&note(&log, *old), &note(newer, *new)], &files);
                outcomes.insert((*old, *new), said);
            }
        }
        outcomes
    };
    for (sizes, said) in outcomes(&log) {
        assert_eq!(said["valid"], true, "{sizes:?}: {said}");
    }
    for ((old, new), said) in outcomes(&rewritten) {
        // The first leaf is the same.
        let is_same = old == 1;
        assert_eq!(said["valid"], is_same, "{old} to {new}: {said}");
        if !is_same {
            assert_eq!(said["check"], "consistency", "{old} to {new}: {said}");
        }
    }
    let back = grown([&note(&log, 257), &note(&log, 255)], &[]);
    assert_eq!(back["check"], "consistency", "{back}");
}
