//! The key of the account that anchors checkpoints on a chain: ECDSA over secp256k1 (SEC 1, section 4.1; SEC 2, section 2.4.1).

use std::fmt;

use k256::ecdsa::SigningKey;
use zeroize::Zeroizing;

/// Signs, and does nothing else: what a transaction is, and when one may be sent, `anchors` knows.
pub struct SubmitterKey(SigningKey);

/// A signature from which the signer follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoverableSignature {
    pub r: [u8; 32],
    /// Not above half of the curve's order.
    pub s: [u8; 32],
    /// Of the point whose x is `r`.
    pub y_is_odd: bool,
}

impl SubmitterKey {
    /// The first of these bytes that are a key; all but one of 2^127 are.
    pub(crate) fn first_of(mut candidates: impl Iterator<Item = Zeroizing<[u8; 32]>>) -> Self {
        let key = candidates.find_map(|bytes| SigningKey::from_slice(bytes.as_slice()).ok());
        Self(key.expect("there are candidates without end"))
    }

    /// Both coordinates of the public point.
    pub fn public_point(&self) -> [u8; 64] {
        let point = self.0.verifying_key().to_sec1_point(false);
        let coordinates = point.as_bytes()[1..].try_into();
        coordinates.expect("an uncompressed point has 65 bytes")
    }

    /// The same signature each time for the same digest (RFC 6979).
    pub fn sign(&self, digest: &[u8; 32]) -> RecoverableSignature {
        let (signature, recovery) = self.0.sign_prehash_recoverable(digest);
        let (r, s) = signature.split_bytes();
        RecoverableSignature {
            r: r.into(),
            s: s.into(),
            y_is_odd: recovery.is_y_odd(),
        }
    }
}

impl fmt::Debug for SubmitterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SubmitterKey([redacted])")
    }
}
