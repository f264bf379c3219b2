//! A holder's proof: one leaf, opened, and what stands beside its way to the root.

use alloc::vec::Vec;

use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use merlin::Transcript;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

use crate::failure::{Failure, LiabilitiesFailure};
use crate::liabilities::{Statement, Sum, commit, point};
use crate::reading::{take, take_hash, take_number};

const FORMAT: u64 = 1;
/// How deep the leaves of every tree are.
const HEIGHT: usize = 32;
const RANGE_PROOF_BYTES: usize = 992;
const VALUE_BITS: usize = 64;
const LEAF: &[u8] = b"scrip/liabilities/leaf/v1\0";
const NODE: &[u8] = b"scrip/liabilities/node/v1\0";
const TRANSCRIPT: &[u8] = b"scrip/liabilities/siblings/v1";
const CHALLENGE: &[u8] = b"scrip/liabilities/check/v1\0";

/// A proof that was read and not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderProof {
    /// The statement that it is for, by the last entry that is counted there.
    pub counted: u64,
    /// The number of ISO 4217.
    pub currency: u16,
    pub holder: Holder,
    /// What the holder is owed, minor units.
    pub value: u64,
    blinding: [u8; 32],
    salt: [u8; 32],
    position: u32,
    /// Commitments and hashes, from the leaf up.
    siblings: Vec<([u8; 32], [u8; 32])>,
    range: Vec<u8>,
}

/// Whom the issuer owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A voucher by its serial.
    Voucher(u64),
    /// A merchant by its number.
    Merchant(u64),
}

/// The bases of range proofs. Making them takes as long as checking a proof, so whoever checks several keeps them.
pub struct Bases(BulletproofGens);

impl Default for Bases {
    fn default() -> Self {
        Self(BulletproofGens::new(VALUE_BITS, HEIGHT))
    }
}

impl Holder {
    fn kind(self) -> u8 {
        match self {
            Self::Voucher(_) => 0,
            Self::Merchant(_) => 1,
        }
    }

    pub fn number(self) -> u64 {
        match self {
            Self::Voucher(number) | Self::Merchant(number) => number,
        }
    }
}

impl HolderProof {
    pub fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        let mut rest = bytes;
        if take_number::<1>(&mut rest) != Some(FORMAT) {
            return Err(form("is not of format 1"));
        }
        let proof = Self::take(&mut rest).ok_or_else(|| form("is cut off or names no holder"))?;
        if rest.is_empty() {
            Ok(proof)
        } else {
            Err(form("goes on behind its end"))
        }
    }

    /// Checks that the holder's value is part of the statement's total. The statement's own sums are to be checked as well
    /// ([`Statement::check_sums`]).
    pub fn check<'a>(
        &self,
        statement: &'a Statement,
        bases: &Bases,
    ) -> Result<&'a Sum, LiabilitiesFailure> {
        if self.counted != statement.counted {
            return Err(LiabilitiesFailure::ForAnother {
                expected: statement.counted,
                found: self.counted,
            });
        }
        let currency = self.currency;
        let sum = statement
            .sum(currency)
            .ok_or(LiabilitiesFailure::NoSuchCurrency { currency })?;
        if sum.total < self.value {
            return Err(LiabilitiesFailure::MoreThanTheTotal {
                value: self.value,
                total: sum.total,
            });
        }
        self.check_way(sum)?;
        self.check_range(sum, bases)?;
        Ok(sum)
    }

    /// The leaf and what stands beside its way make the root.
    fn check_way(&self, sum: &Sum) -> Result<(), LiabilitiesFailure> {
        let mut node = commit(self.value, self.blinding).ok_or(LiabilitiesFailure::NoPoint)?;
        let mut hash = self.leaf_hash();
        let mut position = self.position;
        for (commitment, beside) in &self.siblings {
            let sibling = point(*commitment).ok_or(LiabilitiesFailure::NoPoint)?;
            let own = (node.compress().to_bytes(), hash);
            let other = (*commitment, *beside);
            hash = match position & 1 {
                0 => node_hash(own, other),
                _ => node_hash(other, own),
            };
            node += sibling;
            position >>= 1;
        }
        let root: Option<RistrettoPoint> = point(sum.commitment);
        if root == Some(node) && sum.hash == hash {
            Ok(())
        } else {
            Err(LiabilitiesFailure::OtherRoot)
        }
    }

    /// No value beside the way is below zero: else it would hide a part of what others are owed.
    fn check_range(&self, sum: &Sum, bases: &Bases) -> Result<(), LiabilitiesFailure> {
        let mut transcript = Transcript::new(TRANSCRIPT);
        transcript.append_message(b"commitment", &sum.commitment);
        transcript.append_message(b"hash", &sum.hash);
        let siblings = self.siblings.iter();
        let commitments: Vec<CompressedRistretto> = siblings
            .map(|(commitment, _)| CompressedRistretto(*commitment))
            .collect();
        let proof =
            RangeProof::from_bytes(&self.range).map_err(|_| LiabilitiesFailure::BelowZero)?;
        let verified = proof.verify_multiple_with_rng(
            &bases.0,
            &PedersenGens::default(),
            &mut transcript,
            &commitments,
            VALUE_BITS,
            &mut self.challenge(),
        );
        verified.map_err(|_| LiabilitiesFailure::BelowZero)
    }

    /// Joins the two equations of a range proof in a way that nobody can choose: it follows from all that is checked.
    fn challenge(&self) -> ChaCha20Rng {
        let mut digest = Sha256::new_with_prefix(CHALLENGE);
        for (commitment, _) in &self.siblings {
            digest.update(commitment);
        }
        digest.update(&self.range);
        ChaCha20Rng::from_seed(digest.finalize().into())
    }

    fn leaf_hash(&self) -> [u8; 32] {
        Sha256::new_with_prefix(LEAF)
            .chain_update(self.salt)
            .chain_update(self.currency.to_be_bytes())
            .chain_update([self.holder.kind()])
            .chain_update(self.holder.number().to_be_bytes())
            .finalize()
            .into()
    }

    fn take(rest: &mut &[u8]) -> Option<Self> {
        let counted = take_number::<8>(rest)?;
        let currency = u16::try_from(take_number::<2>(rest)?).ok()?;
        let kind = take_number::<1>(rest)?;
        let number = take_number::<8>(rest)?;
        let holder = match kind {
            0 => Holder::Voucher(number),
            1 => Holder::Merchant(number),
            _ => return None,
        };
        let value = take_number::<8>(rest)?;
        let blinding = take_hash(rest)?.0;
        let salt = take_hash(rest)?.0;
        let position = u32::try_from(take_number::<4>(rest)?).ok()?;
        let siblings = (0..HEIGHT).map(|_| Some((take_hash(rest)?.0, take_hash(rest)?.0)));
        Some(Self {
            counted,
            currency,
            holder,
            value,
            blinding,
            salt,
            position,
            siblings: siblings.collect::<Option<_>>()?,
            range: take(rest, RANGE_PROOF_BYTES)?.to_vec(),
        })
    }
}

fn node_hash(left: ([u8; 32], [u8; 32]), right: ([u8; 32], [u8; 32])) -> [u8; 32] {
    Sha256::new_with_prefix(NODE)
        .chain_update(left.0)
        .chain_update(left.1)
        .chain_update(right.0)
        .chain_update(right.1)
        .finalize()
        .into()
}

fn form(reason: &'static str) -> Failure {
    Failure::Form {
        what: "the holder's proof",
        reason,
    }
}
