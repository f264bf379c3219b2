//! Random bytes, words and tokens from the generator of AWS-LC (a CTR_DRBG per thread, NIST SP 800-90A).

use aws_lc_rs::rand;
use ids::token::Token;
use zeroize::Zeroize;

#[cfg(test)]
mod tests;

const TOKEN_LENGTH: usize = 32;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Random bytes, fit for keys.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// Thirty-two characters of `[A-Za-z0-9]`, about 190 bits, for ids that nobody may guess.
pub fn random_token() -> Token {
    let mut token = [0; TOKEN_LENGTH];
    let mut filled = 0;
    while filled < TOKEN_LENGTH {
        // Each byte offers six bits; 62 of their 64 values are taken, so 48 bytes nearly always suffice.
        for byte in random_bytes::<48>() {
            if filled < TOKEN_LENGTH
                && let Some(&character) = ALPHANUMERIC.get(usize::from(byte & 0x3f))
            {
                token[filled] = character;
                filled += 1;
            }
        }
    }
    let text = str::from_utf8(&token).expect("the alphabet is ASCII");
    text.parse()
        .expect("32 alphanumeric characters are a token")
}

pub(crate) fn fill(bytes: &mut [u8]) {
    rand::fill(bytes).expect("AWS-LC aborts the process rather than return without entropy");
}

pub(crate) fn random_word() -> u64 {
    let mut bytes = random_bytes::<8>();
    let word = u64::from_be_bytes(bytes);
    bytes.zeroize();
    word
}

/// Turns uniform 64-bit words into a uniform number below `bound`.
///
/// Words of the incomplete last cycle of `bound` are thrown away, so that no remainder is likelier than another.
pub(crate) fn uniform_below(bound: u64, mut next_word: impl FnMut() -> u64) -> u64 {
    let incomplete = (u64::MAX % bound + 1) % bound;
    loop {
        let word = next_word();
        if word <= u64::MAX - incomplete {
            return word % bound;
        }
    }
}
