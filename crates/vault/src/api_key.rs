//! API keys of merchants and distributors. They are shown once and stored only as a keyed digest.

use secrecy::SecretString;
use zeroize::Zeroize;

use crate::random;

#[cfg(test)]
mod tests;

/// Random characters after the prefix; six bits each, 186 bits together.
pub const API_KEY_RANDOM_LENGTH: usize = 31;

/// Prefix of paysafecard's own keys. Scanners for leaked secrets recognise a key by it.
pub const API_KEY_PREFIX: &str = "psc_";

// Sixty-four characters, so that six random bits choose one without bias.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/// A fresh key: `prefix` and 31 characters of `[A-Za-z0-9_-]`.
pub fn generate_api_key(prefix: &str) -> SecretString {
    let mut bytes = random::random_bytes::<API_KEY_RANDOM_LENGTH>();
    // One allocation of the final size: growing would leave an unwiped copy behind.
    let mut key = String::with_capacity(prefix.len() + API_KEY_RANDOM_LENGTH);
    key.push_str(prefix);
    key.extend(
        bytes
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte & 0x3f)])),
    );
    bytes.zeroize();
    SecretString::from(key)
}
