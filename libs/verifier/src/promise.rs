//! Promises: what the log signed about a leaf before the leaf was in the tree.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::base64;
use crate::checkpoint::Checkpoint;
use crate::failure::{Failure, SignatureFailure};
use crate::key::{Key, spell};
use crate::merkle::{Hash, inclusion_root};
use crate::policy::Policy;
use crate::reading::{take, take_hash, take_number};
use crate::receipt::Receipt;

const FORMAT: u8 = 0x03;
/// No run has more leaves than a tree of 2^16.
const PATH_HASHES_MAX: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The log that gave its word.
    pub origin: String,
    pub index: u64,
    pub leaf: Hash,
    /// Seconds since 1970.
    pub deadline: u64,
}

/// What became of a promise, as far as something that was verified shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Kept,
    /// Whoever has both can show it to anybody.
    Broken,
    /// What was looked at says nothing about it.
    Open,
}

impl Promise {
    /// Reads a promise of a log that the policy knows. The log's signature is on a run of leaves; the leaf is shown to be of it.
    pub fn verify(text: &[u8], policy: &Policy) -> Result<Self, Failure> {
        let text = core::str::from_utf8(text).map_err(|_| form("is no text"))?;
        let bytes = base64::decode(text)
            .ok_or_else(|| form("is not in base64, as the platform gives it"))?;
        let parts = Parts::read(&bytes)
            .ok_or_else(|| form("is cut short or too long, or of another version of the format"))?;
        let root = inclusion_root(parts.leaf, parts.place, parts.count, &parts.path)?;
        let first = parts.index.checked_sub(parts.place);
        let first = first.ok_or_else(|| form("is of a run that begins before the log"))?;
        let run = |log: &Key| {
            let Parts {
                count, deadline, ..
            } = parts;
            format!("scrip/promised-run/v1\n{log}\n{first}\n{count}\n{root}\n{deadline}\n")
        };
        let mut known = policy.logs_by_id(parts.key).peekable();
        let Some(name) = known.peek().map(|log| log.name.clone()) else {
            let id = spell(&parts.key);
            return Err(Failure::LogSignature(SignatureFailure::UnknownKey { id }));
        };
        let has_signed = |log: &&Key| log.has_signed(run(log).as_bytes(), parts.signature);
        let log = known.find(has_signed);
        let log = log.ok_or(Failure::LogSignature(SignatureFailure::Wrong { name }))?;
        Ok(Self {
            origin: log.name.clone(),
            index: parts.index,
            leaf: parts.leaf,
            deadline: parts.deadline,
        })
    }

    /// Another leaf at the promised place breaks the promise at any time.
    pub fn after_receipt(&self, receipt: &Receipt) -> Standing {
        let is_at_place =
            receipt.checkpoint.origin == self.origin && receipt.leaf.index == self.index;
        match (is_at_place, receipt.leaf_hash == self.leaf) {
            (false, _) => Standing::Open,
            (true, true) => Standing::Kept,
            (true, false) => Standing::Broken,
        }
    }

    /// Enough witnesses that saw too small a tree after the deadline break it. A log alone can sign an old tree late, so
    /// its own word on the time is not asked.
    pub fn after_checkpoint(&self, checkpoint: &Checkpoint, policy: &Policy) -> Standing {
        let late = checkpoint
            .cosigned
            .iter()
            .filter(|one| self.deadline < one.at);
        let late: Vec<&str> = late.map(|one| one.witness.as_str()).collect();
        let is_seen =
            checkpoint.origin == self.origin && !late.is_empty() && policy.is_enough(&late);
        if is_seen && checkpoint.size <= self.index {
            Standing::Broken
        } else {
            Standing::Open
        }
    }
}

/// What a promise says, before anything of it is believed.
struct Parts<'a> {
    index: u64,
    leaf: Hash,
    /// The id of the log's key.
    key: [u8; 4],
    /// Of the leaf in the run.
    place: u64,
    /// Leaves of the run.
    count: u64,
    deadline: u64,
    signature: &'a [u8],
    path: Vec<Hash>,
}

impl<'a> Parts<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes;
        let rest = &mut rest;
        if take(rest, 1)? != [FORMAT] {
            return None;
        }
        let parts = Self {
            index: take_number::<8>(rest)?,
            leaf: take_hash(rest)?,
            key: take(rest, 4)?.try_into().ok()?,
            place: take_number::<4>(rest)?,
            count: take_number::<4>(rest)?,
            deadline: take_number::<8>(rest)?,
            signature: take(rest, 64)?,
            path: path(rest)?,
        };
        (parts.path.len() <= PATH_HASHES_MAX).then_some(parts)
    }
}

/// The hashes up to the end.
fn path(rest: &mut &[u8]) -> Option<Vec<Hash>> {
    let mut hashes = Vec::new();
    while !rest.is_empty() {
        hashes.push(take_hash(rest)?);
    }
    Some(hashes)
}

fn form(reason: &'static str) -> Failure {
    Failure::Form {
        what: "the promise",
        reason,
    }
}

impl Standing {
    pub fn name(self) -> String {
        match self {
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::Open => "open",
        }
        .to_string()
    }
}
