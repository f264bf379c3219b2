//! Parts of statements as they are kept beside the journal, sealed.

use std::sync::Arc;

use accounting::claim::Holder;
use ids::command::Sequence;
use liabilities::owed::Owed;
use liabilities::part::{Head, Part, Place, decode_bucket, decode_tier};
use liabilities::statement::Statement;
use liabilities::tree::{Making, TIER_LEVELS, top_of};
use money::currency::Currency;
use store::failure::Failure;
use store::liabilities::SealedPart;
use vault::vault::SealPurpose;

use crate::liabilities::Ports;

/// Parts that are read or written at once.
pub(super) const PARTS_AT_ONCE: usize = 64;

impl Ports {
    pub(super) async fn keep(&self, statement: Sequence, parts: Vec<Part>) -> Result<(), Failure> {
        let sealed = parts.into_iter().map(|part| {
            let bound = bound_to(statement, part.place);
            let purpose = SealPurpose::LiabilityParts;
            SealedPart {
                place: part.place,
                sealed: Arc::from(self.vault.seal(purpose, &bound, &part.bytes)),
            }
        });
        self.parts.store_parts(statement, sealed.collect()).await
    }

    /// The parts at these places, in no order; what is missing, or was not sealed here, is left out.
    pub(super) async fn kept_parts(
        &self,
        statement: Sequence,
        places: &[Place],
    ) -> Result<Vec<Part>, Failure> {
        let sealed = self.parts.read_parts(statement, places).await?;
        let parts = sealed.into_iter().filter_map(|part| {
            let bound = bound_to(statement, part.place);
            let purpose = SealPurpose::LiabilityParts;
            let opened = self.vault.open_sealed(purpose, &bound, &part.sealed);
            let bytes = opened.ok()?.to_vec();
            let place = part.place;
            Some(Part { place, bytes })
        });
        Ok(parts.collect())
    }

    pub(super) async fn kept_part(
        &self,
        statement: Sequence,
        place: Place,
    ) -> Result<Option<Part>, Failure> {
        let parts = self.kept_parts(statement, &[place]).await?;
        Ok(parts.into_iter().next())
    }

    pub(super) async fn kept_head(&self, statement: Sequence) -> Result<Option<Head>, Failure> {
        let part = self.kept_part(statement, Place::HEAD).await?;
        Ok(part.and_then(|part| Head::decode(&part.bytes)))
    }

    /// Everything that a statement counts, as it was kept; none if any of it is missing, or is not what was stated.
    pub(super) async fn kept(&self, statement: &Statement) -> Result<Option<Owed>, Failure> {
        let Some(head) = self.kept_head(statement.counted).await? else {
            return Ok(None);
        };
        let mut balances: Vec<(Currency, Holder, i64)> = head.debtors.clone();
        for (currency, depth) in &head.trees {
            let Some(holders) = self.kept_holders(statement, *currency, *depth).await? else {
                return Ok(None);
            };
            balances.extend(
                holders
                    .into_iter()
                    .map(|(holder, minor)| (*currency, holder, minor)),
            );
        }
        let owed = Owed::restore(head.counted, head.at, balances);
        let is_stated = owed.name() == head.name && self.is_root_of(&head, statement).await?;
        Ok(is_stated.then_some(owed))
    }

    async fn kept_holders(
        &self,
        statement: &Statement,
        currency: Currency,
        depth: u8,
    ) -> Result<Option<Vec<(Holder, i64)>>, Failure> {
        let mut holders = Vec::new();
        let prefixes: Vec<u32> = (0..1_u32 << depth).collect();
        for some in prefixes.chunks(PARTS_AT_ONCE) {
            let places = some
                .iter()
                .map(|prefix| Place::new(currency, depth, *prefix));
            let places: Vec<Place> = places.collect();
            for part in self.kept_parts(statement.counted, &places).await? {
                let Some(leaves) = decode_bucket(&part.bytes) else {
                    return Ok(None);
                };
                for leaf in leaves {
                    let Ok(minor) = i64::try_from(leaf.value) else {
                        return Ok(None);
                    };
                    holders.push((leaf.holder, minor));
                }
            }
        }
        Ok(Some(holders))
    }

    /// Whether the secret of what is kept makes the roots that were published: then it is not from another history.
    async fn is_root_of(&self, head: &Head, statement: &Statement) -> Result<bool, Failure> {
        let same_trees = head.trees.iter().map(|(currency, _)| currency);
        if !same_trees.eq(statement.sums.iter().map(|(currency, _)| currency)) {
            return Ok(false);
        }
        for (currency, depth) in &head.trees {
            let place = Place::new(*currency, 0, 0);
            let Some(part) = self.kept_part(statement.counted, place).await? else {
                return Ok(false);
            };
            let secret = self.secret(&head.name, *currency);
            let root = if *depth < TIER_LEVELS {
                let leaves = decode_bucket(&part.bytes).unwrap_or_default();
                Making::new(&secret, &leaves).root()
            } else {
                decode_tier(place, &part.bytes).and_then(|tier| top_of(&secret, tier))
            };
            if root.as_ref() != statement.sum(*currency) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A part opens at its own place of its own statement alone.
fn bound_to(statement: Sequence, place: Place) -> Vec<u8> {
    let mut bound = statement.0.to_be_bytes().to_vec();
    bound.extend(place.currency.to_be_bytes());
    bound.push(place.depth);
    bound.extend(place.prefix.to_be_bytes());
    bound
}
