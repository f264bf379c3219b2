//! Nodes of a sum tree as the issuer knows them: a value, what blinds it, and a hash.

use std::sync::LazyLock;

use accounting::claim::Holder;
use bulletproofs::PedersenGens;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoBasepointTable, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use money::currency::Currency;
use sha2::{Digest, Sha256};

use crate::bytes::{self, holder_kind, holder_number};
use crate::secret::Secret;

/// How deep the leaves are, whatever their number.
pub const HEIGHT: u8 = 32;

const LEAF: &[u8] = b"scrip/liabilities/leaf/v1\0";
const NODE: &[u8] = b"scrip/liabilities/node/v1\0";

/// Multiples of the two bases of a commitment.
struct Bases {
    value: RistrettoBasepointTable,
    blinding: RistrettoBasepointTable,
    half: Scalar,
}

static BASES: LazyLock<Bases> = LazyLock::new(|| {
    let bases = PedersenGens::default();
    Bases {
        value: RistrettoBasepointTable::create(&bases.B),
        blinding: RistrettoBasepointTable::create(&bases.B_blinding),
        half: Scalar::from(2_u8).invert(),
    }
});

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    pub value: u64,
    pub blinding: Scalar,
    pub hash: [u8; 32],
    /// Half of the commitment: many doubled points are compressed together for the price of a few.
    half: RistrettoPoint,
}

/// What a holder is shown of a node, and what the issuer needs to prove that its value is none below zero.
#[derive(Clone, Copy, Debug)]
pub struct Sibling {
    pub commitment: CompressedRistretto,
    pub hash: [u8; 32],
    pub value: u64,
    pub blinding: Scalar,
}

/// Nodes of one depth by the ways to them, in order.
pub type Level = Vec<(u32, Node)>;

impl Node {
    pub(crate) fn new(value: u64, blinding: Scalar, hash: [u8; 32]) -> Node {
        let mut half = &(blinding * BASES.half) * &BASES.blinding;
        if value != 0 {
            half += &(Scalar::from(value) * BASES.half) * &BASES.value;
        }
        Node {
            value,
            blinding,
            hash,
            half,
        }
    }

    pub(crate) fn leaf(secret: &Secret, holder: Holder, value: u64) -> Node {
        let hidden = secret.leaf(holder);
        let hash = leaf_hash(&hidden.salt, secret.currency(), holder);
        Node::new(value, hidden.blinding, hash)
    }

    pub(crate) fn commitment(&self) -> CompressedRistretto {
        (self.half + self.half).compress()
    }

    fn padding(secret: &Secret, depth: u8, prefix: u32) -> Node {
        let padding = secret.padding(depth, prefix);
        Node::new(0, padding.blinding, padding.hash)
    }
}

/// The node above all nodes of a level: a way up over all its depths, with what stands beside the way from `wanted` if
/// the level has it.
pub(crate) fn climb(
    secret: &Secret,
    mut level: Level,
    depths: std::ops::Range<u8>,
    mut wanted: Option<u32>,
) -> (Level, Vec<Sibling>) {
    let mut beside = Vec::new();
    for depth in depths.rev() {
        let (above, sibling) = up(secret, level, depth + 1, wanted);
        beside.extend(sibling);
        level = above;
        wanted = wanted.map(|prefix| prefix >> 1);
    }
    (level, beside)
}

/// The level above this one, which stands at `depth`.
fn up(secret: &Secret, level: Level, depth: u8, wanted: Option<u32>) -> (Level, Option<Sibling>) {
    let mut pairs: Vec<(u32, Node)> = Vec::with_capacity(level.len() * 2);
    let mut level = level.into_iter().peekable();
    while let Some((prefix, node)) = level.next() {
        if prefix & 1 == 1 {
            pairs.push((prefix & !1, Node::padding(secret, depth, prefix & !1)));
            pairs.push((prefix, node));
            continue;
        }
        pairs.push((prefix, node));
        let right = level.next_if(|(other, _)| *other == prefix | 1);
        let right = right.map(|(_, right)| right);
        let right = right.unwrap_or_else(|| Node::padding(secret, depth, prefix | 1));
        pairs.push((prefix | 1, right));
    }
    let halves = pairs.iter().map(|(_, node)| &node.half);
    let commitments = RistrettoPoint::double_and_compress_batch(halves);
    let sibling = wanted.and_then(|prefix| {
        let place = pairs.iter().position(|(other, _)| *other == prefix ^ 1)?;
        let node = &pairs[place].1;
        Some(Sibling {
            commitment: commitments[place],
            hash: node.hash,
            value: node.value,
            blinding: node.blinding,
        })
    });
    let above = pairs
        .as_chunks::<2>()
        .0
        .iter()
        .zip(commitments.as_chunks::<2>().0)
        .map(|([left, right], [of_left, of_right])| {
            let node = Node {
                value: left.1.value + right.1.value,
                blinding: left.1.blinding + right.1.blinding,
                half: left.1.half + right.1.half,
                hash: node_hash((of_left, &left.1.hash), (of_right, &right.1.hash)),
            };
            (left.0 >> 1, node)
        })
        .collect();
    (above, sibling)
}

fn leaf_hash(salt: &[u8; 32], currency: Currency, holder: Holder) -> [u8; 32] {
    Sha256::new_with_prefix(LEAF)
        .chain_update(salt)
        .chain_update(bytes::currency(currency))
        .chain_update([holder_kind(holder)])
        .chain_update(holder_number(holder).to_be_bytes())
        .finalize()
        .into()
}

type Shown<'a> = (&'a CompressedRistretto, &'a [u8; 32]);

fn node_hash(left: Shown<'_>, right: Shown<'_>) -> [u8; 32] {
    Sha256::new_with_prefix(NODE)
        .chain_update(left.0.as_bytes())
        .chain_update(left.1)
        .chain_update(right.0.as_bytes())
        .chain_update(right.1)
        .finalize()
        .into()
}
