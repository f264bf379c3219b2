//! Serial numbers: what a person reads to support from a voucher. They are no secret and open nothing.

use ids::voucher::Serial;

use crate::{damm, random};

#[cfg(test)]
mod tests;

const PAYLOAD_MIN: u64 = 100_000_000_000_000;
const PAYLOAD_END: u64 = PAYLOAD_MIN * 10;

/// A fresh serial number: sixteen decimal digits, the first from 1 to 9, the last a Damm check digit.
///
/// Two calls may agree (the store refuses the second): expect that after some thirty million serials.
pub fn random_serial() -> Serial {
    serial_from_words(random::random_word)
}

/// Whether `serial` ends in its check digit; if not, a person mistyped it.
pub fn is_valid_serial(serial: Serial) -> bool {
    damm::ends_in_check_digit(serial.to_string().as_bytes())
}

pub(crate) fn serial_from_words(next_word: impl FnMut() -> u64) -> Serial {
    let payload = PAYLOAD_MIN + random::uniform_below(PAYLOAD_END - PAYLOAD_MIN, next_word);
    let check_digit = damm::check_digit(payload.to_string().as_bytes()) - b'0';
    Serial::new(payload * 10 + u64::from(check_digit)).expect("fifteen digits and one make sixteen")
}
