//! What the issuer publishes: for each currency the sum of all that it owes, and a commitment to whom.
//!
//! ```text
//! 0x01 | entry (8) | time (8) | statement before (8) | n (2)
//!      | n times: currency (2) | total (8) | commitment (32) | hash (32) | blinding (32)
//! ```

use ids::command::Sequence;
use ids::time::Timestamp;
use money::currency::Currency;

use crate::bytes::{self, Reader};
use crate::tree::Root;

const FORMAT: u8 = 0x01;

/// A statement as a document of the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The last entry that is counted.
    pub counted: Sequence,
    /// When that entry was written.
    pub at: Timestamp,
    /// The entry that holds the statement before this one; 0 before the first.
    pub before: Sequence,
    /// By the numbers of the currencies, each once.
    pub sums: Vec<(Currency, Root)>,
}

impl Statement {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend(self.counted.0.to_be_bytes());
        bytes.extend(self.at.0.to_be_bytes());
        bytes.extend(self.before.0.to_be_bytes());
        let sums = u16::try_from(self.sums.len()).expect("there are fewer currencies");
        bytes.extend(sums.to_be_bytes());
        for (currency, root) in &self.sums {
            bytes.extend(bytes::currency(*currency));
            bytes.extend(root.total.to_be_bytes());
            bytes.extend(root.commitment.as_bytes());
            bytes.extend(root.hash);
            bytes.extend(root.blinding.as_bytes());
        }
        bytes
    }

    /// None where this version did not write the bytes.
    pub fn decode(bytes: &[u8]) -> Option<Statement> {
        let mut reader = Reader(bytes);
        if reader.byte()? != FORMAT {
            return None;
        }
        let counted = Sequence(reader.long()?);
        let at = Timestamp(reader.signed()?);
        let before = Sequence(reader.long()?);
        let sums = reader.array().map(u16::from_be_bytes)?;
        let sums = (0..sums).map(|_| Some((reader.currency()?, read_root(&mut reader)?)));
        let sums = sums.collect::<Option<Vec<_>>>()?;
        reader.is_at_end().then_some(Statement {
            counted,
            at,
            before,
            sums,
        })
    }

    pub fn sum(&self, currency: Currency) -> Option<&Root> {
        let found = self.sums.iter().find(|(other, _)| *other == currency);
        found.map(|(_, root)| root)
    }
}

fn read_root(reader: &mut Reader<'_>) -> Option<Root> {
    use curve25519_dalek::ristretto::CompressedRistretto;
    use curve25519_dalek::scalar::Scalar;
    Some(Root {
        total: reader.long()?,
        commitment: CompressedRistretto(reader.array()?),
        hash: reader.array()?,
        blinding: Option::from(Scalar::from_canonical_bytes(reader.array()?))?,
    })
}
