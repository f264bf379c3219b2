//! Public keys as a policy names them (C2SP signed-note, "Verifier keys").

use alloc::string::{String, ToString};
use core::fmt;

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::base64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Log,
    Witness,
}

#[derive(Clone, Debug)]
pub struct Key {
    pub name: String,
    pub kind: Kind,
    pub id: [u8; 4],
    public: VerifyingKey,
}

impl Kind {
    fn code(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Witness => 0x04,
        }
    }
}

impl Key {
    /// Reads `name+id+key`. The id has to be that of the key, so that a slip is noticed.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let bytes = base64::decode(key)?;
        let kinds = [Kind::Log, Kind::Witness];
        let kind = kinds
            .into_iter()
            .find(|kind| Some(&kind.code()) == bytes.first())?;
        let public = VerifyingKey::from_bytes(bytes[1..].try_into().ok()?).ok()?;
        let digest = Sha256::new_with_prefix(name)
            .chain_update(b"\n")
            .chain_update(&bytes);
        let digest: [u8; 32] = digest.finalize().into();
        let is_named = is_name(name) && id == spell(&digest[..4]) && !public.is_weak();
        is_named.then(|| Self {
            name: name.to_string(),
            kind,
            id: [digest[0], digest[1], digest[2], digest[3]],
            public,
        })
    }

    pub fn is_same_key(&self, other: &Self) -> bool {
        self.public == other.public
    }

    /// Strict: neither weak keys nor second spellings of a signature.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.public.verify_strict(message, &signature).is_ok())
    }
}

/// As a policy spells it.
impl fmt::Display for Key {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.code()], self.public.as_bytes().as_slice()].concat();
        write!(
            to,
            "{}+{}+{}",
            self.name,
            spell(&self.id),
            base64::encode(&key)
        )
    }
}

/// Not empty, and without spaces, plus signs and control characters.
pub fn is_name(name: &str) -> bool {
    let is_foreign =
        |character: char| character == '+' || character.is_whitespace() || character.is_control();
    !name.is_empty() && !name.contains(is_foreign)
}

/// Hexadecimal digits in lower case.
pub fn spell(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from_digit(u32::from(digit), 16).expect("a digit is below 16"))
        .collect()
}
