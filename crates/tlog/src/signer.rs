//! The rule by which a log signs: nothing but a tree that is proved to have grown from the last one that it signed.
//!
//! Two signed trees that do not belong together destroy a log for ever. So a head can be signed only as `Proved`, and
//! `Proved` is made only by a proof that was built from tiles as they are stored, and that holds. The order in which a
//! log works is:
//!
//! 1. store the files of the growth (`edge::Growth`), and wait until they are durable;
//! 2. read the tiles of the proof back, and prove;
//! 3. replace the stored head by the new one if it still is the one that the proof began with, and wait again;
//! 4. sign, and publish.
//!
//! After a crash behind step 3 the stored head is signed again. That makes the same checkpoint, so it does not matter
//! whether the first one was published.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::hash::TreeHead;
use crate::key::{PublicKey, SIGNATURE_BYTES};
use crate::plan::{MissingTile, PlanError, ProofPlan, Tiles};
use crate::proof::{ProofError, verify_consistency};
use crate::tile::TilePath;

/// A head that may be signed, and the one that it grew from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proved {
    last: TreeHead,
    head: TreeHead,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotProved {
    #[error("the new tree is smaller than the one that was signed last")]
    Shrunk(#[from] PlanError),
    #[error("a stored tile is missing")]
    Tile(#[from] MissingTile),
    #[error(
        "the stored tiles do not show the new tree to begin with the one that was signed last; nothing more may be signed for this origin before somebody has found out why"
    )]
    Inconsistent(#[from] ProofError),
}

/// The tiles that have to be read back from storage for the proof.
pub fn tiles_needed(last: TreeHead, head: TreeHead) -> Result<BTreeSet<TilePath>, PlanError> {
    Ok(ProofPlan::consistency(last.size, head.size)?.tiles())
}

impl Proved {
    /// Proves that the tree grew from the last signed one, with tiles that were read from storage.
    pub fn growth(last: TreeHead, head: TreeHead, stored: &Tiles) -> Result<Self, NotProved> {
        let proof = ProofPlan::consistency(last.size, head.size)?.build(stored)?;
        verify_consistency(last, head, &proof)?;
        Ok(Self { last, head })
    }

    /// The head that is stored as the last signed one, whether or not its checkpoint was published.
    pub fn again(last: TreeHead) -> Self {
        Self { last, head: last }
    }

    /// What the stored head has to be when it is replaced by `head`.
    pub fn last(&self) -> TreeHead {
        self.last
    }

    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// Has the log's own key sign. The log's name is its key's.
    pub fn sign<E>(
        &self,
        key: &PublicKey,
        sign: impl FnOnce(&[u8]) -> Result<[u8; SIGNATURE_BYTES], E>,
    ) -> Result<SignedCheckpoint, E> {
        Checkpoint::sign(self.head, key, sign)
    }
}
