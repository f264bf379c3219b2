//! What an issuer sells: denominations, validity and maintenance fee of a product in a country.

use ids::time::{Span, Timestamp};
use ids::voucher::{Country, ProductId};
use money::amount::Amount;
use money::currency::Currency;

use crate::voucher::Activation;

/// What identifies the terms of a product: they differ by country and currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductKey {
    pub product: ProductId,
    pub country: Country,
    pub currency: Currency,
}

/// The terms on which vouchers of a product are sold in a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    pub key: ProductKey,
    /// Face values that may be sold, minor units, ascending.
    pub denominations: Vec<i64>,
    pub validity: Validity,
    pub maintenance_fee: Option<MaintenanceFee>,
}

/// How long a voucher can be spent after its activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    Unlimited,
    For(Span),
}

/// A fee on vouchers that lie unused: the first `after` the activation, then one each `every`, never below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaintenanceFee {
    pub after: Span,
    pub every: Span,
    /// Minor units of the product's currency.
    pub minor: i64,
}

/// The shortest time between two fees on one voucher, whatever the product says.
pub const FEE_INTERVAL_MIN: Span = Span::DAY;

impl Product {
    /// The activation terms of a voucher of this product that is sold at `at`.
    pub fn activation(&self, at: Timestamp) -> Activation {
        Activation::Immediate {
            expires_at: self.expires_at(at),
            fee_due_at: self.fee_due_at(at),
        }
    }

    pub fn expires_at(&self, activated_at: Timestamp) -> Timestamp {
        match self.validity {
            Validity::Unlimited => Timestamp::NEVER,
            Validity::For(span) => activated_at.plus(span),
        }
    }

    pub fn fee_due_at(&self, activated_at: Timestamp) -> Timestamp {
        self.maintenance_fee
            .map_or(Timestamp::NEVER, |fee| activated_at.plus(fee.after))
    }

    pub fn sells(&self, face: Amount) -> bool {
        face.currency == self.key.currency && self.denominations.contains(&face.minor)
    }
}
