//! What stands in a leaf: commitments, each to one group of an entry's fields, and nothing in the clear that tells who
//! paid whom.
//!
//! ```text
//! 0x01 | kind (1) | index (8) | n (1) | n commitments (32 each) [ | m (1) | m leaf hashes (32 each) ]
//! ```
//!
//! All numbers are big-endian. A group's bytes can be guessed when they are few, such as an amount; the salt, which is
//! secret until the group is opened, keeps them from being found by trying.

use std::fmt;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::bundle::LogEntry;
use crate::hash::TreeHash;
use crate::reading::Reader;

const FORMAT: u8 = 0x01;
const COMMITMENT_CONTEXT: &[u8] = b"scrip/commit/v1\0";
pub const SALT_BYTES: usize = 32;
const SHORT_ENOUGH: &str = "twice 255 hashes are far below 65535 bytes";

/// A coarse class of leaves, which everybody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafKind(pub u8);

impl LeafKind {
    /// An entry of the journal, of whatever kind.
    pub const ENTRY: Self = Self(1);
}

/// Fields of an entry that are opened together. Who may see which, the engine says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldGroup {
    /// What happened, with currency, amounts, postings and time.
    Core,
    Payer,
    Merchant,
    /// Which vouchers were issued, sold or changed, and how.
    Voucher,
    Reference,
}

impl FieldGroup {
    pub const ALL: [Self; 5] = [
        Self::Core,
        Self::Payer,
        Self::Merchant,
        Self::Voucher,
        Self::Reference,
    ];

    /// Its place among the commitments of a leaf.
    pub fn position(self) -> u8 {
        match self {
            Self::Core => 0,
            Self::Payer => 1,
            Self::Merchant => 2,
            Self::Voucher => 3,
            Self::Reference => 4,
        }
    }

    fn at(position: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|group| group.position() == position)
    }
}

/// Random bytes, never used twice. Whoever has them can look for the group's content by trying.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; SALT_BYTES]);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment([u8; 32]);

/// A group's content and salt: what its commitment was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub group: FieldGroup,
    pub salt: Salt,
    /// At most 65535 bytes.
    pub content: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub kind: LeafKind,
    /// The leaf's index, so that a leaf that was moved or left out is seen.
    pub index: u64,
    commitments: Vec<Commitment>,
    /// Leaves before this one, in the clear. A log of payments writes none: they would publish who pays whom.
    links: Vec<TreeHash>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LeafError {
    #[error("the leaf has format {found} and not {FORMAT}")]
    Format { found: u8 },
    #[error("the leaf ends before it is complete")]
    CutOff,
    #[error("the leaf goes on behind its end")]
    TooLong,
    #[error("the leaf says that it has links, and has none")]
    NoLinks,
    #[error("a leaf has at most 255 commitments and 255 links")]
    TooMany,
    #[error("the leaf has no commitment to the group {group:?}")]
    NoSuchGroup { group: FieldGroup },
    #[error("the group {group:?} is not what the leaf commits to: content or salt was changed")]
    OtherContent { group: FieldGroup },
}

impl Salt {
    pub const fn new(bytes: [u8; SALT_BYTES]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; SALT_BYTES] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt(..)")
    }
}

impl Commitment {
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The commitment to a group's content.
    pub fn to(group: FieldGroup, salt: Salt, content: &[u8]) -> Self {
        const CONTEXT: usize = COMMITMENT_CONTEXT.len();
        let mut prefix = [0; CONTEXT + 1 + SALT_BYTES];
        prefix[..CONTEXT].copy_from_slice(COMMITMENT_CONTEXT);
        prefix[CONTEXT] = group.position();
        prefix[CONTEXT + 1..].copy_from_slice(&salt.0);
        let digest = Sha256::new_with_prefix(prefix).chain_update(content);
        Self(digest.finalize().into())
    }
}

/// Leaves as they are hashed into the tree, all in one piece of memory.
pub fn encode_all(leaves: impl Iterator<Item = Leaf>) -> Vec<LogEntry> {
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for leaf in leaves {
        bytes.reserve(leaf.length());
        leaf.write(&mut bytes);
        ends.push(bytes.len());
    }
    let mut rest = Bytes::from(bytes);
    let mut begin = 0;
    let leaves = ends.into_iter().map(|end| {
        let leaf = rest.split_to(end - begin);
        begin = end;
        LogEntry::new(leaf).expect(SHORT_ENOUGH)
    });
    leaves.collect()
}

impl Opening {
    pub fn commitment(&self) -> Commitment {
        Commitment::to(self.group, self.salt, &self.content)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            group: FieldGroup::at(reader.byte()?)?,
            salt: Salt(reader.array()?),
            content: reader.short_bytes()?.to_vec(),
        })
    }
}

impl Leaf {
    /// A leaf without links.
    pub fn new(
        kind: LeafKind,
        index: u64,
        commitments: Vec<Commitment>,
    ) -> Result<Self, LeafError> {
        Self::with_links(kind, index, commitments, Vec::new())
    }

    pub fn with_links(
        kind: LeafKind,
        index: u64,
        commitments: Vec<Commitment>,
        links: Vec<TreeHash>,
    ) -> Result<Self, LeafError> {
        let most = usize::from(u8::MAX);
        if most < commitments.len() || most < links.len() {
            return Err(LeafError::TooMany);
        }
        Ok(Self {
            kind,
            index,
            commitments,
            links,
        })
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        let mut reader = Reader::new(bytes);
        let format = reader.byte().ok_or(LeafError::CutOff)?;
        if format != FORMAT {
            return Err(LeafError::Format { found: format });
        }
        let leaf = Self::read(&mut reader).ok_or(LeafError::CutOff)?;
        let leaf = match reader.byte() {
            Some(0) => return Err(LeafError::NoLinks),
            Some(count) => leaf
                .read_links(&mut reader, count)
                .ok_or(LeafError::CutOff)?,
            None => leaf,
        };
        if reader.is_at_end() {
            Ok(leaf)
        } else {
            Err(LeafError::TooLong)
        }
    }

    /// The bytes that are hashed into the tree and stand in the bundle.
    pub fn encode(&self) -> LogEntry {
        let mut bytes = Vec::with_capacity(self.length());
        self.write(&mut bytes);
        LogEntry::new(bytes).expect(SHORT_ENOUGH)
    }

    fn length(&self) -> usize {
        let links = match self.links.len() {
            0 => 0,
            links => 1 + 32 * links,
        };
        11 + 32 * self.commitments.len() + links
    }

    // Whole slices at a time: a leaf is made of every entry, and bytes one by one would cost more than its digests.
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&[FORMAT, self.kind.0]);
        bytes.extend_from_slice(&self.index.to_be_bytes());
        bytes.push(count(self.commitments.len()));
        for commitment in &self.commitments {
            bytes.extend_from_slice(&commitment.0);
        }
        if !self.links.is_empty() {
            bytes.push(count(self.links.len()));
            for link in &self.links {
                bytes.extend_from_slice(link.as_bytes());
            }
        }
    }

    pub fn hash(&self) -> TreeHash {
        self.encode().hash()
    }

    pub fn commitments(&self) -> &[Commitment] {
        &self.commitments
    }

    pub fn links(&self) -> &[TreeHash] {
        &self.links
    }

    /// Whether the opening shows what this leaf commits to.
    pub fn check(&self, opening: &Opening) -> Result<(), LeafError> {
        let group = opening.group;
        let commitment = self
            .commitments
            .get(usize::from(group.position()))
            .ok_or(LeafError::NoSuchGroup { group })?;
        if *commitment == opening.commitment() {
            Ok(())
        } else {
            Err(LeafError::OtherContent { group })
        }
    }

    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let kind = LeafKind(reader.byte()?);
        let index = u64::from_be_bytes(reader.array()?);
        let count = reader.byte()?;
        let commitments = (0..count).map(|_| reader.array().map(Commitment));
        Some(Self {
            kind,
            index,
            commitments: commitments.collect::<Option<_>>()?,
            links: Vec::new(),
        })
    }

    fn read_links(self, reader: &mut Reader<'_>, count: u8) -> Option<Self> {
        let links = (0..count).map(|_| reader.array().map(TreeHash::new));
        Some(Self {
            links: links.collect::<Option<_>>()?,
            ..self
        })
    }
}

fn count(length: usize) -> u8 {
    u8::try_from(length).expect("checked when the leaf was made")
}
