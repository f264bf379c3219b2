//! A log in memory, with keys that everybody knows.

use std::collections::BTreeMap;
use std::convert::Infallible;

use ed25519_dalek::{Signer, SigningKey};
use tlog::bundle::LogEntry;
use tlog::checkpoint::SignedCheckpoint;
use tlog::cosignature::{CosignedAt, cosign};
use tlog::edge::{LogFile, RightEdge};
use tlog::hash::{TreeHash, TreeHead};
use tlog::key::{KeyKind, KeyName, PublicKey};
use tlog::leaf::{FieldGroup, Leaf, LeafKind, Opening, Salt};
use tlog::note::{Note, SignatureLine};
use tlog::plan::{ProofPlan, Tiles};
use tlog::tile::TilePath;
use verifier::checkpoint::Clock;

pub const NOW: u64 = 1_790_000_000;
/// Receipts are kept; their cosignatures may be of any age.
pub const CLOCK: Clock = Clock {
    now: NOW,
    age_seconds_max: None,
};

pub struct Key {
    secret: SigningKey,
    pub public: PublicKey,
}

impl Key {
    pub fn new(name: &str, kind: KeyKind, seed: u8) -> Self {
        let secret = SigningKey::from_bytes(&[seed; 32]);
        let name = KeyName::parse(name).expect("the name is good");
        let public = PublicKey::new(name, kind, secret.verifying_key().as_bytes());
        Self {
            secret,
            public: public.expect("a fresh key is not weak"),
        }
    }

    pub fn log() -> Self {
        Self::new("voucher.example/log1", KeyKind::Note, 7)
    }

    pub fn witness(number: u8) -> Self {
        Self::new(
            &format!("w{number}.example"),
            KeyKind::Cosignature,
            20 + number,
        )
    }

    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], Infallible> {
        Ok(self.secret.sign(message).to_bytes())
    }

    /// Signs any head, as a forger with the log's real key can.
    pub fn checkpoint(&self, head: TreeHead) -> SignedCheckpoint {
        let name = self.public.name();
        let text = format!("{name}\n{}\n{}\n", head.size, head.root);
        let Ok(line) = SignatureLine::sign(&self.public, &text, |text| self.sign(text));
        let note = Note::new(text, line).expect("the text is good");
        SignedCheckpoint::parse(note.to_string().as_bytes()).expect("it is a checkpoint")
    }

    pub fn cosign(&self, checkpoint: &mut SignedCheckpoint, at: u64) {
        let at = CosignedAt::new(at).expect("the time is in range");
        let text = checkpoint.note().text();
        let Ok(line) = cosign(text, &self.public, at, |message| self.sign(message));
        checkpoint.add(line);
    }
}

/// Everything that a log has stored, and its heads.
pub struct Log {
    pub edge: RightEdge,
    pub files: BTreeMap<TilePath, Vec<u8>>,
    pub heads: BTreeMap<u64, TreeHead>,
    pub leaves: Vec<TreeHash>,
    tiles: Tiles,
}

impl Log {
    pub fn of_nothing() -> Self {
        Self {
            edge: RightEdge::of_nothing(),
            files: BTreeMap::new(),
            heads: BTreeMap::from([(0, TreeHead::of_nothing())]),
            leaves: Vec::new(),
            tiles: Tiles::default(),
        }
    }

    pub fn append(&mut self, entries: Vec<LogEntry>) {
        let leaves = entries
            .iter()
            .map(|entry| TreeHash::of_leaf(entry.as_bytes()));
        self.leaves.extend(leaves);
        let growth = self.edge.append(entries);
        for LogFile { path, bytes } in &growth.tiles {
            let stored = self.tiles.insert(*path, bytes);
            stored.expect("a tile that was just made is well formed");
        }
        for LogFile { path, bytes } in growth.tiles.into_iter().chain(growth.bundles) {
            let before = self.files.insert(path, bytes.clone());
            assert!(
                before.is_none_or(|before| before == bytes),
                "{path} changed its bytes"
            );
        }
        let head = self.edge.head();
        self.heads.insert(head.size, head);
    }

    /// Grown one batch for each size, so that each size has its partial tiles.
    pub fn grown_to(sizes: impl IntoIterator<Item = u64>, entry: impl Fn(u64) -> LogEntry) -> Self {
        let mut log = Self::of_nothing();
        for size in sizes {
            log.append((log.edge.head().size..size).map(&entry).collect());
        }
        log
    }

    pub fn prove(&self, plan: &ProofPlan) -> Vec<TreeHash> {
        plan.build(&self.tiles)
            .expect("every tile of a head is stored")
    }

    pub fn inclusion(&self, index: u64, size: u64) -> Vec<TreeHash> {
        self.prove(&ProofPlan::inclusion(index, size).expect("the leaf is in the tree"))
    }

    pub fn consistency(&self, old: u64, new: u64) -> Vec<TreeHash> {
        self.prove(&ProofPlan::consistency(old, new).expect("the tree grew"))
    }
}

/// Entries of the specification's vectors.
pub fn vector_entry(index: u64) -> LogEntry {
    use sha2::{Digest, Sha256};
    let digest: String = Sha256::digest(format!("salt{index}|tx{index}"))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    entry(format!("v1 posting {index} {digest}").as_bytes())
}

pub fn entry(bytes: &[u8]) -> LogEntry {
    LogEntry::new(bytes.to_vec()).expect("the entry is short")
}

pub fn openings(index: u64) -> Vec<Opening> {
    FieldGroup::ALL
        .into_iter()
        .map(|group| {
            let mut salt = [group.position() + 1; 32];
            salt[..8].copy_from_slice(&index.to_be_bytes());
            Opening {
                group,
                salt: Salt::new(salt),
                content: format!("{group:?} of {index}").into_bytes(),
            }
        })
        .collect()
}

pub fn leaf(index: u64) -> Leaf {
    let commitments = openings(index).iter().map(Opening::commitment).collect();
    Leaf::new(LeafKind::ENTRY, index, commitments).expect("five commitments")
}

/// The root by the definition of RFC 6962, section 2.1.
pub fn defined_root(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => TreeHash::of_nothing(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
            TreeHash::of_node(defined_root(left), defined_root(right))
        }
    }
}

pub fn for_verifier(hashes: &[TreeHash]) -> Vec<verifier::merkle::Hash> {
    let hashes = hashes.iter();
    hashes
        .map(|hash| verifier::merkle::Hash(*hash.as_bytes()))
        .collect()
}

pub fn tree_for_verifier(head: TreeHead) -> (u64, verifier::merkle::Hash) {
    (head.size, verifier::merkle::Hash(*head.root.as_bytes()))
}

/// A policy with the usual log, and `quorum` of so many witnesses.
pub fn policy(quorum: &str, witnesses: u8) -> verifier::policy::Policy {
    verifier::policy::Policy::parse(&policy_text(quorum, witnesses)).expect("the policy is good")
}

pub fn policy_text(quorum: &str, witnesses: u8) -> String {
    let mut text = format!("log {}\n", Key::log().public);
    let mut members = String::new();
    for number in 0..witnesses {
        text += &format!("witness w{number} {}\n", Key::witness(number).public);
        members += &format!(" w{number}");
    }
    text + &format!("group all-of-them {quorum}{members}\nquorum all-of-them\n")
}
