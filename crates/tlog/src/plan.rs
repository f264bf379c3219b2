//! Which hashes a proof is made of, and which tiles they come from.
//!
//! A plan is made first, the tiles that it names are fetched by whoever can, and the proof is built from them.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::hash::{TreeHash, perfect_root};
use crate::tile::{TILE_BITS, TileError, TileKind, TilePath};

/// A proof that is still to be built, for a tree of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofPlan {
    size: u64,
    /// The leaves under each hash of the proof, in the proof's order.
    subtrees: Vec<LeafRange>,
}

/// Tiles of hashes that were fetched.
#[derive(Clone, Debug, Default)]
pub struct Tiles {
    hashes: BTreeMap<TilePath, Vec<TreeHash>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanError {
    #[error("a tree of {size} leaves has no leaf {index}; the first is leaf 0")]
    NoSuchLeaf { index: u64, size: u64 },
    #[error("a tree of {new} leaves cannot have grown from one of {old}")]
    Shrunk { old: u64, new: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path} is needed for the proof and was not fetched")]
pub struct MissingTile {
    pub path: TilePath,
}

/// The leaves from `start` to before `end`, of a subtree as RFC 6962 splits trees: its start is a multiple of the
/// largest power of two that it is long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LeafRange {
    start: u64,
    end: u64,
}

/// The root of the perfect subtree over the leaves from `index * 2^height` on.
#[derive(Clone, Copy)]
struct PerfectSubtree {
    height: u32,
    index: u64,
}

impl ProofPlan {
    /// RFC 6962, section 2.1.1: the hash beside each step of the way from the leaf to the root.
    pub fn inclusion(index: u64, size: u64) -> Result<Self, PlanError> {
        if size <= index {
            return Err(PlanError::NoSuchLeaf { index, size });
        }
        let mut subtrees = Vec::new();
        let mut tree = LeafRange::of_tree(size);
        while 1 < tree.len() {
            let (left, right) = tree.split();
            let (inside, beside) = if index < right.start {
                (left, right)
            } else {
                (right, left)
            };
            subtrees.push(beside);
            tree = inside;
        }
        subtrees.reverse();
        Ok(Self { size, subtrees })
    }

    /// RFC 6962, section 2.1.2. Nothing has to be shown for a tree that did not grow, or grew from nothing.
    pub fn consistency(old: u64, new: u64) -> Result<Self, PlanError> {
        if new < old {
            return Err(PlanError::Shrunk { old, new });
        }
        let mut subtrees = Vec::new();
        let mut tree = LeafRange::of_tree(new);
        if 0 < old {
            while tree.end != old {
                let (left, right) = tree.split();
                let (inside, beside) = if old <= right.start {
                    (left, right)
                } else {
                    (right, left)
                };
                subtrees.push(beside);
                tree = inside;
            }
            // The verifier knows the old tree's root, and needs no hash of it when it is a subtree as a whole.
            if 0 < tree.start {
                subtrees.push(tree);
            }
        }
        subtrees.reverse();
        Ok(Self {
            size: new,
            subtrees,
        })
    }

    /// What has to be fetched.
    pub fn tiles(&self) -> BTreeSet<TilePath> {
        let subtrees = self.subtrees.iter().copied();
        subtrees
            .flat_map(LeafRange::perfect_subtrees)
            .map(|subtree| subtree.tile(self.size))
            .collect()
    }

    pub fn build(&self, tiles: &Tiles) -> Result<Vec<TreeHash>, MissingTile> {
        self.subtrees
            .iter()
            .map(|range| tiles.root(*range, self.size))
            .collect()
    }
}

impl Tiles {
    pub fn insert(&mut self, path: TilePath, bytes: &[u8]) -> Result<(), TileError> {
        let hashes = path.parse_hashes(bytes)?;
        self.hashes.insert(path, hashes);
        Ok(())
    }

    fn root(&self, range: LeafRange, size: u64) -> Result<TreeHash, MissingTile> {
        let mut right = None;
        for subtree in range.perfect_subtrees().into_iter().rev() {
            let left = self.perfect_root(subtree, size)?;
            right = Some(match right {
                Some(right) => TreeHash::of_node(left, right),
                None => left,
            });
        }
        Ok(right.expect("a subtree has a leaf"))
    }

    fn perfect_root(&self, subtree: PerfectSubtree, size: u64) -> Result<TreeHash, MissingTile> {
        let path = subtree.tile(size);
        let hashes = self.hashes.get(&path).ok_or(MissingTile { path })?;
        let width = 1 << (subtree.height % TILE_BITS);
        let first = (subtree.index << (subtree.height % TILE_BITS)) - (path.index() << TILE_BITS);
        let first = usize::try_from(first).expect("below 256");
        Ok(perfect_root(&hashes[first..first + width]))
    }
}

impl LeafRange {
    fn of_tree(size: u64) -> Self {
        Self {
            start: 0,
            end: size,
        }
    }

    fn len(self) -> u64 {
        self.end - self.start
    }

    /// At the largest power of two below its length.
    fn split(self) -> (Self, Self) {
        let middle = self.start + (1 << (self.len() - 1).ilog2());
        let left = Self {
            start: self.start,
            end: middle,
        };
        let right = Self {
            start: middle,
            end: self.end,
        };
        (left, right)
    }

    /// From left to right, and so from the largest to the smallest.
    fn perfect_subtrees(self) -> Vec<PerfectSubtree> {
        let mut subtrees = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let height = (self.end - start).ilog2();
            subtrees.push(PerfectSubtree {
                height,
                index: start >> height,
            });
            start += 1 << height;
        }
        subtrees
    }
}

impl PerfectSubtree {
    /// The tile whose hashes lie at or next below its root.
    fn tile(self, size: u64) -> TilePath {
        let level = u8::try_from(self.height / TILE_BITS).expect("a height is below 64");
        let index = (self.index << (self.height % TILE_BITS)) >> TILE_BITS;
        TilePath::in_tree(TileKind::Hashes { level }, index, size)
            .expect("the subtree lies in the tree, and so do its hashes")
    }
}
