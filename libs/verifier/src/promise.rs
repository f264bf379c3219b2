//! Promises: what the log signed about a leaf before the leaf was in the tree.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::checkpoint::Checkpoint;
use crate::failure::Failure;
use crate::key::Key;
use crate::merkle::{Hash, check_inclusion};
use crate::note::{Note, unknown_log};
use crate::policy::Policy;
use crate::reading;
use crate::receipt::Receipt;

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
    pub fn verify(bytes: &[u8], policy: &Policy) -> Result<Self, Failure> {
        let whole = core::str::from_utf8(bytes).map_err(|_| form("is no text"))?;
        let (top, note) = whole
            .split_once("\n\n")
            .ok_or_else(|| form("has no signed run behind an empty line"))?;
        let note = Note::parse(note.as_bytes())?;
        let run = Run::verify(&note, policy)?;
        let lines: Vec<&str> = top.split('\n').collect();
        let ["scrip/promise/v2", index, leaf, path @ ..] = &lines[..] else {
            return Err(form(
                "does not begin with scrip/promise/v2, an index and a leaf",
            ));
        };
        if PATH_HASHES_MAX < path.len() {
            return Err(form("has more hashes than any run needs"));
        }
        let index = index.strip_prefix("index ").and_then(reading::decimal);
        let leaf = leaf.strip_prefix("leaf ").and_then(reading::hash);
        let path = path.iter().map(|line| reading::hash(line));
        let path: Option<Vec<Hash>> = path.collect();
        let (Some(index), Some(leaf), Some(path)) = (index, leaf, path) else {
            return Err(form("has an index, a leaf or a hash that is none"));
        };
        let place = index
            .checked_sub(run.first)
            .ok_or_else(|| form("is of a leaf before the signed run"))?;
        check_inclusion(leaf, place, (run.count, run.root), &path)?;
        Ok(Self {
            origin: run.origin,
            index,
            leaf,
            deadline: run.deadline,
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

/// What the log signed.
struct Run {
    origin: String,
    first: u64,
    count: u64,
    root: Hash,
    deadline: u64,
}

impl Run {
    fn verify(note: &Note, policy: &Policy) -> Result<Self, Failure> {
        let lines: Vec<&str> = note.text.split('\n').collect();
        let [
            "scrip/promised-run/v1",
            log,
            first,
            count,
            root,
            deadline,
            "",
        ] = lines[..]
        else {
            return Err(form("has not the six lines of a run"));
        };
        let log = Key::parse(log).ok_or_else(|| form("names no log's key"))?;
        // The id covers the kind of the key too.
        let is_named = |known: &&Key| known.id == log.id && known.is_same_key(&log);
        let known = policy.logs(&log.name).find(is_named);
        note.check_log(known.ok_or_else(|| unknown_log(&log.name))?)?;
        let numbers = [first, count, deadline].map(reading::decimal);
        let ([Some(first), Some(count), Some(deadline)], Some(root)) =
            (numbers, reading::hash(root))
        else {
            return Err(form("has a run of which a number or the root is none"));
        };
        Ok(Self {
            origin: log.name,
            first,
            count,
            root,
            deadline,
        })
    }
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
