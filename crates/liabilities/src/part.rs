//! What a node keeps of a statement, so that it can prove and can count on from there: buckets with their leaves, tiers of
//! nodes above them, and one head. All of it follows from the journal and is sealed where it is stored.
//!
//! ```text
//! head   = 0x01 | entry (8) | time (8) | name (32) | n (2) | n times: currency (2), depth of the buckets (1)
//!          | m (4) | m times: currency (2), kind (1), number (8), what is owed, below zero (8)
//! bucket = 0x01 | times: position (4), kind (1), number (8), value (8)
//! tier   = 0x01 | times: which child (1), value (8), blinding (32), hash (32)
//! ```

use accounting::claim::Holder;
use curve25519_dalek::scalar::Scalar;
use ids::command::Sequence;
use ids::time::Timestamp;
use money::currency::Currency;

use crate::bytes::{self, Reader, holder_kind, holder_number};
use crate::node::{Level, Node};
use crate::owed::Owed;
use crate::tree::{Leaf, TIER_LEVELS, bucket_depth};

const FORMAT: u8 = 0x01;

/// Where a part of a tree belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of ISO 4217.
    pub currency: u16,
    /// How deep below the root the part's own top is.
    pub depth: u8,
    /// The way from the root to there.
    pub prefix: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub place: Place,
    pub bytes: Vec<u8>,
}

/// What a statement counts and how its trees are cut. It is kept last: where it is, the rest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub counted: Sequence,
    pub at: Timestamp,
    /// [`Owed::name`], from which the secret follows.
    pub name: [u8; 32],
    /// Each with the depth of its buckets.
    pub trees: Vec<(Currency, u8)>,
    /// Merchants that owe the issuer: they are in no tree, and later entries change what they owe.
    pub debtors: Vec<(Currency, Holder, i64)>,
}

impl Place {
    /// No currency has this number.
    pub const HEAD: Place = Place {
        currency: 0,
        depth: 0,
        prefix: 0,
    };

    pub fn new(currency: Currency, depth: u8, prefix: u32) -> Place {
        Place {
            currency: currency.numeric(),
            depth,
            prefix,
        }
    }
}

impl Part {
    pub(crate) fn bucket(place: Place, leaves: &[Leaf]) -> Part {
        let mut bytes = vec![FORMAT];
        for leaf in leaves {
            bytes.extend(leaf.position.to_be_bytes());
            push_holder(&mut bytes, leaf.holder);
            bytes.extend(leaf.value.to_be_bytes());
        }
        Part { place, bytes }
    }

    pub(crate) fn tier(place: Place, nodes: &[(u32, Node)]) -> Part {
        let mut bytes = vec![FORMAT];
        for (prefix, node) in nodes {
            bytes.push(child_of(*prefix));
            bytes.extend(node.value.to_be_bytes());
            bytes.extend(node.blinding.as_bytes());
            bytes.extend(node.hash);
        }
        Part { place, bytes }
    }
}

impl Head {
    pub fn of(owed: &Owed) -> Head {
        let trees = owed.currencies().into_iter();
        Head {
            counted: owed.counted,
            at: owed.at,
            name: owed.name(),
            trees: trees
                .map(|currency| (currency, bucket_depth(owed.holders(currency).count())))
                .collect(),
            debtors: owed.debtors().collect(),
        }
    }

    pub fn encode(&self) -> Part {
        let mut bytes = vec![FORMAT];
        bytes.extend(self.counted.0.to_be_bytes());
        bytes.extend(self.at.0.to_be_bytes());
        bytes.extend(self.name);
        let trees = u16::try_from(self.trees.len()).expect("there are fewer currencies");
        bytes.extend(trees.to_be_bytes());
        for (currency, depth) in &self.trees {
            bytes.extend(bytes::currency(*currency));
            bytes.push(*depth);
        }
        let debtors = u32::try_from(self.debtors.len()).expect("merchants have seven digits");
        bytes.extend(debtors.to_be_bytes());
        for (currency, holder, minor) in &self.debtors {
            bytes.extend(bytes::currency(*currency));
            push_holder(&mut bytes, *holder);
            bytes.extend(minor.to_be_bytes());
        }
        Part {
            place: Place::HEAD,
            bytes,
        }
    }

    /// None where this version did not write the bytes.
    pub fn decode(bytes: &[u8]) -> Option<Head> {
        let mut reader = opened(bytes)?;
        let counted = Sequence(reader.long()?);
        let at = Timestamp(reader.signed()?);
        let name = reader.array()?;
        let trees = reader.array().map(u16::from_be_bytes)?;
        let trees = (0..trees).map(|_| Some((reader.currency()?, reader.byte()?)));
        let trees = trees.collect::<Option<Vec<_>>>()?;
        let debtors = reader.word()?;
        let debtors =
            (0..debtors).map(|_| Some((reader.currency()?, reader.holder()?, reader.signed()?)));
        let debtors = debtors.collect::<Option<Vec<_>>>()?;
        reader.is_at_end().then_some(Head {
            counted,
            at,
            name,
            trees,
            debtors,
        })
    }
}

pub fn decode_bucket(bytes: &[u8]) -> Option<Vec<Leaf>> {
    let mut reader = opened(bytes)?;
    let mut leaves = Vec::new();
    while !reader.is_at_end() {
        leaves.push(Leaf {
            position: reader.word()?,
            holder: reader.holder()?,
            value: reader.long()?,
        });
    }
    Some(leaves)
}

/// The nodes of the tier at this place. It takes some tens of microseconds for each, because all commitments are made again.
pub fn decode_tier(place: Place, bytes: &[u8]) -> Option<Level> {
    let mut reader = opened(bytes)?;
    let mut nodes = Level::new();
    while !reader.is_at_end() {
        let prefix = place.prefix << TIER_LEVELS | u32::from(reader.byte()?);
        let value = reader.long()?;
        let blinding = Option::from(Scalar::from_canonical_bytes(reader.array()?))?;
        nodes.push((prefix, Node::new(value, blinding, reader.array()?)));
    }
    Some(nodes)
}

/// The ways to the nodes of the tier at this place, and nothing else of them.
pub fn tier_prefixes(place: Place, bytes: &[u8]) -> Option<Vec<u32>> {
    let mut reader = opened(bytes)?;
    let mut prefixes = Vec::new();
    while !reader.is_at_end() {
        prefixes.push(place.prefix << TIER_LEVELS | u32::from(reader.byte()?));
        reader.array::<{ 8 + 32 + 32 }>()?;
    }
    Some(prefixes)
}

fn opened(bytes: &[u8]) -> Option<Reader<'_>> {
    let mut reader = Reader(bytes);
    (reader.byte()? == FORMAT).then_some(reader)
}

fn push_holder(bytes: &mut Vec<u8>, holder: Holder) {
    bytes.push(holder_kind(holder));
    bytes.extend(holder_number(holder).to_be_bytes());
}

fn child_of(prefix: u32) -> u8 {
    let [.., child] = prefix.to_be_bytes();
    child
}
