//! The spellings that all formats share: base64 with padding, and decimals without leading zeros. Each value has one
//! spelling, so that a text that was read is written back byte for byte.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Refuses missing padding and stray bits in the last character.
pub fn parse_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Digits alone: no sign, and no zero in front.
pub fn parse_decimal(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let has_leading_zero = 1 < text.len() && text.starts_with('0');
    if !is_plain || has_leading_zero {
        return None;
    }
    text.parse().ok()
}
