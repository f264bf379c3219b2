//! Balances: the fold of postings.

use std::collections::BTreeMap;

use money::currency::Currency;

use crate::account::AccountId;
use crate::postings::Postings;

/// What stands on each account, in minor units; debit positive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balances(BTreeMap<AccountId, i64>);

/// An account would leave the range of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the balance of an account exceeds 64 bits")]
pub struct BalanceOverflow(pub AccountId);

impl Balances {
    /// Adds the legs; on an error nothing is changed.
    pub fn post(&mut self, postings: &Postings) -> Result<(), BalanceOverflow> {
        let mut sums = BTreeMap::new();
        for leg in postings.legs() {
            let sum = sums
                .entry(leg.account)
                .or_insert_with(|| self.of(leg.account));
            *sum = i64::checked_add(*sum, leg.minor).ok_or(BalanceOverflow(leg.account))?;
        }
        self.0.extend(sums);
        Ok(())
    }

    pub fn of(&self, account: AccountId) -> i64 {
        self.0.get(&account).copied().unwrap_or(0)
    }

    /// States a balance that is known from elsewhere, such as a stored projection.
    pub fn put(&mut self, account: AccountId, minor: i64) {
        self.0.insert(account, minor);
    }

    pub fn iter(&self) -> impl Iterator<Item = (AccountId, i64)> {
        self.0.iter().map(|(account, minor)| (*account, *minor))
    }

    /// The sum over all accounts of a currency; anything but zero is a bug.
    pub fn sum(&self, currency: Currency) -> i128 {
        self.iter()
            .filter(|(account, _)| account.currency == currency)
            .map(|(_, minor)| i128::from(minor))
            .sum()
    }
}
