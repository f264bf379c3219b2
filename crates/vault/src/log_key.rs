//! The key with which a transparency log signs its checkpoints and promises: Ed25519 (RFC 8032).

use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use zeroize::Zeroizing;

pub const PUBLIC_KEY_LENGTH: usize = 32;
pub const SIGNATURE_LENGTH: usize = 64;

/// Signs, and does nothing else: what a checkpoint or a promise is, and when one may be signed, `tlog` knows.
pub struct LogKey {
    pair: Ed25519KeyPair,
    public: [u8; PUBLIC_KEY_LENGTH],
}

impl LogKey {
    pub(crate) fn from_seed(seed: Zeroizing<[u8; 32]>) -> LogKey {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice())
            .expect("every 32 bytes are a seed of Ed25519");
        let public = pair.public_key().as_ref().try_into();
        LogKey {
            public: public.expect("a public key of Ed25519 has 32 bytes"),
            pair,
        }
    }

    pub fn public(&self) -> &[u8; PUBLIC_KEY_LENGTH] {
        &self.public
    }

    /// The same signature each time for the same message.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        self.pair
            .sign(message)
            .as_ref()
            .try_into()
            .expect("a signature of Ed25519 has 64 bytes")
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LogKey([redacted])")
    }
}
