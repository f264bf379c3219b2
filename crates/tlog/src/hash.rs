//! Hashes of the Merkle tree (RFC 6962, section 2.1).

use std::fmt;

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::text;

pub const HASH_BYTES: usize = 32;

/// What a leaf's and a node's hash begin with, so that no node can be passed off as a leaf.
const LEAF_PREFIX: [u8; 1] = [0];
const NODE_PREFIX: [u8; 1] = [1];

/// The hash of a leaf, of a node or of a whole tree. Its text is base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeHash([u8; HASH_BYTES]);

#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a hash is 32 bytes in base64, 44 characters with the padding")]
pub struct NotAHash;

impl TreeHash {
    pub const fn new(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }

    /// The root of a tree without leaves: the digest of no bytes.
    pub const OF_NOTHING: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    pub fn of_nothing() -> Self {
        Self::OF_NOTHING
    }

    pub fn of_leaf(entry: &[u8]) -> Self {
        let digest = Sha256::new_with_prefix(LEAF_PREFIX).chain_update(entry);
        Self(digest.finalize().into())
    }

    pub fn of_node(left: Self, right: Self) -> Self {
        let digest = Sha256::new_with_prefix(NODE_PREFIX)
            .chain_update(left.0)
            .chain_update(right.0);
        Self(digest.finalize().into())
    }

    pub fn parse(text: &str) -> Result<Self, NotAHash> {
        let bytes = text::parse_base64(text).ok_or(NotAHash)?;
        bytes.try_into().map(Self).map_err(|_| NotAHash)
    }

    pub fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&text::base64(&self.0))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// How large a tree is, and its root: everything that a checkpoint says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    pub size: u64,
    pub root: TreeHash,
}

impl TreeHead {
    pub fn of_nothing() -> Self {
        Self {
            size: 0,
            root: TreeHash::of_nothing(),
        }
    }
}

/// The root above `hashes`, whose number is a power of two.
pub(crate) fn perfect_root(hashes: &[TreeHash]) -> TreeHash {
    assert!(hashes.len().is_power_of_two());
    let mut row = hashes.to_vec();
    while 1 < row.len() {
        row = row
            .chunks_exact(2)
            .map(|pair| TreeHash::of_node(pair[0], pair[1]))
            .collect();
    }
    row[0]
}
