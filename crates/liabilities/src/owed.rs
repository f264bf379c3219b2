//! Who is owed what after an entry: the fold of what each entry changes.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;

use accounting::claim::{self, Holder};
use accounting::entry::Entry;
use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::currency::Currency;
use sha2::{Digest, Sha256};

use crate::bytes::{self, holder_kind, holder_number};

/// Before every holder.
const SERIAL_FIRST: u64 = 1_000_000_000_000_000;
const CONTEXT: &[u8] = b"scrip/liabilities/counted/v1\0";

/// All that is owed after one entry of the journal, minor units. What is zero is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The last entry that is counted.
    pub counted: Sequence,
    /// When that entry was written.
    pub at: Timestamp,
    balances: BTreeMap<(Currency, Holder), i64>,
}

/// The journal cannot be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotCount {
    #[error("journal entry {} does not follow on {}", .found.0, .counted.0)]
    Gap { counted: Sequence, found: Sequence },
    #[error("after journal entry {} voucher {serial} is owed less than nothing", .entry.0)]
    BelowZero { entry: Sequence, serial: Serial },
    #[error("after journal entry {} what is owed exceeds 63 bits", .0.0)]
    TooMuch(Sequence),
}

impl Owed {
    pub const NOTHING: Owed = Owed {
        counted: Sequence(0),
        at: Timestamp(0),
        balances: BTreeMap::new(),
    };

    /// What is known from elsewhere.
    pub fn restore(
        counted: Sequence,
        at: Timestamp,
        balances: impl IntoIterator<Item = (Currency, Holder, i64)>,
    ) -> Owed {
        let balances = balances.into_iter();
        Owed {
            counted,
            at,
            balances: balances
                .map(|(currency, holder, minor)| ((currency, holder), minor))
                .filter(|(_, minor)| *minor != 0)
                .collect(),
        }
    }

    /// Counts the next entry of the journal.
    pub fn count(&mut self, entry: &Entry) -> Result<(), CannotCount> {
        let found = entry.sequence();
        if found != self.counted.next() {
            let counted = self.counted;
            return Err(CannotCount::Gap { counted, found });
        }
        for change in claim::changes(entry) {
            let place = self.balances.entry((change.currency, change.holder));
            let minor = match &place {
                Place::Vacant(_) => change.minor,
                Place::Occupied(before) => before
                    .get()
                    .checked_add(change.minor)
                    .ok_or(CannotCount::TooMuch(found))?,
            };
            match place {
                Place::Occupied(before) if minor == 0 => drop(before.remove()),
                place => *place.or_default() = minor,
            }
        }
        self.counted = found;
        self.at = entry.at();
        Ok(())
    }

    /// A voucher that is owed less than nothing, which no sound journal has. Within one entry the order of changes may pass
    /// below zero, so this is asked at its end.
    pub fn require_sound(&self) -> Result<(), CannotCount> {
        let below = self
            .balances
            .iter()
            .find_map(|((_, holder), minor)| match holder {
                Holder::Voucher(serial) if *minor < 0 => Some(*serial),
                Holder::Voucher(_) | Holder::Merchant(_) => None,
            });
        if let Some(serial) = below {
            let entry = self.counted;
            return Err(CannotCount::BelowZero { entry, serial });
        }
        let sums = self.currencies().into_iter();
        let mut sums = sums.map(|currency| self.total(currency));
        if sums.any(|total| total.is_none()) {
            return Err(CannotCount::TooMuch(self.counted));
        }
        Ok(())
    }

    /// The currencies in which anything is owed, by their numbers.
    pub fn currencies(&self) -> Vec<Currency> {
        let owed = self.balances.iter().filter(|(_, minor)| 0 < **minor);
        let mut currencies: Vec<Currency> = owed.map(|((currency, _), _)| *currency).collect();
        currencies.dedup();
        currencies.sort_by_key(|currency| currency.numeric());
        currencies
    }

    /// Whoever is owed something in this currency, in order. A merchant that owes the issuer is not among them.
    pub fn holders(&self, currency: Currency) -> impl Iterator<Item = (Holder, u64)> {
        self.of(currency)
            .filter_map(|(holder, minor)| Some((holder, u64::try_from(minor).ok()?)))
    }

    /// Merchants that were given back more than they are owed: what they owe, below zero.
    pub fn debtors(&self) -> impl Iterator<Item = (Currency, Holder, i64)> {
        let all = self.balances.iter();
        all.filter(|(_, minor)| **minor < 0)
            .map(|((currency, holder), minor)| (*currency, *holder, *minor))
    }

    /// What all holders are owed in this currency; none if it exceeds 63 bits.
    pub fn total(&self, currency: Currency) -> Option<u64> {
        let sum = self
            .holders(currency)
            .try_fold(0_u64, |sum, (_, minor)| sum.checked_add(minor))?;
        i64::try_from(sum).is_ok().then_some(sum)
    }

    pub fn of_holder(&self, currency: Currency, holder: Holder) -> i64 {
        let found = self.balances.get(&(currency, holder));
        found.copied().unwrap_or(0)
    }

    /// Names everything that is counted: another balance of any holder, another entry or another time gives another name.
    pub fn name(&self) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(CONTEXT)
            .chain_update(self.counted.0.to_be_bytes())
            .chain_update(self.at.0.to_be_bytes());
        for ((currency, holder), minor) in &self.balances {
            digest.update(bytes::currency(*currency));
            digest.update([holder_kind(*holder)]);
            digest.update(holder_number(*holder).to_be_bytes());
            digest.update(minor.to_be_bytes());
        }
        digest.finalize().into()
    }

    fn of(&self, currency: Currency) -> impl Iterator<Item = (Holder, i64)> {
        let first = Serial::new(SERIAL_FIRST).expect("sixteen digits");
        let first = Holder::Voucher(first);
        self.balances
            .range((currency, first)..)
            .take_while(move |((other, _), _)| *other == currency)
            .map(|((_, holder), minor)| (*holder, *minor))
    }
}
