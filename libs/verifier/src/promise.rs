//! Promises: what the log signed about a leaf before the leaf was in the tree.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::checkpoint::Checkpoint;
use crate::failure::Failure;
use crate::key::Key;
use crate::merkle::Hash;
use crate::note::{Note, unknown_log};
use crate::policy::Policy;
use crate::reading;
use crate::receipt::Receipt;

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
    /// Reads a promise of a log that the policy knows.
    pub fn verify(bytes: &[u8], policy: &Policy) -> Result<Self, Failure> {
        let form = |reason| Failure::Form {
            what: "the promise",
            reason,
        };
        let note = Note::parse(bytes)?;
        let lines: Vec<&str> = note.text.split('\n').collect();
        let ["scrip/promise/v1", log, index, leaf, deadline, ""] = lines[..] else {
            return Err(form("has not the five lines of a promise"));
        };
        let log = Key::parse(log).ok_or_else(|| form("names no log's key"))?;
        // The id covers the kind of the key too.
        let is_named = |known: &&Key| known.id == log.id && known.is_same_key(&log);
        let known = policy.logs(&log.name).find(is_named);
        note.check_log(known.ok_or_else(|| unknown_log(&log.name))?)?;
        Ok(Self {
            origin: log.name,
            index: reading::decimal(index).ok_or_else(|| form("has an index that is no number"))?,
            leaf: reading::hash(leaf).ok_or_else(|| form("has a leaf that is no hash"))?,
            deadline: reading::decimal(deadline)
                .ok_or_else(|| form("has a deadline that is no number"))?,
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
