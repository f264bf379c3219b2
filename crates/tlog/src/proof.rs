//! Whether proofs hold (RFC 9162, sections 2.1.3.2 and 2.1.4.2).

use thiserror::Error;

use crate::hash::{TreeHash, TreeHead};

/// No proof is longer: a tree has less than 2^64 leaves. The witness protocol allows one hash fewer.
pub const PROOF_HASHES_MAX: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    #[error("there is no leaf {index} in a tree of {size}")]
    NoSuchLeaf { index: u64, size: u64 },
    #[error("a tree of {new} leaves cannot have grown from one of {old}")]
    Shrunk { old: u64, new: u64 },
    #[error("the proof has {found} hashes, which is not what trees of these sizes need")]
    Length { found: usize },
    #[error("the proof leads to another root than the tree's")]
    OtherRoot,
    #[error("the proof does not begin at the older tree's root")]
    OtherOldRoot,
}

/// Proves that `leaf` is leaf `index` of the tree with this head.
pub fn verify_inclusion(
    leaf: TreeHash,
    index: u64,
    head: TreeHead,
    proof: &[TreeHash],
) -> Result<(), ProofError> {
    if root_over(leaf, index, head.size, proof)? == head.root {
        Ok(())
    } else {
        Err(ProofError::OtherRoot)
    }
}

/// The root of the tree of `size` leaves of which `leaf` is leaf `index`, if the proof is what it says.
pub(crate) fn root_over(
    leaf: TreeHash,
    index: u64,
    size: u64,
    proof: &[TreeHash],
) -> Result<TreeHash, ProofError> {
    if size <= index {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let mut climb = Climb::new(index, size - 1);
    let mut root = leaf;
    for hash in proof {
        root = match climb.step(proof.len())? {
            Side::Left => TreeHash::of_node(*hash, root),
            Side::Right => TreeHash::of_node(root, *hash),
        };
    }
    climb.end(proof.len())?;
    Ok(root)
}

/// Proves that the tree with the head `new` begins with the whole of the tree with the head `old`.
pub fn verify_consistency(
    old: TreeHead,
    new: TreeHead,
    proof: &[TreeHash],
) -> Result<(), ProofError> {
    if new.size < old.size {
        return Err(ProofError::Shrunk {
            old: old.size,
            new: new.size,
        });
    }
    if old.size == 0 && old.root != TreeHash::of_nothing() {
        return Err(ProofError::OtherOldRoot);
    }
    if old.size == 0 || old.size == new.size {
        return verify_without_growth(old, new, proof);
    }
    // The old root itself stands for the first hash when it is a subtree of the new tree as a whole.
    let whole = old.size.is_power_of_two().then_some(old.root);
    let mut hashes = whole.into_iter().chain(proof.iter().copied());
    let length = ProofError::Length { found: proof.len() };
    let first = hashes.next().ok_or(length)?;
    let mut climb = Climb::new(old.size - 1, new.size - 1);
    climb.skip_right_turns();
    let (mut old_root, mut new_root) = (first, first);
    for hash in hashes {
        match climb.step(proof.len())? {
            Side::Left => {
                old_root = TreeHash::of_node(hash, old_root);
                new_root = TreeHash::of_node(hash, new_root);
            }
            Side::Right => new_root = TreeHash::of_node(new_root, hash),
        }
    }
    climb.end(proof.len())?;
    if old_root != old.root {
        return Err(ProofError::OtherOldRoot);
    }
    if new_root != new.root {
        return Err(ProofError::OtherRoot);
    }
    Ok(())
}

fn verify_without_growth(
    old: TreeHead,
    new: TreeHead,
    proof: &[TreeHash],
) -> Result<(), ProofError> {
    if !proof.is_empty() {
        return Err(ProofError::Length { found: proof.len() });
    }
    if old.size == new.size && old.root != new.root {
        return Err(ProofError::OtherRoot);
    }
    Ok(())
}

/// On which side of the way up the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// The way from one leaf to the root, beside the way from the last leaf: `fn` and `sn` of the RFC.
struct Climb {
    position: u64,
    last: u64,
}

impl Climb {
    fn new(position: u64, last: u64) -> Self {
        Self { position, last }
    }

    fn step(&mut self, found: usize) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length { found });
        }
        let is_left = self.position & 1 == 1 || self.position == self.last;
        if is_left {
            while self.position & 1 == 0 && self.position != 0 {
                self.shift();
            }
        }
        self.shift();
        Ok(if is_left { Side::Left } else { Side::Right })
    }

    fn skip_right_turns(&mut self) {
        while self.position & 1 == 1 {
            self.shift();
        }
    }

    fn shift(&mut self) {
        self.position >>= 1;
        self.last >>= 1;
    }

    /// A proof ends at the root, neither below nor above it.
    fn end(self, found: usize) -> Result<(), ProofError> {
        if self.last == 0 {
            Ok(())
        } else {
            Err(ProofError::Length { found })
        }
    }
}
