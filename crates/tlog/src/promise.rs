//! Promises: what an answer says about its entry before the log's next checkpoint covers it.
//!
//! Entries that were committed together are promised together, by one signature: the log's key signs the root of the
//! small tree (RFC 6962, section 2.1) of their leaves, the *run*, in a text:
//!
//! ```text
//! scrip/promised-run/v1
//! <the log's public key>
//! <the index of the run's first leaf>
//! <how many leaves the run has>
//! <the root of the run's tree>
//! <the deadline, in seconds since 1970>
//! ```
//!
//! Its second line is no number, so no reader can take it for a checkpoint. The promise for one of the leaves holds what
//! this text is made of again, and the leaf's inclusion proof in the run, from which the root follows. Every answer
//! carries one, so it is short, and written in base64; numbers are big-endian:
//!
//! ```text
//! 0x03 | leaf's index (8) | leaf's hash (32) | id of the log's key (4) | leaf's place in the run (4)
//!      | leaves of the run (4) | deadline (8) | signature (64) | inclusion proof, leaf side first (at most 16 times 32)
//! ```
//!
//! A log that has another leaf at that index, or at the deadline still none, has broken its word, and the promise shows it.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::hash::{HASH_BYTES, TreeHash};
use crate::key::{KeyId, KeyKind, PublicKey, SIGNATURE_BYTES};
use crate::proof::root_over;
use crate::text;

mod run;

pub use run::Run;
use run::SmallTree;

const FORMAT: u8 = 0x03;
/// All but the inclusion proof.
const FIXED_BYTES: usize = 1 + 8 + HASH_BYTES + 4 + 4 + 4 + 8 + SIGNATURE_BYTES;
/// No run has more leaves than a tree of 2^16.
const PATH_HASHES_MAX: usize = 16;

/// The promise for one leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    pub index: u64,
    pub leaf: TreeHash,
    path: Vec<TreeHash>,
    signed: Arc<Signed>,
}

/// The run, and the log's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signed {
    run: Run,
    signature: [u8; SIGNATURE_BYTES],
}

/// The promises for all leaves of a run.
#[derive(Clone, Debug)]
pub struct Promises {
    tree: SmallTree,
    signed: Arc<Signed>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PromiseError {
    #[error(
        "a promise is base64 of {FIXED_BYTES} bytes, of which the first is {FORMAT}, and at most {PATH_HASHES_MAX} hashes"
    )]
    Form,
    #[error("the promise is of the key with the id {found} and not of {expected}")]
    OtherKey { expected: String, found: KeyId },
    #[error("{key} is not a log's key")]
    OtherKind { key: String },
    #[error("the leaf has no such place in the run")]
    NotInRun,
    #[error(
        "the signature of {key} does not hold: the promise was changed, or somebody else signed it"
    )]
    WrongSignature { key: String },
}

impl Promises {
    /// Signs for leaves that stand in the log from `first` on.
    ///
    /// # Panics
    ///
    /// If there is no leaf, for nothing is promised of nothing; if the key is not a log's.
    pub fn sign<E>(
        log: PublicKey,
        first: u64,
        leaves: Vec<TreeHash>,
        deadline: u64,
        sign: impl FnOnce(&[u8]) -> Result<[u8; SIGNATURE_BYTES], E>,
    ) -> Result<Self, E> {
        assert!(!leaves.is_empty(), "a run has leaves");
        assert!(log.kind() == KeyKind::Note, "a cosigner promises nothing");
        let count = u32::try_from(leaves.len()).expect("a run is short");
        let tree = SmallTree::of(leaves);
        let run = Run {
            log,
            first,
            count,
            root: tree.root(),
            deadline,
        };
        let signature = sign(run.to_string().as_bytes())?;
        let signed = Arc::new(Signed { run, signature });
        Ok(Self { tree, signed })
    }

    /// None if the run has no such leaf.
    pub fn at(&self, index: u64) -> Option<Promise> {
        let place = usize::try_from(index.checked_sub(self.signed.run.first)?).ok()?;
        Some(Promise {
            index,
            leaf: self.tree.leaf(place)?,
            path: self.tree.path(place),
            signed: Arc::clone(&self.signed),
        })
    }
}

impl Promise {
    /// Reads a promise that the log with this key signed.
    pub fn verify(text: &[u8], log: &PublicKey) -> Result<Self, PromiseError> {
        let spelled = || log.to_string();
        if log.kind() != KeyKind::Note {
            return Err(PromiseError::OtherKind { key: spelled() });
        }
        let parts = Parts::read(text).ok_or(PromiseError::Form)?;
        if parts.key != log.id() {
            return Err(PromiseError::OtherKey {
                expected: spelled(),
                found: parts.key,
            });
        }
        let place = u64::from(parts.place);
        let first = parts.index.checked_sub(place);
        let root = root_over(parts.leaf, place, u64::from(parts.count), &parts.path);
        let run = Run {
            log: log.clone(),
            first: first.ok_or(PromiseError::NotInRun)?,
            count: parts.count,
            root: root.map_err(|_| PromiseError::NotInRun)?,
            deadline: parts.deadline,
        };
        if !log.has_signed(run.to_string().as_bytes(), &parts.signature) {
            return Err(PromiseError::WrongSignature { key: spelled() });
        }
        Ok(Self {
            index: parts.index,
            leaf: parts.leaf,
            path: parts.path,
            signed: Arc::new(Signed {
                run,
                signature: parts.signature,
            }),
        })
    }

    /// Seconds since 1970.
    pub fn deadline(&self) -> u64 {
        self.signed.run.deadline
    }

    pub fn run(&self) -> &Run {
        &self.signed.run
    }
}

/// What a promise says, before anything of it is believed.
struct Parts {
    index: u64,
    leaf: TreeHash,
    key: KeyId,
    place: u32,
    count: u32,
    deadline: u64,
    signature: [u8; SIGNATURE_BYTES],
    path: Vec<TreeHash>,
}

impl Parts {
    fn read(text: &[u8]) -> Option<Self> {
        let bytes = text::parse_base64(str::from_utf8(text).ok()?)?;
        let (format, rest) = bytes.split_first()?;
        let (index, rest) = rest.split_first_chunk()?;
        let (leaf, rest) = rest.split_first_chunk()?;
        let (key, rest) = rest.split_first_chunk()?;
        let (place, rest) = rest.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (deadline, rest) = rest.split_first_chunk()?;
        let (signature, rest) = rest.split_first_chunk()?;
        let (path, beyond) = rest.as_chunks();
        let is_whole = beyond.is_empty() && path.len() <= PATH_HASHES_MAX;
        (*format == FORMAT && is_whole).then(|| Self {
            index: u64::from_be_bytes(*index),
            leaf: TreeHash::new(*leaf),
            key: KeyId(*key),
            place: u32::from_be_bytes(*place),
            count: u32::from_be_bytes(*count),
            deadline: u64::from_be_bytes(*deadline),
            signature: *signature,
            path: path.iter().copied().map(TreeHash::new).collect(),
        })
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Signed { run, signature } = &*self.signed;
        let place = u32::try_from(self.index - run.first).expect("a run is short");
        let mut bytes = Vec::with_capacity(FIXED_BYTES + self.path.len() * HASH_BYTES);
        bytes.push(FORMAT);
        bytes.extend(self.index.to_be_bytes());
        bytes.extend(self.leaf.as_bytes());
        bytes.extend(run.log.id().0);
        bytes.extend(place.to_be_bytes());
        bytes.extend(run.count.to_be_bytes());
        bytes.extend(run.deadline.to_be_bytes());
        bytes.extend(signature);
        for hash in &self.path {
            bytes.extend(hash.as_bytes());
        }
        formatter.write_str(&text::base64(&bytes))
    }
}
