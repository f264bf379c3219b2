//! The master key and the keys that are derived from it, one type for each purpose.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{hkdf, hmac};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::random;

/// Bytes of a [`MasterKey`].
pub(crate) const MASTER_KEY_LENGTH: usize = 32;

/// Bytes that sealing adds: the nonce in front and the tag behind.
pub(crate) const NONCE_LENGTH: usize = 12;
pub(crate) const TAG_LENGTH: usize = 16;

const SALT: &[u8] = b"scrip/vault/1";

/// The one secret of an installation. All it can do is derive.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct MasterKey {
    bytes: [u8; MASTER_KEY_LENGTH],
}

/// Computes HMAC-SHA256 tags for one purpose.
pub(crate) struct MacKey {
    key: hmac::Key,
}

/// Seals and opens fields for one purpose with AES-256-GCM-SIV (RFC 8452).
///
/// Nonces are random. Where one repeats, GCM-SIV gives away no more than that two plaintexts were equal; plain GCM
/// would give away its authentication key.
pub(crate) struct SealingKey {
    key: RandomizedNonceKey,
}

/// The sealed bytes are not what this key sealed with this associated data.
pub(crate) struct NotAuthentic;

impl MasterKey {
    pub(crate) fn generate() -> MasterKey {
        let mut key = MasterKey {
            bytes: [0; MASTER_KEY_LENGTH],
        };
        random::fill(&mut key.bytes);
        key
    }

    pub(crate) fn from_bytes(bytes: [u8; MASTER_KEY_LENGTH]) -> MasterKey {
        MasterKey { bytes }
    }

    pub(crate) fn expose(&self) -> &[u8; MASTER_KEY_LENGTH] {
        &self.bytes
    }

    /// A key for `purpose` alone: HKDF-SHA256 (RFC 5869) with the purpose as `info`.
    pub(crate) fn mac_key(&self, purpose: &str) -> MacKey {
        let secret = self.extract();
        let purpose = [purpose.as_bytes()];
        MacKey {
            key: hmac::Key::from(expand(&secret, &purpose, hmac::HMAC_SHA256)),
        }
    }

    /// As [`MasterKey::mac_key`], for sealing.
    pub(crate) fn sealing_key(&self, purpose: &str) -> SealingKey {
        let secret = self.extract();
        let purpose = [purpose.as_bytes()];
        let mut bytes = Zeroizing::new([0; 32]);
        expand(&secret, &purpose, hkdf::HKDF_SHA256)
            .fill(bytes.as_mut_slice())
            .expect("the output has the length of one hash");
        let key = RandomizedNonceKey::new(&AES_256_GCM_SIV, bytes.as_slice());
        SealingKey {
            key: key.expect("AES-256 takes 32 bytes"),
        }
    }

    fn extract(&self) -> hkdf::Prk {
        hkdf::Salt::new(hkdf::HKDF_SHA256, SALT).extract(&self.bytes)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey([redacted])")
    }
}

impl MacKey {
    pub(crate) fn tag(&self, message: &[u8]) -> [u8; 32] {
        hmac::sign(&self.key, message)
            .as_ref()
            .try_into()
            .expect("a SHA-256 tag has 32 bytes")
    }

    /// The first half of the tag: 128 bits, as RFC 2104 section 5 allows.
    pub(crate) fn short_tag(&self, message: &[u8]) -> [u8; 16] {
        let tag = self.tag(message);
        tag[..16]
            .try_into()
            .expect("a tag of 32 bytes has a first half")
    }
}

impl SealingKey {
    /// Appends nonce, ciphertext and tag to `sealed`.
    pub(crate) fn seal_onto(
        &self,
        mut sealed: Vec<u8>,
        associated_data: &[u8],
        plaintext: &[u8],
    ) -> Vec<u8> {
        let nonce_start = sealed.len();
        let ciphertext_start = nonce_start + NONCE_LENGTH;
        // One allocation of the final size: growing would leave unwiped plaintext behind.
        sealed.reserve_exact(NONCE_LENGTH + plaintext.len() + TAG_LENGTH);
        sealed.extend_from_slice(&[0; NONCE_LENGTH]);
        sealed.extend_from_slice(plaintext);
        let (nonce, tag) = self
            .key
            .seal_in_place_separate_tag(Aad::from(associated_data), &mut sealed[ciphertext_start..])
            .expect("a field is far below the 64 GiB that AES-GCM-SIV takes");
        sealed[nonce_start..ciphertext_start].copy_from_slice(nonce.as_ref());
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    pub(crate) fn open(
        &self,
        nonce: [u8; NONCE_LENGTH],
        associated_data: &[u8],
        ciphertext_and_tag: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NotAuthentic> {
        let mut opened = Zeroizing::new(ciphertext_and_tag.to_vec());
        let length = self
            .key
            .open_in_place(Nonce::from(&nonce), Aad::from(associated_data), &mut opened)
            .map_err(|_| NotAuthentic)?
            .len();
        opened.truncate(length);
        Ok(opened)
    }
}

fn expand<'secret, L: hkdf::KeyType>(
    secret: &'secret hkdf::Prk,
    purpose: &'secret [&[u8]],
    length: L,
) -> hkdf::Okm<'secret, L> {
    secret
        .expand(purpose, length)
        .expect("one hash length is within the limit of HKDF")
}
