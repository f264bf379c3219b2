//! Receipts: one party's view of one entry, and the proof that it is in the log.
//!
//! A receipt is a proof file. Its `extra` holds the leaf and the groups that are opened to the party, so that one file
//! is enough, and any reader of proof files can check the rest:
//!
//! ```text
//! 0x01 | leaf (2 + length) | n (1) | n times: group (1) | salt (32) | content (2 + length)
//! ```
//!
//! Groups stand in order, each once. `extra` is not authenticated by the format, and need not be: the leaf in it is
//! believed because its hash is in the tree, and a group because the leaf commits to it.

use thiserror::Error;

use crate::checkpoint::SignedCheckpoint;
use crate::hash::TreeHash;
use crate::leaf::{Leaf, LeafError, Opening};
use crate::proof_file::ProofFile;
use crate::reading::Reader;

const FORMAT: u8 = 0x01;

/// What a party may see of an entry. It exists as soon as the entry, before the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    leaf: Leaf,
    openings: Vec<Opening>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReceiptError {
    #[error("the file holds a proof and no view of an entry: its line `extra` is missing")]
    NoView,
    #[error("the view has format {found} and not {FORMAT}")]
    Format { found: u8 },
    #[error(
        "the view of the entry is damaged: it ends early, goes on too long, or opens an unknown group"
    )]
    Damaged,
    #[error("the view opens its groups out of order, or one of them twice")]
    Order,
    #[error("a group has {found} bytes, and 65535 are the most")]
    TooLong { found: usize },
    #[error("the view of the entry is not true")]
    Leaf(#[from] LeafError),
    #[error("the view is of leaf {found}, and the proof of leaf {expected}")]
    OtherLeaf { expected: u64, found: u64 },
}

impl View {
    /// Every opening has to show what the leaf commits to.
    pub fn new(leaf: Leaf, openings: Vec<Opening>) -> Result<Self, ReceiptError> {
        if !openings.is_sorted_by(|one, next| one.group < next.group) {
            return Err(ReceiptError::Order);
        }
        for opening in &openings {
            if u16::try_from(opening.content.len()).is_err() {
                return Err(ReceiptError::TooLong {
                    found: opening.content.len(),
                });
            }
            leaf.check(opening)?;
        }
        Ok(Self { leaf, openings })
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        let mut reader = Reader::new(bytes);
        let format = reader.byte().ok_or(ReceiptError::Damaged)?;
        if format != FORMAT {
            return Err(ReceiptError::Format { found: format });
        }
        let leaf = reader.short_bytes().ok_or(ReceiptError::Damaged)?;
        let leaf = Leaf::parse(leaf)?;
        let count = reader.byte().ok_or(ReceiptError::Damaged)?;
        let openings = (0..count).map(|_| Opening::read(&mut reader));
        let openings = openings
            .collect::<Option<Vec<_>>>()
            .ok_or(ReceiptError::Damaged)?;
        if !reader.is_at_end() {
            return Err(ReceiptError::Damaged);
        }
        Self::new(leaf, openings)
    }

    pub fn encode(&self) -> Vec<u8> {
        let leaf = self.leaf.encode();
        let mut bytes = vec![FORMAT];
        push_short_bytes(&mut bytes, leaf.as_bytes());
        bytes.push(u8::try_from(self.openings.len()).expect("each of five groups once"));
        for opening in &self.openings {
            bytes.push(opening.group.position());
            bytes.extend(opening.salt.as_bytes());
            push_short_bytes(&mut bytes, &opening.content);
        }
        bytes
    }

    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    pub fn openings(&self) -> &[Opening] {
        &self.openings
    }

    /// The receipt, once the log has a checkpoint that covers the leaf.
    pub fn into_receipt(self, proof: Vec<TreeHash>, checkpoint: SignedCheckpoint) -> ProofFile {
        ProofFile {
            extra: Some(self.encode()),
            index: self.leaf.index,
            proof,
            checkpoint,
        }
    }

    /// The view in a receipt. Whether the leaf is in the log is another question.
    pub fn of_receipt(receipt: &ProofFile) -> Result<Self, ReceiptError> {
        let view = Self::parse(receipt.extra.as_deref().ok_or(ReceiptError::NoView)?)?;
        if view.leaf.index != receipt.index {
            return Err(ReceiptError::OtherLeaf {
                expected: receipt.index,
                found: view.leaf.index,
            });
        }
        Ok(view)
    }
}

fn push_short_bytes(bytes: &mut Vec<u8>, content: &[u8]) {
    let length = u16::try_from(content.len()).expect("checked when the view was made");
    bytes.extend(length.to_be_bytes());
    bytes.extend(content);
}
