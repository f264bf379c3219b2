//! `scrip witness` in a process of its own, in front of logs that are honest and logs that forge with their real keys.

#[path = "../../../witness/tests/it/forger.rs"]
mod forger;
mod gathered;
mod hosted;
mod peer;
mod witnessed;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::{TreeHash, TreeHead};

use crate::program::{run_badly, run_well};
use forger::{History, LogKey};
use hosted::{Hosted, signal};

const ORIGIN: &str = "voucher.example/log1";
const SIZE_MAX: u64 = 1024;
/// The leaf from which on the log has two histories.
const REWRITTEN_FROM: u64 = 40;
/// How often the witness is killed.
const ROUNDS: u32 = 20;

fn log_key() -> LogKey {
    LogKey::new(ORIGIN, 7)
}

/// Makes the key of a witness in a directory, and returns the public half.
fn print_key(directory: &Path) -> String {
    let data = directory.to_str().expect("UTF-8");
    run_well(&[
        "witness",
        "--data",
        data,
        "--name",
        "w.example/1",
        "--print-key",
    ])
}

fn checkpoint(text: &str) -> SignedCheckpoint {
    SignedCheckpoint::parse(text.as_bytes()).expect("it is a checkpoint")
}

#[tokio::test]
async fn a_witness_cosigns_shows_and_refuses_over_http_until_it_is_told_to_stop() {
    let directory = tempfile::tempdir().expect("a directory");
    let public = print_key(directory.path());
    let (honest, key) = (History::honest(16), log_key());
    let hosted = Hosted::start(directory.path(), &key.public);
    let (code, line) = hosted
        .add(honest.request(&key, 0, 9))
        .await
        .expect("an answer");
    assert_eq!(code, 200, "{line}");
    let shown = hosted.shown().await.expect("an answer");
    assert_eq!(shown, (200, format!("{}{line}", key.note(honest.head(9)))));
    let forged = History::rewritten(16, 2);
    for new in [9, 12] {
        let refused = hosted.add(forged.request(&key, 9, new)).await;
        assert_eq!(refused.expect("an answer").0, 422);
    }
    // The key is told while the witness runs, and is the one that signs.
    assert_eq!(print_key(directory.path()), public);
    let public = tlog::key::PublicKey::parse(public.trim_end()).expect("a public key");
    let shown = checkpoint(&shown.1);
    assert!(shown.cosigned_by(&public).expect("it holds").is_some());
    let data = directory.path().to_str().expect("UTF-8");
    let log = key.public.to_string();
    let error = run_badly(&[
        "witness",
        "--data",
        data,
        "--log",
        &log,
        "--listen",
        "127.0.0.1:0",
    ]);
    assert!(error.contains("another witness works in"), "{error}");
    hosted.stop();
}

#[test]
fn bad_arguments_of_a_witness_are_told_what_to_do() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().to_str().expect("UTF-8");
    let log = log_key().public.to_string();
    let mistyped = log.replace("log1", "log2");
    let cases: [(&[&str], &str); 4] = [
        (&["witness", "--data", data], "--log <VKEY>"),
        (
            &["witness", "--data", data, "--log", &mistyped],
            "may be mistyped",
        ),
        (
            &["witness", "--data", data, "--log", &log],
            "a new witness needs a name",
        ),
        (
            &["witness", "--data", data, "--log", &log, "--name", "a b"],
            "names no signer",
        ),
    ];
    for (arguments, expected) in cases {
        let error = run_badly(arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

/// Every head that the witness has cosigned.
#[derive(Default)]
struct Promised {
    roots: BTreeMap<u64, TreeHash>,
}

impl Promised {
    fn cosigned(&mut self, head: TreeHead) {
        let before = self.roots.insert(head.size, head.root);
        assert!(
            before.is_none_or(|root| root == head.root),
            "two roots for {}",
            head.size
        );
    }

    fn holds_after_restart(&mut self, known: TreeHead, round: u32) {
        let largest = self.largest();
        assert!(
            largest <= known.size,
            "round {round}: from {largest} back to {}",
            known.size
        );
        self.cosigned(known);
    }

    fn largest(&self) -> u64 {
        self.roots.last_key_value().map_or(0, |(size, _)| *size)
    }
}

#[tokio::test]
async fn a_witness_that_is_killed_again_and_again_never_goes_back() {
    let seed = 0x5eed;
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let directory = tempfile::tempdir().expect("a directory");
    print_key(directory.path());
    let key = log_key();
    let mut promised = Promised::default();
    let histories = histories();
    for round in 0..ROUNDS {
        let hosted = Hosted::start(directory.path(), &key.public);
        let (code, shown) = hosted.shown().await.expect("an answer");
        let known = match code {
            200 => checkpoint(&shown).unverified().head,
            _ => TreeHead::of_nothing(),
        };
        promised.holds_after_restart(known, round);
        let pause = Duration::from_millis(chance.random_range(0..60));
        let id = hosted.id();
        let killer = std::thread::spawn(move || {
            std::thread::sleep(pause);
            signal(id, "-KILL");
        });
        submit_until_killed(&hosted, &mut chance, &mut promised).await;
        killer.join().expect("the signal was sent");
    }
    let (last, _) = promised.roots.last_key_value().expect("a promise");
    assert!(REWRITTEN_FROM < *last, "the log got no further than {last}");
    let is_whole = |history: &History| {
        let mut roots = promised.roots.iter();
        roots.all(|(size, root)| history.head(*size).root == *root)
    };
    assert!(histories.iter().any(is_whole), "it is no one history");
}

/// A log that grows, and asks for either of two histories.
async fn submit_until_killed(hosted: &Hosted, chance: &mut StdRng, promised: &mut Promised) {
    let (key, histories) = (log_key(), histories());
    let mut old = promised.largest();
    loop {
        let history = &histories[chance.random_range(0..histories.len())];
        let new = (old + chance.random_range(0..8)).min(SIZE_MAX);
        match hosted.add(history.request(&key, old, new)).await {
            Err(_) => return,
            Ok((200, _)) => {
                promised.cosigned(history.head(new));
                old = new;
            }
            Ok((422, _)) => {}
            Ok((code, body)) => panic!("{code} {body}"),
        }
    }
}

/// The same up to a leaf.
fn histories() -> [History; 2] {
    let at = usize::try_from(REWRITTEN_FROM).expect("it is small");
    [History::honest(SIZE_MAX), History::rewritten(SIZE_MAX, at)]
}
