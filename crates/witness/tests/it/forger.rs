//! A log by the definitions of RFC 6962, section 2.1, that signs whatever it is told to.

use std::convert::Infallible;

use ed25519_dalek::{Signer, SigningKey};
use tlog::hash::{TreeHash, TreeHead};
use tlog::key::{KeyKind, KeyName, PublicKey};
use tlog::note::{Note, SignatureLine};

pub struct LogKey {
    secret: SigningKey,
    pub public: PublicKey,
}

impl LogKey {
    pub fn new(origin: &str, seed: u8) -> Self {
        let secret = SigningKey::from_bytes(&[seed; 32]);
        let name = KeyName::parse(origin).expect("the name is good");
        let public = PublicKey::new(name, KeyKind::Note, secret.verifying_key().as_bytes());
        Self {
            secret,
            public: public.expect("the key is good"),
        }
    }

    pub fn line(&self, text: &str) -> SignatureLine {
        let sign = |text: &[u8]| Ok::<_, Infallible>(self.secret.sign(text).to_bytes());
        let Ok(line) = SignatureLine::sign(&self.public, text, sign);
        line
    }

    pub fn note(&self, head: TreeHead) -> Note {
        let text = self.text(head);
        let line = self.line(&text);
        Note::new(text, line).expect("the text is good")
    }

    pub fn text(&self, head: TreeHead) -> String {
        format!("{}\n{}\n{}\n", self.public.name(), head.size, head.root)
    }
}

/// The history of a log, as hashes of its leaves.
#[derive(Clone)]
pub struct History(Vec<TreeHash>);

impl History {
    pub fn honest(size: u64) -> Self {
        Self((0..size).map(leaf).collect())
    }

    /// The same but for one leaf.
    pub fn rewritten(size: u64, at: usize) -> Self {
        let mut history = Self::honest(size);
        history.0[at] = TreeHash::of_leaf(b"this is what happened");
        history
    }

    pub fn head(&self, size: u64) -> TreeHead {
        let leaves = &self.0[..index(size)];
        TreeHead {
            size,
            root: root(leaves),
        }
    }

    pub fn consistency(&self, old: u64, new: u64) -> Vec<TreeHash> {
        match old {
            0 => Vec::new(),
            _ => subproof(index(old), &self.0[..index(new)], Known::Root),
        }
    }

    /// What a log asks its witness that grows from `old` to `new` in this history.
    pub fn request(&self, key: &LogKey, old: u64, new: u64) -> String {
        request(old, &self.consistency(old, new), &key.note(self.head(new)))
    }
}

pub fn request(old: u64, proof: &[TreeHash], note: &Note) -> String {
    let proof: String = proof.iter().map(|hash| format!("{hash}\n")).collect();
    format!("old {old}\n{proof}\n{note}")
}

/// Whether the verifier holds the root of the subtree already.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    Root,
    Nothing,
}

fn subproof(old: usize, leaves: &[TreeHash], known: Known) -> Vec<TreeHash> {
    if old == leaves.len() {
        return match known {
            Known::Root => Vec::new(),
            Known::Nothing => vec![root(leaves)],
        };
    }
    let (left, right) = halves(leaves);
    let (mut proof, beside) = if old <= left.len() {
        (subproof(old, left, known), right)
    } else {
        (subproof(old - left.len(), right, Known::Nothing), left)
    };
    proof.push(root(beside));
    proof
}

fn root(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => TreeHash::of_nothing(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = halves(leaves);
            TreeHash::of_node(root(left), root(right))
        }
    }
}

fn halves(leaves: &[TreeHash]) -> (&[TreeHash], &[TreeHash]) {
    leaves.split_at(1 << (leaves.len() - 1).ilog2())
}

fn leaf(index: u64) -> TreeHash {
    TreeHash::of_leaf(&index.to_be_bytes())
}

fn index(size: u64) -> usize {
    usize::try_from(size).expect("the history is short")
}
