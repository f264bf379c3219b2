//! Who signs: names, key ids and public keys (C2SP signed-note, "Verifier keys").

use std::fmt;

use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::text;

pub const SIGNATURE_BYTES: usize = 64;

/// What a key is for. One key has one kind, so a cosignature is never taken for a log's own signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Ed25519 over the text of a note: a log's.
    Note,
    /// Ed25519 over a checkpoint and a time (C2SP tlog-cosignature): a witness's.
    Cosignature,
}

/// Tells lines of different keys apart; says nothing about whether a signature holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 4]);

/// The name of a signer. A URL without its scheme is usual.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(String);

/// A public key with its name and kind. Its text is `name+id+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: KeyName,
    kind: KeyKind,
    key: VerifyingKey,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    #[error(
        "`{name}` names no signer: a name is not empty and has no space, no `+` and no control character"
    )]
    Name { name: String },
    #[error(
        "`{text}` is not a public key: it reads name+id+key, the id in eight lower-case hexadecimal digits, the key in base64"
    )]
    Form { text: String },
    #[error("`{text}` is a key of kind {kind:#04x}; kinds 0x01 and 0x04 are known, both Ed25519")]
    Kind { text: String, kind: u8 },
    #[error("`{text}` has the id of another key; a character may be mistyped")]
    OtherId { text: String },
    #[error("the key of `{name}` is no public key of Ed25519, or one that anybody can sign for")]
    Key { name: String },
}

impl KeyName {
    pub fn parse(name: &str) -> Result<Self, KeyError> {
        let is_bad = |character: char| {
            character == '+' || character.is_whitespace() || character.is_control()
        };
        if name.is_empty() || name.contains(is_bad) {
            return Err(KeyError::Name {
                name: name.to_owned(),
            });
        }
        Ok(Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl KeyKind {
    pub fn code(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Note, Self::Cosignature]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

impl PublicKey {
    pub fn new(name: KeyName, kind: KeyKind, key: &[u8; 32]) -> Result<Self, KeyError> {
        match VerifyingKey::from_bytes(key) {
            Ok(key) if !key.is_weak() => Ok(Self { name, kind, key }),
            Ok(_) | Err(_) => Err(KeyError::Key { name: name.0 }),
        }
    }

    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let form = || KeyError::Form {
            text: text.to_owned(),
        };
        // Base64 may hold a `+` of its own, so only the first two divide.
        let mut parts = text.splitn(3, '+');
        let name = KeyName::parse(parts.next().unwrap_or_default())?;
        let (id, key) = parts.next().zip(parts.next()).ok_or_else(form)?;
        let key = text::parse_base64(key).ok_or_else(form)?;
        let (kind, key) = key.split_first().ok_or_else(form)?;
        let kind = KeyKind::from_code(*kind).ok_or_else(|| KeyError::Kind {
            text: text.to_owned(),
            kind: *kind,
        })?;
        let key = Self::new(name, kind, key.try_into().map_err(|_| form())?)?;
        if id.len() != 8 || id.bytes().any(|byte| !byte.is_ascii_hexdigit()) {
            return Err(form());
        }
        if key.id().to_string() != id {
            return Err(KeyError::OtherId {
                text: text.to_owned(),
            });
        }
        Ok(key)
    }

    pub fn name(&self) -> &KeyName {
        &self.name
    }

    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    pub fn id(&self) -> KeyId {
        let digest = Sha256::new_with_prefix(self.name.as_str())
            .chain_update([b'\n', self.kind.code()])
            .chain_update(self.as_bytes())
            .finalize();
        KeyId([digest[0], digest[1], digest[2], digest[3]])
    }

    /// Strict: neither a key nor a signature of small order passes, and each signature has one spelling.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.kind.code()], self.as_bytes().as_slice()].concat();
        write!(
            formatter,
            "{}+{}+{}",
            self.name,
            self.id(),
            text::base64(&key)
        )
    }
}
