//! PINs of a batch, computed from a sealed seed.
//!
//! A batch of a million vouchers must survive a crash half way, yet no plain PIN may be stored. So the store keeps
//! one sealed [`PinSeed`]: as long as it exists, the same PINs and serial numbers can be computed again; when it is
//! destroyed after delivery, nobody can.

use std::fmt;

use aws_lc_rs::{hkdf, hmac};
use ids::voucher::Serial;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::pin::Pin;
use crate::{random, serial};

#[cfg(test)]
mod tests;

/// Bytes of a [`PinSeed`].
pub const SEED_LENGTH: usize = 32;

/// The secret from which all PINs of one batch follow. Keep it only sealed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct PinSeed {
    bytes: [u8; SEED_LENGTH],
}

/// What was unsealed is no seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a PIN seed has {SEED_LENGTH} bytes, not {length}; this record is not a batch seed")]
pub struct PinSeedLengthError {
    pub length: usize,
}

/// The PINs and serial numbers of one batch, by position.
///
/// A position's PIN may already belong to a live voucher; then the next `attempt` at the same position is taken.
/// The PINs are HMAC-SHA256 of position and attempt under a key derived from the seed by HKDF-SHA256: without the
/// seed they cannot be told from random ones, and one PIN says nothing about its neighbours.
pub struct PinSequence {
    pin_key: hmac::Key,
    serial_key: hmac::Key,
}

impl PinSeed {
    pub fn generate() -> PinSeed {
        let mut seed = PinSeed {
            bytes: [0; SEED_LENGTH],
        };
        random::fill(&mut seed.bytes);
        seed
    }

    /// Reads what [`PinSeed::expose`] gave, after it was unsealed.
    pub fn from_bytes(bytes: &[u8]) -> Result<PinSeed, PinSeedLengthError> {
        let bytes = bytes.try_into().map_err(|_| PinSeedLengthError {
            length: bytes.len(),
        })?;
        Ok(PinSeed { bytes })
    }

    /// The bytes, for sealing.
    pub fn expose(&self) -> &[u8; SEED_LENGTH] {
        &self.bytes
    }
}

impl fmt::Debug for PinSeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PinSeed([redacted])")
    }
}

impl PinSequence {
    pub fn from_seed(seed: &PinSeed) -> PinSequence {
        let secret =
            hkdf::Salt::new(hkdf::HKDF_SHA256, b"scrip/pin-sequence/1").extract(&seed.bytes);
        let key = |label: &[u8]| {
            let info = [label];
            let okm = secret
                .expand(&info, hmac::HMAC_SHA256)
                .expect("one hash length is within the limit of HKDF");
            hmac::Key::from(okm)
        };
        PinSequence {
            pin_key: key(b"pin"),
            serial_key: key(b"serial"),
        }
    }

    pub fn pin_at(&self, index: u64, attempt: u32) -> Pin {
        Pin::from_words(words(&self.pin_key, index, attempt))
    }

    /// A serial number as from [`serial::random_serial`], but the same each time.
    pub fn serial_at(&self, index: u64, attempt: u32) -> Serial {
        serial::serial_from_words(words(&self.serial_key, index, attempt))
    }
}

impl fmt::Debug for PinSequence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PinSequence([redacted])")
    }
}

/// An endless stream of uniform words for one position; a second word is needed once in some 50,000 positions.
fn words(key: &hmac::Key, index: u64, attempt: u32) -> impl FnMut() -> u64 {
    let mut counter: u32 = 0;
    move || {
        let mut input = [0; 16];
        input[..8].copy_from_slice(&index.to_be_bytes());
        input[8..12].copy_from_slice(&attempt.to_be_bytes());
        input[12..].copy_from_slice(&counter.to_be_bytes());
        counter += 1;
        let tag = hmac::sign(key, &input);
        u64::from_be_bytes(
            tag.as_ref()[..8]
                .try_into()
                .expect("a SHA-256 tag has 32 bytes"),
        )
    }
}
