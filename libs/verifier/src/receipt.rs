//! Receipts: a proof file that shows what one party may see of an entry.

use alloc::vec::Vec;

use crate::checkpoint::{Checkpoint, Clock};
use crate::failure::{Failure, LeafFailure, OpeningFailure};
use crate::leaf::{Leaf, Opening};
use crate::merkle::{Hash, leaf_hash};
use crate::policy::Policy;
use crate::proof_file::ProofFile;
use crate::reading::{take_number, take_short};

const FORMAT: u64 = 1;

/// A receipt that holds: the log has this leaf, and the leaf commits to what is shown.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub leaf: Leaf,
    pub leaf_hash: Hash,
    pub openings: Vec<Opening>,
    pub checkpoint: Checkpoint,
}

impl Receipt {
    pub fn verify(bytes: &[u8], policy: &Policy, clock: Clock) -> Result<Self, Failure> {
        let file = ProofFile::parse(bytes)?;
        let view = file
            .extra
            .as_deref()
            .ok_or(Failure::Opening(OpeningFailure::NoView))?;
        let (leaf_bytes, openings) = parse_view(view)?;
        let leaf_hash = leaf_hash(leaf_bytes);
        let checkpoint = file.verify(leaf_hash, policy, clock)?;
        let leaf = Leaf::parse(leaf_bytes)?;
        if leaf.index != file.index {
            return Err(Failure::Leaf(LeafFailure::Elsewhere {
                index: file.index,
                claimed: leaf.index,
            }));
        }
        openings
            .iter()
            .try_for_each(|opening| leaf.check(opening))?;
        Ok(Self {
            leaf,
            leaf_hash,
            openings,
            checkpoint,
        })
    }
}

fn parse_view(bytes: &[u8]) -> Result<(&[u8], Vec<Opening>), Failure> {
    let form = |reason| Failure::Opening(OpeningFailure::Form { reason });
    let mut rest = bytes;
    if take_number::<1>(&mut rest) != Some(FORMAT) {
        return Err(form("is not of format 1"));
    }
    let leaf = take_short(&mut rest).ok_or_else(|| form("is cut off"))?;
    let count = take_number::<1>(&mut rest).ok_or_else(|| form("is cut off"))?;
    let openings: Option<Vec<Opening>> = (0..count).map(|_| Opening::take(&mut rest)).collect();
    let openings = openings.ok_or_else(|| form("is cut off"))?;
    if !rest.is_empty() {
        return Err(form("goes on behind its end"));
    }
    if !openings.is_sorted_by(|one, next| one.group < next.group) {
        return Err(form("shows its groups out of order"));
    }
    Ok((leaf, openings))
}
