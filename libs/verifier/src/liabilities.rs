//! Proof of liabilities: what the issuer stated that it owes, and whether one holder is counted in it.
//!
//! A statement is believed when the log has it ([`Statement::published`]) and when its commitments open to its totals
//! ([`Statement::check_sums`]). A holder's proof shows that a total is the holder's own value and a rest that is none below zero.

use alloc::vec::Vec;

use bulletproofs::PedersenGens;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha256};

use crate::failure::{Failure, LiabilitiesFailure};
use crate::leaf::Opening;
use crate::reading::{take, take_hash, take_number};
use crate::receipt::Receipt;

pub mod proof;

const FORMAT: u64 = 1;
/// The group of an entry's fields that everybody may see, and what in it says that the entry keeps a statement.
const CORE: u8 = 0;
const FACT_TAG: u64 = 1;
const DOCUMENT_TAG: u64 = 23;
const CONTENT_TAG: u64 = 24;
const DOCUMENT_FACT: &[u8] = &[12];
const STATEMENT_DOCUMENT: &[u8] = &[6];

/// What the issuer says that it owes, as far as one entry of its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The last entry that is counted; entry *n* is leaf *n* - 1.
    pub counted: u64,
    /// When that entry was written, milliseconds since 1970.
    pub at: i64,
    /// The entry with the statement before this one; 0 before the first.
    pub before: u64,
    pub sums: Vec<Sum>,
}

/// What is owed in one currency, and the root of the tree that it is the sum of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The number of ISO 4217.
    pub currency: u16,
    /// Minor units.
    pub total: u64,
    pub commitment: [u8; 32],
    pub hash: [u8; 32],
    pub blinding: [u8; 32],
}

impl Statement {
    /// Reads a statement; whether it is true and published is another question.
    pub fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        let mut rest = bytes;
        if take_number::<1>(&mut rest) != Some(FORMAT) {
            return Err(form("is not of format 1"));
        }
        let statement = Self::take(&mut rest).ok_or_else(|| form("is cut off"))?;
        if !rest.is_empty() {
            return Err(form("goes on behind its end"));
        }
        let mut pairs = statement.sums.windows(2);
        if !pairs.all(|pair| pair[0].currency < pair[1].currency) {
            return Err(form("has its currencies out of order"));
        }
        Ok(statement)
    }

    /// Reads the statement that a verified receipt is for: the entry's leaf commits to these bytes as a statement.
    pub fn published(bytes: &[u8], receipt: &Receipt) -> Result<Self, Failure> {
        let core = receipt
            .openings
            .iter()
            .find(|opening| opening.group == CORE)
            .ok_or(LiabilitiesFailure::NotShown)?;
        let fields = Fields::of(core).ok_or(LiabilitiesFailure::NotShown)?;
        let is_statement = fields.one(FACT_TAG) == Some(DOCUMENT_FACT)
            && fields.one(DOCUMENT_TAG) == Some(STATEMENT_DOCUMENT);
        if !is_statement {
            return Err(LiabilitiesFailure::OtherEntry.into());
        }
        let mut content = Vec::from((bytes.len() as u64).to_be_bytes());
        content.extend(Sha256::digest(bytes));
        if fields.one(CONTENT_TAG) != Some(&content[..]) {
            return Err(LiabilitiesFailure::OtherStatement.into());
        }
        let statement = Self::parse(bytes)?;
        // Entry n is leaf n - 1: a statement counts nothing but what was written before it.
        if receipt.leaf.index < statement.counted {
            let failure = LiabilitiesFailure::CountsTheFuture {
                counted: statement.counted,
                entry: receipt.leaf.index.saturating_add(1),
            };
            return Err(failure.into());
        }
        Ok(statement)
    }

    /// Checks that each commitment is one to its total.
    pub fn check_sums(&self) -> Result<(), Failure> {
        self.sums.iter().try_for_each(Sum::check)
    }

    pub fn sum(&self, currency: u16) -> Option<&Sum> {
        self.sums.iter().find(|sum| sum.currency == currency)
    }

    fn take(rest: &mut &[u8]) -> Option<Self> {
        let counted = take_number::<8>(rest)?;
        let at = i64::from_be_bytes(take(rest, 8)?.try_into().ok()?);
        let before = take_number::<8>(rest)?;
        let sums = take_number::<2>(rest)?;
        let sums = (0..sums).map(|_| Sum::take(rest));
        Some(Self {
            counted,
            at,
            before,
            sums: sums.collect::<Option<_>>()?,
        })
    }
}

impl Sum {
    fn take(rest: &mut &[u8]) -> Option<Self> {
        Some(Self {
            currency: u16::try_from(take_number::<2>(rest)?).ok()?,
            total: take_number::<8>(rest)?,
            commitment: take_hash(rest)?.0,
            hash: take_hash(rest)?.0,
            blinding: take_hash(rest)?.0,
        })
    }

    fn check(&self) -> Result<(), Failure> {
        let opened = commit(self.total, self.blinding);
        let shown = point(self.commitment);
        if shown.is_some() && opened == shown {
            Ok(())
        } else {
            let currency = self.currency;
            Err(LiabilitiesFailure::NotTheTotal { currency }.into())
        }
    }
}

/// A Pedersen commitment over ristretto255 (RFC 9496): `value` times the base, and `blinding` times a second base of which
/// nobody knows which multiple of the first it is.
fn commit(value: u64, blinding: [u8; 32]) -> Option<RistrettoPoint> {
    let blinding: Option<Scalar> = Scalar::from_canonical_bytes(blinding).into();
    Some(PedersenGens::default().commit(Scalar::from(value), blinding?))
}

fn point(bytes: [u8; 32]) -> Option<RistrettoPoint> {
    CompressedRistretto(bytes).decompress()
}

/// The fields of an opened group, where it shows them and not their digest alone.
struct Fields<'a>(Vec<(u64, &'a [u8])>);

impl<'a> Fields<'a> {
    fn of(opening: &'a Opening) -> Option<Self> {
        let mut rest = opening.content.as_slice();
        if take_number::<1>(&mut rest)? != FORMAT {
            return None;
        }
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let tag = take_number::<1>(&mut rest)?;
            let length = usize::try_from(take_number::<4>(&mut rest)?).ok()?;
            fields.push((tag, take(&mut rest, length)?));
        }
        Some(Self(fields))
    }

    /// The value of a field that occurs once.
    fn one(&self, tag: u64) -> Option<&'a [u8]> {
        let mut values = self.0.iter().filter(|(other, _)| *other == tag);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            (None | Some(_), _) => None,
        }
    }
}

fn form(reason: &'static str) -> Failure {
    Failure::Form {
        what: "the statement of liabilities",
        reason,
    }
}
