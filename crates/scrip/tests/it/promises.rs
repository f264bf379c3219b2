//! `scrip verify promise`: promises that were kept, that are open, and that were broken, with what shows it.

use std::convert::Infallible;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use tlog::checkpoint::SignedCheckpoint;
use tlog::cosignature::{CosignedAt, cosign};
use tlog::hash::TreeHash;
use tlog::key::{KeyKind, KeyName, PublicKey};
use tlog::promise::Promises;

use crate::log::{Home, key, leaf};
use crate::program::{run_badly, run_well};

const LEAVES: u64 = 300;
/// The witness has seen the log then.
const SEEN_AT: u64 = 1_790_000_000;
const FAR: u64 = 9_000_000_000;

fn witness() -> (PublicKey, SigningKey) {
    let secret = SigningKey::from_bytes(&[9; 32]);
    let name = KeyName::parse("w.example/1").expect("the name is good");
    let public = PublicKey::new(
        name,
        KeyKind::Cosignature,
        secret.verifying_key().as_bytes(),
    );
    (public.expect("a fresh key is not weak"), secret)
}

/// A log of 300 leaves, cosigned by the witness of its policy.
fn cosigned() -> Home {
    let home = Home::new(LEAVES, u64::MAX);
    let text = fs::read(home.path("log/checkpoint")).expect("a checkpoint");
    let mut checkpoint = SignedCheckpoint::parse(&text).expect("a checkpoint");
    let (public, secret) = witness();
    let at = CosignedAt::new(SEEN_AT).expect("a time");
    let sign = |message: &[u8]| Ok::<_, Infallible>(secret.sign(message).to_bytes());
    let Ok(line) = cosign(checkpoint.note().text(), &public, at, sign);
    checkpoint.add(line);
    home.write("log/checkpoint", checkpoint.to_string().as_bytes());
    let log = key().0;
    let policy = format!("log {log}\nwitness w {public}\nquorum w\n");
    home.write("policy", policy.as_bytes());
    home
}

/// The promise of the second of two leaves, of which it is this one.
fn promise(index: u64, hash: TreeHash, deadline: u64) -> String {
    let (public, secret) = key();
    let leaves = vec![leaf(index - 1, u64::MAX).hash(), hash];
    let sign = |message: &[u8]| Ok::<_, Infallible>(secret.sign(message).to_bytes());
    let Ok(promises) = Promises::sign(public, index - 1, leaves, deadline, sign);
    promises.at(index).expect("it is of the run").to_string()
}

fn honest(index: u64) -> TreeHash {
    leaf(index, u64::MAX).hash()
}

#[test]
fn what_became_of_promises_is_said_and_evidence_is_collected_that_anybody_can_check() {
    let home = cosigned();
    for (name, text) in [
        ("kept", promise(250, honest(250), 5)),
        ("open", promise(LEAVES, honest(LEAVES), FAR)),
        ("other", promise(250, leaf(250, 0).hash(), FAR)),
        (
            "missing",
            promise(LEAVES + 1, honest(LEAVES + 1), SEEN_AT - 1),
        ),
        ("overdue", promise(LEAVES + 2, honest(LEAVES + 2), SEEN_AT)),
    ] {
        home.write(name, text.as_bytes());
    }
    let header = format!("{}\n", promise(7, honest(7), 5));
    home.write("header", header.as_bytes());
    let (policy, log) = (home.text("policy"), home.text("log"));
    let good = ["kept", "open", "header"].map(|name| home.text(name));
    let common = ["--policy", &policy, "--log", &log];
    let words = |files: &[String], more: &[&str]| -> Vec<String> {
        let files = files.iter().map(String::as_str);
        let words = ["verify", "promise"].into_iter().chain(files);
        words
            .chain(more.iter().copied())
            .map(str::to_owned)
            .collect()
    };
    let well = |words: Vec<String>| run_well(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let badly = |words: Vec<String>| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = crate::program::run(&words);
        assert!(!output.status.success());
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let said = well(words(&good, &common));
    assert!(
        said.contains("kept: 2, open: 1, overdue: 0, broken: 0"),
        "{said}"
    );

    let bad = ["other", "missing", "overdue"].map(|name| home.text(name));
    let evidence = home.text("evidence");
    let more = [&common[..], &["--evidence", &evidence]].concat();
    let said = badly(words(&bad, &more));
    assert!(
        said.contains("kept: 0, open: 0, overdue: 1, broken: 2"),
        "{said}"
    );
    assert!(said.contains("the log did not keep its word"), "{said}");

    // Whoever gets the two files asks nobody.
    for index in [250, LEAVES + 1] {
        let promise = home.text(&format!("evidence/{index}.promise"));
        let shown = home.text(&format!("evidence/{index}.shown"));
        let said = badly(words(
            &[promise],
            &["--policy", &policy, "--against", &shown],
        ));
        assert!(said.contains("broken, as this shows to anybody"), "{said}");
    }
    // The same things say nothing against a promise that was kept.
    let shown = home.text("evidence/250.shown");
    let said = well(words(
        &[home.text("kept")],
        &["--policy", &policy, "--against", &shown],
    ));
    assert!(said.contains("leaf 250: kept"), "{said}");
}

/// The promise with one bit of this byte changed.
fn changed(promise: &str, place: usize) -> String {
    let mut bytes = STANDARD.decode(promise).expect("base64");
    bytes[place] ^= 1;
    STANDARD.encode(bytes)
}

#[test]
fn what_is_no_promise_of_the_log_is_refused_by_name() {
    let home = cosigned();
    let (policy, log) = (home.text("policy"), home.text("log"));
    let text = promise(250, honest(250), 5);
    for (name, text) in [
        // The leaf's index, and what time the log has for it.
        ("moved", changed(&text, 8)),
        ("later", changed(&text, 60)),
        ("cut", text[..text.len() - 44].to_owned()),
        (
            "checkpoint",
            fs::read_to_string(home.path("log/checkpoint")).unwrap(),
        ),
    ] {
        home.write(name, text.as_bytes());
        let file = home.text(name);
        let words = [
            "verify", "promise", &file, "--policy", &policy, "--log", &log,
        ];
        let said = run_badly(&words);
        assert!(
            said.contains(&format!("{file} is no promise that holds")),
            "{said}"
        );
    }
}
