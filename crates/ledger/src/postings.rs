//! The legs of an entry.

use money::amount::Amount;
use money::currency::Currency;

use crate::account::{AccountCode, AccountId};

/// One leg: minor units added to an account, debit positive and credit negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    pub account: AccountId,
    pub minor: i64,
}

/// Legs that sum to zero in every currency. Most entries have none or two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Postings(Vec<Posting>);

/// The legs do not sum to zero, or their sum exceeds 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the postings in {0} do not sum to zero")]
pub struct Unbalanced(pub Currency);

/// A party's account before the currency is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    pub code: AccountCode,
    pub owner: u64,
}

impl Postings {
    pub const NONE: Postings = Postings(Vec::new());

    pub fn balanced(legs: Vec<Posting>) -> Result<Postings, Unbalanced> {
        for leg in &legs {
            let currency = leg.account.currency;
            let sum = legs
                .iter()
                .filter(|other| other.account.currency == currency)
                .try_fold(0_i64, |sum, other| sum.checked_add(other.minor));
            if sum != Some(0) {
                return Err(Unbalanced(currency));
            }
        }
        Ok(Postings(legs))
    }

    /// Moves an amount: debits one account and credits the other.
    pub fn transfer(debit: Leg, credit: Leg, amount: Amount) -> Postings {
        if amount.minor == 0 {
            return Postings::NONE;
        }
        Postings(vec![
            debit.posting(amount, amount.minor),
            credit.posting(amount, -amount.minor),
        ])
    }

    /// Both sets of legs as one.
    pub fn and(mut self, more: Postings) -> Postings {
        self.0.extend(more.0);
        self
    }

    pub fn legs(&self) -> &[Posting] {
        &self.0
    }
}

impl Leg {
    fn posting(self, amount: Amount, minor: i64) -> Posting {
        let account = AccountId {
            code: self.code,
            owner: self.owner,
            currency: amount.currency,
        };
        Posting { account, minor }
    }
}
