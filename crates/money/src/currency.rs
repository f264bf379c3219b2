//! Currencies by their ISO 4217 code.

use std::fmt;
use std::str::FromStr;

/// A currency of ISO 4217 that has a minor unit.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// The text is not the alphabetic code of a currency that has a minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the three capital letters of an ISO 4217 currency")]
pub struct UnknownCurrency;

impl Currency {
    pub const EUR: Currency = Currency(iso_currency::Currency::EUR);
    pub const GBP: Currency = Currency(iso_currency::Currency::GBP);
    pub const CHF: Currency = Currency(iso_currency::Currency::CHF);
    pub const PLN: Currency = Currency(iso_currency::Currency::PLN);

    /// The alphabetic code, three capital letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The numeric code, 1 to 999.
    pub fn numeric(self) -> u16 {
        self.0.numeric()
    }

    /// The currency with this numeric code.
    pub fn from_numeric(numeric: u16) -> Result<Currency, UnknownCurrency> {
        iso_currency::Currency::from_numeric(numeric)
            .and_then(Currency::with_minor_unit)
            .ok_or(UnknownCurrency)
    }

    /// Decimal places of the minor unit: 2 for EUR, 0 for JPY.
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    fn with_minor_unit(inner: iso_currency::Currency) -> Option<Currency> {
        inner.exponent().map(|_| Currency(inner))
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Currency, UnknownCurrency> {
        iso_currency::Currency::from_code(code)
            .and_then(Currency::with_minor_unit)
            .ok_or(UnknownCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Currency) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Currency) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}
