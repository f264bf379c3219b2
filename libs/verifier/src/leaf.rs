//! Leaves of commitments, and the groups of fields that open them.

use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use crate::failure::{Failure, LeafFailure, OpeningFailure};
use crate::merkle::Hash;
use crate::reading::{take, take_hash, take_number, take_short};

const FORMAT: u64 = 1;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub kind: u8,
    /// The leaf's own word on its index.
    pub index: u64,
    pub commitments: Vec<Hash>,
    /// Leaves that it follows on, in the clear; a log of payments has none.
    pub links: Vec<Hash>,
}

/// One group of an entry's fields, shown with the salt that was committed to with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    pub group: u8,
    pub salt: [u8; 32],
    pub content: Vec<u8>,
}

impl Leaf {
    pub fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        let form = |reason| Failure::Leaf(LeafFailure::Form { reason });
        let mut rest = bytes;
        if take_number::<1>(&mut rest) != Some(FORMAT) {
            return Err(form("is not of format 1"));
        }
        let leaf = Self::take(&mut rest).ok_or_else(|| form("is cut off"))?;
        if !rest.is_empty() {
            return Err(form("goes on behind its end"));
        }
        Ok(leaf)
    }

    /// Checks that a group is what this leaf commits to.
    pub fn check(&self, opening: &Opening) -> Result<(), Failure> {
        let group = opening.group;
        let commitment = self
            .commitments
            .get(usize::from(group))
            .ok_or(Failure::Opening(OpeningFailure::NoCommitment { group }))?;
        if opening.commitment() == *commitment {
            Ok(())
        } else {
            Err(Failure::Opening(OpeningFailure::OtherContent { group }))
        }
    }

    fn take(rest: &mut &[u8]) -> Option<Self> {
        let [kind] = take(rest, 1)?.try_into().ok()?;
        let index = take_number::<8>(rest)?;
        let commitments = take_hashes(rest)?;
        let links = if rest.is_empty() {
            Vec::new()
        } else {
            // A list of none is spelled by leaving it out.
            take_hashes(rest).filter(|links| !links.is_empty())?
        };
        Some(Self {
            kind,
            index,
            commitments,
            links,
        })
    }
}

impl Opening {
    pub(crate) fn take(rest: &mut &[u8]) -> Option<Self> {
        let [group] = take(rest, 1)?.try_into().ok()?;
        let salt = take_hash(rest)?.0;
        let content = take_short(rest)?.to_vec();
        Some(Self {
            group,
            salt,
            content,
        })
    }

    fn commitment(&self) -> Hash {
        let digest = Sha256::new_with_prefix(b"scrip/commit/v1\0")
            .chain_update([self.group])
            .chain_update(self.salt)
            .chain_update(&self.content);
        Hash(digest.finalize().into())
    }
}

fn take_hashes(rest: &mut &[u8]) -> Option<Vec<Hash>> {
    let count = take_number::<1>(rest)?;
    (0..count).map(|_| take_hash(rest)).collect()
}
