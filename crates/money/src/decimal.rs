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

/// An amount in decimals. Answers are full of them, so they take no memory of their own.
#[derive(Clone, Copy)]
pub struct DecimalText {
    bytes: [u8; TEXT_LENGTH_MAX],
    start: usize,
}

/// A sign, the twenty digits of 64 bits, and a point.
const TEXT_LENGTH_MAX: usize = 22;

impl DecimalText {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.start..])
            .expect("digits, a point and a sign are ASCII")
    }

    fn put(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }
}

/// All places of the currency: `10.00`, `-0.05`, `1200` for JPY.
pub fn text(amount: Amount) -> DecimalText {
    let places = amount.currency.exponent();
    let mut text = DecimalText {
        bytes: [0; TEXT_LENGTH_MAX],
        start: TEXT_LENGTH_MAX,
    };
    let mut rest = amount.minor.unsigned_abs();
    let mut place = 0;
    while 0 < rest || place <= places {
        if 0 < place && place == places {
            text.put(b'.');
        }
        text.put(b'0' + u8::try_from(rest % 10).expect("a digit is below ten"));
        rest /= 10;
        place += 1;
    }
    if amount.minor < 0 {
        text.put(b'-');
    }
    text
}

/// [`text`] as a text of its own.
pub fn print(amount: Amount) -> String {
    text(amount).as_str().to_owned()
}
