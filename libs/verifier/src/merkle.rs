//! The Merkle tree of RFC 6962, checked by its definition: a tree is split at the largest power of two below its size,
//! and a proof's last hash is the root of the half that is not looked into.

use core::fmt;

use sha2::{Digest, Sha256};

use crate::base64;
use crate::failure::{ConsistencyFailure, Failure, InclusionFailure};

#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

/// The longest proof that a tree of less than 2^64 leaves can need.
pub const PROOF_HASHES_MAX: usize = 64;

pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(
        Sha256::new_with_prefix([0])
            .chain_update(entry)
            .finalize()
            .into(),
    )
}

pub fn node_hash(left: Hash, right: Hash) -> Hash {
    let nodes = Sha256::new_with_prefix([1])
        .chain_update(left.0)
        .chain_update(right.0);
    Hash(nodes.finalize().into())
}

pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// Checks that the leaf with this hash is leaf `index` of the tree of `size` leaves under `root`.
pub fn check_inclusion(
    leaf: Hash,
    index: u64,
    (size, root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), Failure> {
    if inclusion_root(leaf, index, size, proof)? == root {
        Ok(())
    } else {
        Err(Failure::Inclusion(InclusionFailure::OtherRoot))
    }
}

/// The root of the tree of `size` leaves whose leaf `index` has this hash, if the proof is true.
pub fn inclusion_root(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Result<Hash, Failure> {
    if size <= index {
        return Err(Failure::Inclusion(InclusionFailure::NoSuchLeaf {
            index,
            size,
        }));
    }
    let found = proof.len();
    root_over(leaf, index, size, proof)
        .ok_or(Failure::Inclusion(InclusionFailure::Length { found }))
}

/// Checks that the newer tree begins with the whole of the older one. Trees are given as size and root.
pub fn check_consistency(
    (old_size, old_root): (u64, Hash),
    (new_size, new_root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), Failure> {
    consistency((old_size, old_root), (new_size, new_root), proof).map_err(Failure::Consistency)
}

fn consistency(
    (old_size, old_root): (u64, Hash),
    (new_size, new_root): (u64, Hash),
    proof: &[Hash],
) -> Result<(), ConsistencyFailure> {
    let (old, new) = (old_size, new_size);
    let rewritten = Err(ConsistencyFailure::Rewritten { old, new });
    let length = ConsistencyFailure::Length { found: proof.len() };
    if new < old {
        return Err(ConsistencyFailure::Shrunk { old, new });
    }
    if old == new && old_root != new_root {
        return Err(ConsistencyFailure::SameSize { size: old });
    }
    if old == 0 {
        let is_empty = old_root == empty_root();
        return match proof {
            [] if is_empty => Ok(()),
            [] => rewritten,
            [_, ..] => Err(length),
        };
    }
    let sides = Sides {
        old_root,
        is_whole: true,
    };
    if sides.roots(old, new, proof).ok_or(length)? == (old_root, new_root) {
        Ok(())
    } else {
        rewritten
    }
}

fn root_over(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    if size == 1 {
        return proof.is_empty().then_some(leaf);
    }
    let (beside, inner) = proof.split_last()?;
    let left_size = left_of(size);
    if index < left_size {
        let left = root_over(leaf, index, left_size, inner)?;
        Some(node_hash(left, *beside))
    } else {
        let right = root_over(leaf, index - left_size, size - left_size, inner)?;
        Some(node_hash(*beside, right))
    }
}

/// What is known on the way down through a consistency proof.
#[derive(Clone, Copy)]
struct Sides {
    old_root: Hash,
    /// Whether the subtree that is looked at begins at the first leaf: then its old part is the whole old tree.
    is_whole: bool,
}

impl Sides {
    /// The roots of the older and of the newer tree, as the proof has them.
    fn roots(self, old_size: u64, new_size: u64, proof: &[Hash]) -> Option<(Hash, Hash)> {
        if old_size == new_size {
            return match (self.is_whole, proof) {
                (true, []) => Some((self.old_root, self.old_root)),
                (false, [hash]) => Some((*hash, *hash)),
                (true, [_, ..]) | (false, [] | [_, _, ..]) => None,
            };
        }
        let (beside, inner) = proof.split_last()?;
        let left_size = left_of(new_size);
        if old_size <= left_size {
            let (old, new) = self.roots(old_size, left_size, inner)?;
            return Some((old, node_hash(new, *beside)));
        }
        let right = Self {
            is_whole: false,
            ..self
        };
        let (old, new) = right.roots(old_size - left_size, new_size - left_size, inner)?;
        Some((node_hash(*beside, old), node_hash(*beside, new)))
    }
}

/// The largest power of two below a size of two or more.
pub(crate) fn left_of(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&base64::encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
