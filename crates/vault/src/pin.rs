//! The PIN of a voucher: fifteen random digits and a check digit.
//!
//! Whoever knows the PIN has the value. So it is parsed at the edge, looked up by its blind index, and leaves only
//! through [`Pin::expose`] and [`Pin::expose_grouped`], which are for delivery to the buyer.

use std::fmt;

use secrecy::SecretString;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{damm, random};

#[cfg(test)]
mod tests;

/// Decimal digits of a PIN, the check digit included.
pub const PIN_LENGTH: usize = 16;

/// How many PINs with a right check digit there are: 10^15.
pub const PIN_SPACE: u64 = 1_000_000_000_000_000;

const GROUP_LENGTH: usize = 4;

/// A PIN whose check digit is right. Whether a voucher answers to it only the store knows.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Pin {
    ascii_digits: [u8; PIN_LENGTH],
}

/// Why text is not a PIN. A typing slip, told at once: it must not count as a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PinError {
    #[error("the PIN is empty; type the 16 digits from the voucher")]
    Empty,
    #[error("the PIN has {digits} digits instead of {PIN_LENGTH}; compare it with the voucher")]
    WrongLength { digits: usize },
    #[error(
        "the PIN has a character that is not a digit; type only the 16 digits from the voucher"
    )]
    NotDigits,
    #[error(
        "the check digit of the PIN is wrong, so a digit is mistyped; compare it with the voucher"
    )]
    CheckDigit,
}

impl Pin {
    /// A fresh PIN from the cryptographic generator; every one of the 10^15 is equally likely.
    pub fn generate() -> Pin {
        Pin::from_words(random::random_word)
    }

    /// Reads what a person typed or pasted.
    ///
    /// Digits may be ASCII or full-width; white space, dashes, dots and invisible marks between them are skipped.
    pub fn parse(text: &str) -> Result<Pin, PinError> {
        let mut pin = Pin {
            ascii_digits: [b'0'; PIN_LENGTH],
        };
        let mut digits = 0;
        for character in text.chars().filter(|&character| !is_separator(character)) {
            let digit = ascii_digit(character).ok_or(PinError::NotDigits)?;
            if let Some(place) = pin.ascii_digits.get_mut(digits) {
                *place = digit;
            }
            digits += 1;
        }
        match digits {
            0 => Err(PinError::Empty),
            PIN_LENGTH if damm::ends_in_check_digit(&pin.ascii_digits) => Ok(pin),
            PIN_LENGTH => Err(PinError::CheckDigit),
            _ => Err(PinError::WrongLength { digits }),
        }
    }

    /// The sixteen digits without separators, for delivery.
    pub fn expose(&self) -> SecretString {
        SecretString::from(self.as_str())
    }

    /// Four groups of four digits, as printed on a voucher.
    pub fn expose_grouped(&self) -> SecretString {
        // One allocation of the final size: growing would leave an unwiped copy behind.
        let mut grouped = String::with_capacity(PIN_LENGTH + PIN_LENGTH / GROUP_LENGTH - 1);
        for (position, digit) in self.as_str().char_indices() {
            if position != 0 && position % GROUP_LENGTH == 0 {
                grouped.push(' ');
            }
            grouped.push(digit);
        }
        SecretString::from(grouped)
    }

    pub(crate) fn from_words(next_word: impl FnMut() -> u64) -> Pin {
        let mut payload = random::uniform_below(PIN_SPACE, next_word);
        let mut pin = Pin {
            ascii_digits: [b'0'; PIN_LENGTH],
        };
        for place in pin.ascii_digits[..PIN_LENGTH - 1].iter_mut().rev() {
            *place = b"0123456789"[(payload % 10) as usize];
            payload /= 10;
        }
        pin.ascii_digits[PIN_LENGTH - 1] = damm::check_digit(&pin.ascii_digits[..PIN_LENGTH - 1]);
        pin
    }

    pub(crate) fn as_ascii_digits(&self) -> &[u8; PIN_LENGTH] {
        &self.ascii_digits
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.ascii_digits).expect("a PIN holds ASCII digits only")
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pin([redacted])")
    }
}

fn ascii_digit(character: char) -> Option<u8> {
    match character {
        '0'..='9' => u8::try_from(character).ok(),
        // Full-width digits, which East Asian keyboards produce.
        '\u{ff10}'..='\u{ff19}' => {
            u8::try_from(u32::from(character) - 0xff10 + u32::from(b'0')).ok()
        }
        _ => None,
    }
}

fn is_separator(character: char) -> bool {
    // White space includes the non-breaking, narrow and ideographic spaces.
    character.is_whitespace()
        || matches!(
            character,
            '-' | '.'
                | '\u{2010}'..='\u{2015}' // hyphens and dashes
                | '\u{2212}' // minus sign
                | '\u{ff0d}' | '\u{ff0e}' // full-width hyphen and full stop
                | '\u{00ad}' // soft hyphen
                | '\u{200b}'..='\u{200f}' // zero-width and direction marks, which pasted text carries unseen
                | '\u{2060}' | '\u{feff}' // word joiner, byte order mark
        )
}
