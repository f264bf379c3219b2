//! Random bytes, words and tokens from the generator of AWS-LC (a CTR_DRBG per thread, NIST SP 800-90A).
//!
//! A [`Vault`](crate::vault::Vault) draws from a source, which in a simulation repeats; everything else from the generator.

use aws_lc_rs::rand;
use ids::token::Token;
use zeroize::Zeroize;

#[cfg(test)]
mod tests;

const TOKEN_LENGTH: usize = 32;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Where a vault gets the random bytes of tokens, serial numbers and PINs from.
pub trait RandomSource: Send + Sync + 'static {
    /// Overwrites all of `bytes`. What can be foretold may only be used where nobody has anything to lose.
    fn fill(&self, bytes: &mut [u8]);

    /// The same for the seeds of leaves, which decide nothing: a simulation draws them apart, so that its histories do not
    /// depend on them.
    fn fill_seeds(&self, bytes: &mut [u8]) {
        self.fill(bytes);
    }
}

/// The generator of AWS-LC.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        fill(bytes);
    }
}

/// Random bytes, fit for keys.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// Thirty-two characters of `[A-Za-z0-9]`, about 190 bits, for ids that nobody may guess.
pub fn random_token() -> Token {
    token_from(&SystemRandom)
}

pub(crate) fn token_from(source: &dyn RandomSource) -> Token {
    let mut token = [0; TOKEN_LENGTH];
    let mut filled = 0;
    while filled < TOKEN_LENGTH {
        // Each byte offers six bits; 62 of their 64 values are taken, so 48 bytes nearly always suffice.
        let mut bytes = [0; 48];
        source.fill(&mut bytes);
        for byte in bytes {
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
    word_from(&SystemRandom)
}

pub(crate) fn word_from(source: &dyn RandomSource) -> u64 {
    let mut bytes = [0; 8];
    source.fill(&mut bytes);
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
