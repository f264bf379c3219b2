//! The body of `add-checkpoint`.

use std::fmt;

use thiserror::Error;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::hash::TreeHash;
use crate::note::NOTE_BYTES_MAX;
use crate::text;

/// A longer proof would be of a tree that nobody can have.
pub const REQUEST_HASHES_MAX: usize = 63;
/// The longest body that can be well formed: the size in front, the proof, and the note.
pub const REQUEST_BYTES_MAX: usize = 32 + REQUEST_HASHES_MAX * 45 + NOTE_BYTES_MAX;

/// Asks a witness to cosign a checkpoint that grew from a tree of `old` leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    pub old: u64,
    pub proof: Vec<TreeHash>,
    pub checkpoint: SignedCheckpoint,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RequestError {
    #[error("a request has at most {REQUEST_BYTES_MAX} bytes, and this one has {found}")]
    TooLong { found: usize },
    #[error(
        "a request is text: a line `old` with a size, a proof, an empty line, and a checkpoint"
    )]
    Form,
    #[error("line {number} of the proof is not a hash in base64")]
    Hash { number: usize },
    #[error("a proof has at most {REQUEST_HASHES_MAX} hashes")]
    TooManyHashes,
    #[error("the checkpoint of the request cannot be read")]
    Checkpoint(#[from] CheckpointError),
    #[error("the old size {old} is larger than the checkpoint's {new}")]
    Shrunk { old: u64, new: u64 },
}

impl AddCheckpoint {
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if REQUEST_BYTES_MAX < bytes.len() {
            return Err(RequestError::TooLong { found: bytes.len() });
        }
        let text = str::from_utf8(bytes).map_err(|_| RequestError::Form)?;
        let (top, checkpoint) = text.split_once("\n\n").ok_or(RequestError::Form)?;
        let mut lines = top.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(text::parse_decimal)
            .ok_or(RequestError::Form)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == REQUEST_HASHES_MAX {
                return Err(RequestError::TooManyHashes);
            }
            let number = proof.len() + 1;
            proof.push(TreeHash::parse(line).map_err(|_| RequestError::Hash { number })?);
        }
        let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes())?;
        let new = checkpoint.unverified().head.size;
        if new < old {
            return Err(RequestError::Shrunk { old, new });
        }
        Ok(Self {
            old,
            proof,
            checkpoint,
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(formatter, "{hash}"))?;
        write!(formatter, "\n{}", self.checkpoint)
    }
}
