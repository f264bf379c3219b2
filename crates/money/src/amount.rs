//! An amount: minor units and their currency.

use std::fmt;

use crate::currency::Currency;

/// Whole minor units of one currency. Negative amounts exist only as differences.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Amount {
    pub minor: i64,
    pub currency: Currency,
}

/// Why two amounts do not combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("{left} and {right} do not combine")]
    CurrenciesDiffer { left: Currency, right: Currency },
    #[error("the sum exceeds 64 bits")]
    Overflow,
}

impl Amount {
    pub const fn new(minor: i64, currency: Currency) -> Amount {
        Amount { minor, currency }
    }

    pub const fn zero(currency: Currency) -> Amount {
        Amount::new(0, currency)
    }

    pub fn checked_add(self, other: Amount) -> Result<Amount, AmountError> {
        self.combine(other, i64::checked_add)
    }

    pub fn checked_sub(self, other: Amount) -> Result<Amount, AmountError> {
        self.combine(other, i64::checked_sub)
    }

    /// The share of `basis_points` (hundredths of a percent), rounded half away from zero.
    pub fn share(self, basis_points: u16) -> Result<Amount, AmountError> {
        let scaled = i128::from(self.minor) * i128::from(basis_points);
        let half = if scaled < 0 { -5_000 } else { 5_000 };
        let minor = i64::try_from((scaled + half) / 10_000).map_err(|_| AmountError::Overflow)?;
        Ok(Amount::new(minor, self.currency))
    }

    fn combine(
        self,
        other: Amount,
        operation: fn(i64, i64) -> Option<i64>,
    ) -> Result<Amount, AmountError> {
        if self.currency != other.currency {
            return Err(AmountError::CurrenciesDiffer {
                left: self.currency,
                right: other.currency,
            });
        }
        let minor = operation(self.minor, other.minor).ok_or(AmountError::Overflow)?;
        Ok(Amount::new(minor, self.currency))
    }
}

/// Takes `wanted` minor units from `available`, first come first, and returns one share for each.
///
/// The shares sum to `wanted`, or there is no answer because `available` holds less.
pub fn allocate(wanted: i64, available: &[i64]) -> Option<Vec<i64>> {
    let mut rest = wanted;
    let shares = available
        .iter()
        .map(|&amount| {
            let share = amount.max(0).min(rest);
            rest -= share;
            share
        })
        .collect();
    (rest == 0).then_some(shares)
}

impl fmt::Display for Amount {
    /// Prints `10.00 EUR`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            crate::decimal::text(*self).as_str(),
            self.currency
        )
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
