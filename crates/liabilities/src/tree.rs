//! The sum tree of one currency: leaves at random places of a sparse tree of fixed height, sums above them, and padding
//! wherever a sibling is missing.
//!
//! It is made bottom up in pieces, so that neither making it nor proving needs all of it at once: *buckets* are subtrees
//! with some hundreds of leaves, and above them *tiers* of eight levels each.

use std::collections::HashMap;

use accounting::claim::Holder;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::scalar::Scalar;

use crate::node::{HEIGHT, Level, Node, Sibling, climb};
use crate::part::{Part, Place};
use crate::secret::Secret;

/// Levels of a tier.
pub const TIER_LEVELS: u8 = 8;
/// How many leaves a bucket has on average at most.
pub const BUCKET_LEAVES: usize = 1024;
/// Holders in one currency at most. Of more, some would find no place in a reasonable number of tries.
pub const HOLDERS_MAX: usize = 1 << 26;
/// How often a place is drawn for a holder at most; with [`HOLDERS_MAX`], sixty-four times the same bad luck of one in 64.
pub const TRIES_MAX: u32 = 64;

/// A holder with a place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub position: u32,
    pub holder: Holder,
    pub value: u64,
}

/// What everybody is shown of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    pub total: u64,
    pub commitment: CompressedRistretto,
    pub hash: [u8; 32],
    pub blinding: Scalar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotPlace {
    #[error("{0} holders in one currency are more than a tree takes")]
    TooMany(usize),
    #[error("no place is free for a holder after {TRIES_MAX} tries")]
    NoPlace,
}

/// Gives each holder a place, in the order of the places. Holders come in their own order, so that of two that draw the same
/// place it is always the same one that draws again.
pub fn place(
    secret: &Secret,
    holders: impl Iterator<Item = (Holder, u64)>,
) -> Result<Vec<Leaf>, CannotPlace> {
    let mut taken: HashMap<u32, (Holder, u64)> = HashMap::new();
    for (holder, value) in holders {
        let mut tries = (0..TRIES_MAX).map(|tries| secret.position(holder, tries));
        let free = tries.find(|position| !taken.contains_key(position));
        taken.insert(free.ok_or(CannotPlace::NoPlace)?, (holder, value));
        if HOLDERS_MAX < taken.len() {
            return Err(CannotPlace::TooMany(taken.len()));
        }
    }
    let leaves = taken.into_iter();
    let mut leaves: Vec<Leaf> = leaves
        .map(|(position, (holder, value))| Leaf {
            position,
            holder,
            value,
        })
        .collect();
    leaves.sort_unstable_by_key(|leaf| leaf.position);
    Ok(leaves)
}

/// How deep the roots of the buckets are, by the number of leaves.
pub fn bucket_depth(leaves: usize) -> u8 {
    let mut depth = 0;
    while BUCKET_LEAVES << depth < leaves && depth < HEIGHT - TIER_LEVELS {
        depth += TIER_LEVELS;
    }
    depth
}

/// The way to the node at this depth above a position.
pub fn prefix(position: u32, depth: u8) -> u32 {
    position.checked_shr(u32::from(HEIGHT - depth)).unwrap_or(0)
}

/// A tree that is being made over leaves that have their places. The sum of the values has at most 63 bits.
pub struct Making<'a> {
    secret: &'a Secret,
    rest: &'a [Leaf],
    buckets_at: u8,
    level: Level,
}

impl<'a> Making<'a> {
    pub fn new(secret: &'a Secret, leaves: &'a [Leaf]) -> Making<'a> {
        Making {
            secret,
            rest: leaves,
            buckets_at: bucket_depth(leaves.len()),
            level: Level::new(),
        }
    }

    /// The next bucket; none when all are made. It takes up to some tenths of a second.
    pub fn bucket(&mut self) -> Option<Part> {
        let depth = self.buckets_at;
        let own = prefix(self.rest.first()?.position, depth);
        let of = |leaf: &Leaf| prefix(leaf.position, depth) == own;
        let length = self.rest.iter().take_while(|leaf| of(leaf)).count();
        let (bucket, rest) = self.rest.split_at(length);
        self.rest = rest;
        let leaves = leaf_level(self.secret, bucket);
        let top = climb(self.secret, leaves, depth..HEIGHT, None).0;
        self.level.extend(top);
        let place = Place::new(self.secret.currency(), depth, own);
        Some(Part::bucket(place, bucket))
    }

    /// The tiers above all buckets, and the root; none if there is no leaf.
    ///
    /// # Panics
    ///
    /// If a bucket is missing.
    pub fn finish(self) -> Option<(Vec<Part>, Root)> {
        assert!(self.rest.is_empty(), "all buckets are made");
        let (secret, mut level) = (self.secret, self.level);
        let mut tiers = Vec::new();
        let mut depth = self.buckets_at;
        while 0 < depth {
            let above = depth - TIER_LEVELS;
            let mut tops = Level::new();
            for tier in level.chunk_by(|one, next| one.0 >> TIER_LEVELS == next.0 >> TIER_LEVELS) {
                let place = Place::new(secret.currency(), above, tier[0].0 >> TIER_LEVELS);
                tiers.push(Part::tier(place, tier));
                tops.extend(climb(secret, tier.to_vec(), above..depth, None).0);
            }
            (level, depth) = (tops, above);
        }
        let root = level.first().map(|(_, node)| node.root())?;
        Some((tiers, root))
    }

    /// The root alone, where nobody keeps the parts; none if there is no leaf.
    pub fn root(mut self) -> Option<Root> {
        while self.bucket().is_some() {}
        self.finish().map(|(_, root)| root)
    }
}

/// One way through the tree, from a leaf to the root.
pub struct Way {
    pub leaf: Leaf,
    pub blinding: Scalar,
    pub salt: [u8; 32],
    /// From the leaf up.
    pub siblings: Vec<Sibling>,
    pub root: Root,
}

/// The parts of a tree do not belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored parts of a tree do not belong together")]
pub struct Damaged;

/// The way of a leaf of this bucket; `tiers` are those above it, from the lowest up.
pub fn way(
    secret: &Secret,
    leaf: Leaf,
    bucket: &[Leaf],
    tiers: Vec<Level>,
) -> Result<Way, Damaged> {
    let mut depth = TIER_LEVELS * u8::try_from(tiers.len()).map_err(|_| Damaged)?;
    let position = Some(leaf.position);
    let nodes = leaf_level(secret, bucket);
    let (mut level, mut siblings) = climb(secret, nodes, depth..HEIGHT, position);
    for tier in tiers {
        let own = prefix(leaf.position, depth);
        let [(at, below)] = level[..] else {
            return Err(Damaged);
        };
        if at != own || !tier.contains(&(own, below)) {
            return Err(Damaged);
        }
        let above = depth.checked_sub(TIER_LEVELS).ok_or(Damaged)?;
        let (top, beside) = climb(secret, tier, above..depth, Some(own));
        siblings.extend(beside);
        (level, depth) = (top, above);
    }
    let [(0, top)] = level[..] else {
        return Err(Damaged);
    };
    if siblings.len() != usize::from(HEIGHT) || depth != 0 {
        return Err(Damaged);
    }
    let hidden = secret.leaf(leaf.holder);
    Ok(Way {
        leaf,
        blinding: hidden.blinding,
        salt: hidden.salt,
        siblings,
        root: top.root(),
    })
}

/// The root above the tier that stands at the top of a tree.
pub fn top_of(secret: &Secret, tier: Level) -> Option<Root> {
    let (top, _) = climb(secret, tier, 0..TIER_LEVELS, None);
    top.first().map(|(_, node)| node.root())
}

fn leaf_level(secret: &Secret, leaves: &[Leaf]) -> Level {
    let node = |leaf: &Leaf| (leaf.position, Node::leaf(secret, leaf.holder, leaf.value));
    leaves.iter().map(node).collect()
}

impl Node {
    pub(crate) fn root(&self) -> Root {
        Root {
            total: self.value,
            commitment: self.commitment(),
            hash: self.hash,
            blinding: self.blinding,
        }
    }
}
