//! What is signed: leaves that follow one another, by the root of a small tree of their own.

use std::fmt;

use crate::hash::TreeHash;
use crate::key::PublicKey;

const HEADER: &str = "scrip/promised-run/v1";

/// Leaves that were promised by one signature, which is over this as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub log: PublicKey,
    /// The index of the first of them in the log.
    pub first: u64,
    /// At least 1.
    pub count: u32,
    /// Of the tree of these leaves alone.
    pub root: TreeHash,
    /// By when the log has to have them, seconds since 1970.
    pub deadline: u64,
}

/// The tree of a run: its leaves, and above them each level to the root. What has no sibling moves up as it is, which makes
/// the tree of RFC 6962, section 2.1.
#[derive(Clone, Debug)]
pub(super) struct SmallTree(Vec<Vec<TreeHash>>);

impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            log,
            first,
            count,
            root,
            deadline,
        } = self;
        writeln!(
            formatter,
            "{HEADER}\n{log}\n{first}\n{count}\n{root}\n{deadline}"
        )
    }
}

impl SmallTree {
    pub fn of(leaves: Vec<TreeHash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(level) = levels.last().filter(|level| 1 < level.len()) {
            let above = level.chunks(2).map(|pair| match pair {
                [left, right] => TreeHash::of_node(*left, *right),
                alone => alone[0],
            });
            let above = above.collect();
            levels.push(above);
        }
        Self(levels)
    }

    pub fn root(&self) -> TreeHash {
        let top = self.0.last().and_then(|level| level.first());
        *top.expect("a run has leaves")
    }

    pub fn leaf(&self, place: usize) -> Option<TreeHash> {
        self.0.first()?.get(place).copied()
    }

    /// The inclusion proof of a leaf, leaf side first.
    pub fn path(&self, place: usize) -> Vec<TreeHash> {
        let levels = (0..).zip(&self.0);
        let siblings = levels.map(|(up, level): (u32, _)| level.get((place >> up) ^ 1));
        siblings.flatten().copied().collect()
    }
}
