//! The parties: merchants and distributors, and the issuer's own people.

use std::fmt;
use std::str::FromStr;

use money::currency::Currency;

/// A merchant: a number of seven digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MerchantId(u32);

/// A distributor: a number of ten digits, as in `order_{did}_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DistributorId(u64);

/// A person at the issuer who works on reviews and rules: a number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorId(u32);

/// A merchant's account in one currency: ten digits, as in `pay_{mid}_…`.
///
/// The first seven digits are the merchant's number, the last three the currency's ISO 4217 number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mid {
    pub merchant: MerchantId,
    pub currency: Currency,
}

/// The number or text names no party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the number of a party")]
pub struct InvalidParty;

impl MerchantId {
    pub const FIRST: MerchantId = MerchantId(1_000_001);

    pub fn new(number: u32) -> Result<MerchantId, InvalidParty> {
        match number {
            1_000_000..=9_999_999 => Ok(MerchantId(number)),
            _ => Err(InvalidParty),
        }
    }

    pub fn number(self) -> u32 {
        self.0
    }
}

impl DistributorId {
    pub const FIRST: DistributorId = DistributorId(2_000_000_001);

    pub fn new(number: u64) -> Result<DistributorId, InvalidParty> {
        match number {
            1_000_000_000..=9_999_999_999 => Ok(DistributorId(number)),
            _ => Err(InvalidParty),
        }
    }

    pub fn number(self) -> u64 {
        self.0
    }
}

impl OperatorId {
    pub fn new(number: u32) -> Result<OperatorId, InvalidParty> {
        match number {
            0 => Err(InvalidParty),
            _ => Ok(OperatorId(number)),
        }
    }

    pub fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for MerchantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for DistributorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for Mid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:03}", self.merchant, self.currency.numeric())
    }
}

impl FromStr for Mid {
    type Err = InvalidParty;

    fn from_str(text: &str) -> Result<Mid, InvalidParty> {
        if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidParty);
        }
        let (merchant, currency) = text.split_at(7);
        let merchant = merchant.parse().map_err(|_| InvalidParty)?;
        let numeric = currency.parse().map_err(|_| InvalidParty)?;
        Ok(Mid {
            merchant: MerchantId::new(merchant)?,
            currency: Currency::from_numeric(numeric).map_err(|_| InvalidParty)?,
        })
    }
}
