//! Decimal text to minor units and back, exactly.

use crate::amount::Amount;
use crate::currency::Currency;

/// Why a decimal text is not an amount of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseAmountError {
    #[error("an amount is digits, and at most one point")]
    NotADecimal,
    #[error("{currency} has {allowed} decimal places")]
    TooManyDecimals { currency: Currency, allowed: u32 },
    #[error("the amount has more than {DIGITS_MAX} digits")]
    TooLarge,
}

/// The longest amount that is read, in digits of minor units.
pub const DIGITS_MAX: usize = 15;

/// Reads `10`, `10.5` or `10.50`; zeros behind the currency's last place are accepted.
pub fn parse(text: &str, currency: Currency) -> Result<Amount, ParseAmountError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(ParseAmountError::NotADecimal);
    }
    let places = currency.exponent() as usize;
    let significant = fraction.trim_end_matches('0');
    if places < significant.len() {
        return Err(ParseAmountError::TooManyDecimals {
            currency,
            allowed: currency.exponent(),
        });
    }
    let whole = whole.trim_start_matches('0');
    if DIGITS_MAX < whole.len() + places {
        return Err(ParseAmountError::TooLarge);
    }
    let padding = std::iter::repeat_n(b'0', places - significant.len());
    let minor = whole
        .bytes()
        .chain(significant.bytes())
        .chain(padding)
        .fold(0_i64, |minor, digit| minor * 10 + i64::from(digit - b'0'));
    Ok(Amount::new(minor, currency))
}

/// Prints all places of the currency: `10.00`, `-0.05`, `1200` for JPY.
pub fn print(amount: Amount) -> String {
    let places = amount.currency.exponent() as usize;
    let sign = if amount.minor < 0 { "-" } else { "" };
    let digits = format!(
        "{:0width$}",
        amount.minor.unsigned_abs(),
        width = places + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - places);
    match fraction {
        "" => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{fraction}"),
    }
}
