//! Measures how fast the tree and its tiles grow, and what a receipt weighs and costs to check.
//!
//! `cargo run --release -p tlog --example speed`

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::hint::black_box;
use std::time::Instant;

use ed25519_dalek::{Signer, SigningKey};
use tlog::bundle::LogEntry;
use tlog::cosignature::{CosignedAt, cosign};
use tlog::edge::{Growth, RightEdge};
use tlog::key::{KeyKind, KeyName, PublicKey};
use tlog::leaf::{FieldGroup, Leaf, LeafKind, Opening, Salt};
use tlog::plan::{ProofPlan, Tiles};
use tlog::receipt::View;
use tlog::signer::Proved;
use tlog::tile::TilePath;
use verifier::checkpoint::Clock;
use verifier::policy::Policy;
use verifier::receipt::Receipt;

const LEAVES: u64 = 1_000_000;
const CHECKS: u32 = 2_000;
const WITNESSES: u8 = 4;
const NOW: u64 = 1_790_000_000;

fn main() {
    for batch in [1, 64, 1_000, 10_000] {
        grow(batch);
    }
    for size in [256, 65_536, LEAVES] {
        check_receipts(size);
    }
}

/// A checkpoint after each batch: leaves hashed, tiles and bundles encoded, root computed; nothing stored or signed.
fn grow(batch: u64) {
    let entries: Vec<LogEntry> = (0..batch).map(|index| leaf(index).encode()).collect();
    let mut edge = RightEdge::of_nothing();
    let mut bytes = 0;
    let leaves = LEAVES.min(batch * 20_000);
    let start = Instant::now();
    while edge.head().size < leaves {
        let Growth { tiles, bundles } = edge.append(entries.iter().cloned());
        let files = tiles.iter().chain(&bundles);
        bytes += files.map(|file| file.bytes.len()).sum::<usize>();
        black_box(edge.head());
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "grow, batches of {batch}: {:.0} leaves a second, {:.0} bytes written for each",
        leaves as f64 / seconds,
        bytes as f64 / leaves as f64
    );
}

fn check_receipts(size: u64) {
    let mut edge = RightEdge::of_nothing();
    let growth = edge.append((0..size).map(|index| leaf(index).encode()));
    let files: BTreeMap<TilePath, Vec<u8>> = growth
        .tiles
        .into_iter()
        .map(|file| (file.path, file.bytes))
        .collect();
    let index = size / 3;
    let plan = ProofPlan::inclusion(index, size).expect("the leaf is in the tree");
    let mut tiles = Tiles::default();
    for path in plan.tiles() {
        let stored = tiles.insert(path, &files[&path]);
        stored.expect("the tile was just made");
    }
    let start = Instant::now();
    for _ in 0..CHECKS {
        black_box(plan.build(&tiles).expect("all tiles are there"));
    }
    let built = start.elapsed() / CHECKS;

    let (log, log_key) = key("log.example", KeyKind::Note, 1);
    let Ok(mut checkpoint) = Proved::again(edge.head()).sign(&log, |text| sign(&log_key, text));
    let mut policy = format!("log {log}\n");
    let mut members = String::new();
    for number in 0..WITNESSES {
        let (witness, secret) = key(
            &format!("w{number}.example"),
            KeyKind::Cosignature,
            2 + number,
        );
        let at = CosignedAt::new(NOW).expect("the time is in range");
        let text = checkpoint.note().text().to_owned();
        let Ok(line) = cosign(&text, &witness, at, |message| sign(&secret, message));
        checkpoint.add(line);
        policy += &format!("witness w{number} {witness}\n");
        members += &format!(" w{number}");
    }
    policy += &format!("group all-of-them 3{members}\nquorum all-of-them\n");
    let view = View::new(leaf(index), openings(index)[..2].to_vec()).expect("the openings fit");
    let proof = plan.build(&tiles).expect("all tiles are there");
    let receipt = view.into_receipt(proof, checkpoint).to_string();

    let policy = Policy::parse(&policy).expect("the policy is good");
    let clock = Clock {
        now: NOW,
        age_seconds_max: None,
    };
    let start = Instant::now();
    for _ in 0..CHECKS {
        black_box(Receipt::verify(receipt.as_bytes(), &policy, clock).expect("the receipt holds"));
    }
    println!(
        "receipt in a tree of {size}, two groups, {WITNESSES} witnesses: {} bytes, {} us to check, {} us to build its proof",
        receipt.len(),
        (start.elapsed() / CHECKS).as_micros(),
        built.as_micros()
    );
}

fn openings(index: u64) -> Vec<Opening> {
    FieldGroup::ALL
        .into_iter()
        .map(|group| {
            let mut salt = [group.position(); 32];
            salt[..8].copy_from_slice(&index.to_be_bytes());
            Opening {
                group,
                salt: Salt::new(salt),
                content: vec![b'x'; 60],
            }
        })
        .collect()
}

fn leaf(index: u64) -> Leaf {
    let commitments = openings(index).iter().map(Opening::commitment).collect();
    Leaf::new(LeafKind::ENTRY, index, commitments).expect("five commitments")
}

fn key(name: &str, kind: KeyKind, seed: u8) -> (PublicKey, SigningKey) {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let name = KeyName::parse(name).expect("the name is good");
    let public = PublicKey::new(name, kind, secret.verifying_key().as_bytes());
    (public.expect("a fresh key is not weak"), secret)
}

fn sign(secret: &SigningKey, message: &[u8]) -> Result<[u8; 64], Infallible> {
    Ok(secret.sign(message).to_bytes())
}
