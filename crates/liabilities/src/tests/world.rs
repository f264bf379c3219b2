//! A statement with the parts that proofs are made of.

use std::collections::BTreeMap;

use accounting::claim::Holder;
use ids::command::Sequence;
use ids::party::MerchantId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::currency::Currency;
use verifier::liabilities::proof::{Bases, HolderProof};

use crate::node::Level;
use crate::owed::Owed;
use crate::part::{Part, Place, decode_bucket, decode_tier};
use crate::proof::prove;
use crate::secret::Secret;
use crate::statement::Statement;
use crate::tree::{Leaf, Making, Root, TIER_LEVELS, Way, bucket_depth, place, prefix, way};

pub const EUR: Currency = Currency::EUR;
/// Stands for the installation's key.
const KEY: [u8; 32] = [7; 32];

pub struct World {
    pub owed: Owed,
    pub statement: Statement,
    parts: BTreeMap<Place, Vec<u8>>,
}

pub fn voucher(number: u64) -> Holder {
    Holder::Voucher(Serial::new(1_000_000_000_000_000 + number).unwrap())
}

pub fn merchant(number: u32) -> Holder {
    Holder::Merchant(MerchantId::new(1_000_000 + number).unwrap())
}

pub fn owed(balances: impl IntoIterator<Item = (Holder, i64)>) -> Owed {
    let balances = balances.into_iter();
    let balances = balances.map(|(holder, minor)| (EUR, holder, minor));
    Owed::restore(Sequence(99), Timestamp(1_790_000_000_000), balances)
}

/// The secret as a vault would derive it: other balances, another secret.
pub fn secret(owed: &Owed, currency: Currency) -> Secret {
    let mut secret = owed.name();
    secret.iter_mut().zip(KEY).for_each(|(to, key)| *to ^= key);
    Secret::new(&secret, currency)
}

pub fn leaves(owed: &Owed, currency: Currency) -> Vec<Leaf> {
    place(&secret(owed, currency), owed.holders(currency)).unwrap()
}

/// The whole tree over leaves.
pub fn build(secret: &Secret, leaves: &[Leaf], mut keep: impl FnMut(Part)) -> Option<Root> {
    let mut making = Making::new(secret, leaves);
    while let Some(bucket) = making.bucket() {
        keep(bucket);
    }
    let (tiers, root) = making.finish()?;
    tiers.into_iter().for_each(keep);
    Some(root)
}

impl World {
    pub fn new(owed: Owed) -> World {
        let mut parts = BTreeMap::new();
        let mut keep = |part: Part| assert_eq!(parts.insert(part.place, part.bytes), None);
        let sums = owed.currencies().into_iter().map(|currency| {
            let leaves = leaves(&owed, currency);
            let root = build(&secret(&owed, currency), &leaves, &mut keep);
            (currency, root.unwrap())
        });
        let statement = Statement {
            counted: owed.counted,
            at: owed.at,
            before: Sequence(3),
            sums: sums.collect(),
        };
        World {
            owed,
            statement,
            parts,
        }
    }

    pub fn of(balances: impl IntoIterator<Item = (Holder, i64)>) -> World {
        World::new(owed(balances))
    }

    pub fn secret(&self) -> Secret {
        secret(&self.owed, EUR)
    }

    /// What a verifier reads of the statement.
    pub fn read(&self) -> verifier::liabilities::Statement {
        verifier::liabilities::Statement::parse(&self.statement.encode()).unwrap()
    }

    pub fn leaf(&self, holder: Holder) -> Option<Leaf> {
        let leaves = leaves(&self.owed, EUR);
        leaves.into_iter().find(|leaf| leaf.holder == holder)
    }

    pub fn bucket(&self, position: u32) -> Vec<Leaf> {
        let depth = self.depth();
        let place = Place::new(EUR, depth, prefix(position, depth));
        decode_bucket(&self.parts[&place]).unwrap()
    }

    pub fn tiers(&self, position: u32) -> Vec<Level> {
        let tops = (0..self.depth()).step_by(usize::from(TIER_LEVELS)).rev();
        let places = tops.map(|depth| Place::new(EUR, depth, prefix(position, depth)));
        places
            .map(|place| decode_tier(place, &self.parts[&place]).unwrap())
            .collect()
    }

    /// The parts whose tops are this deep.
    pub fn parts_at(&self, depth: u8) -> impl Iterator<Item = (Place, &[u8])> {
        let parts = self.parts.iter().map(|(place, bytes)| (*place, &bytes[..]));
        parts.filter(move |(place, _)| place.depth == depth)
    }

    pub fn way(&self, holder: Holder) -> Way {
        let leaf = self.leaf(holder).unwrap();
        let (bucket, tiers) = (self.bucket(leaf.position), self.tiers(leaf.position));
        way(&self.secret(), leaf, &bucket, tiers).unwrap()
    }

    pub fn prove(&self, holder: Holder) -> Vec<u8> {
        prove(&self.secret(), self.statement.counted, &self.way(holder))
    }

    fn depth(&self) -> u8 {
        bucket_depth(self.owed.holders(EUR).count())
    }
}

/// What the verifier says about a proof.
pub fn judge(
    statement: &verifier::liabilities::Statement,
    proof: &[u8],
    bases: &Bases,
) -> Result<(), String> {
    let proof = HolderProof::parse(proof).map_err(|failure| failure.to_string())?;
    let checked = proof.check(statement, bases);
    checked.map(drop).map_err(|failure| failure.to_string())
}
