//! The small pieces that several formats are made of.

use crate::base64;
use crate::merkle::Hash;

/// Digits without a sign and without zeros in front.
pub fn decimal(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_canonical = is_plain && (text == "0" || !text.starts_with('0'));
    is_canonical.then(|| text.parse().ok()).flatten()
}

pub fn hash(text: &str) -> Option<Hash> {
    base64::decode(text)?.try_into().ok().map(Hash)
}

/// Takes `count` bytes off the front.
pub fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

/// Takes a number in `N` bytes, big-endian.
pub fn take_number<const N: usize>(bytes: &mut &[u8]) -> Option<u64> {
    let taken = take(bytes, N)?;
    Some(
        taken
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

/// Takes bytes that have their number in two bytes in front of them.
pub fn take_short<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take_number::<2>(bytes)?;
    take(bytes, usize::try_from(length).ok()?)
}

pub fn take_hash(bytes: &mut &[u8]) -> Option<Hash> {
    take(bytes, 32)?.try_into().ok().map(Hash)
}
