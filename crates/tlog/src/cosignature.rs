//! Cosignatures with Ed25519 (C2SP tlog-cosignature, version 1): a witness says that at a time a checkpoint was the
//! largest consistent one that it had seen of its log.

use thiserror::Error;

use crate::checkpoint::SignedCheckpoint;
use crate::key::{KeyKind, PublicKey, SIGNATURE_BYTES};
use crate::note::{NoteError, SignatureLine};

const TIME_BYTES: usize = 8;

/// Seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CosignedAt(u64);

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CosignatureError {
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("the cosignature of {key} has {found} bytes and not 72")]
    Length { key: String, found: usize },
    #[error("the cosignature of {key} does not say when")]
    NoTime { key: String },
    #[error("the cosignature of {key} has a time beyond 2^63")]
    Time { key: String },
}

impl CosignedAt {
    /// Nothing when it does not fit the signed number that other readers take it for.
    pub fn new(seconds: u64) -> Option<Self> {
        i64::try_from(seconds).is_ok().then_some(Self(seconds))
    }

    pub fn seconds(self) -> u64 {
        self.0
    }
}

/// Has a witness's key sign the text of a checkpoint.
pub fn cosign<E>(
    text: &str,
    key: &PublicKey,
    at: CosignedAt,
    sign: impl FnOnce(&[u8]) -> Result<[u8; SIGNATURE_BYTES], E>,
) -> Result<SignatureLine, E> {
    assert!(key.kind() == KeyKind::Cosignature, "a log does not cosign");
    let signature = sign(message(text, at).as_bytes())?;
    let stamped = [at.0.to_be_bytes().as_slice(), &signature].concat();
    Ok(SignatureLine::new(key, stamped))
}

impl SignedCheckpoint {
    /// Takes over the cosignature of the witness with this key from what it answered, if there is exactly one and it
    /// holds. Other lines are left out.
    pub fn take_cosignature(
        &mut self,
        answered: &[SignatureLine],
        key: &PublicKey,
    ) -> Result<CosignedAt, CosignatureError> {
        let mut cosigned = self.clone();
        let lines = answered.iter().filter(|line| line.is_of(key));
        lines.for_each(|line| cosigned.add(line.clone()));
        let none = || NoteError::NotSigned {
            key: key.to_string(),
        };
        let at = cosigned.cosigned_by(key)?.ok_or_else(none)?;
        if at.seconds() == 0 {
            return Err(CosignatureError::NoTime {
                key: key.to_string(),
            });
        }
        *self = cosigned;
        Ok(at)
    }

    /// When the witness with this key cosigned, or nothing if it did not. A cosignature that does not hold is an error.
    pub fn cosigned_by(&self, key: &PublicKey) -> Result<Option<CosignedAt>, CosignatureError> {
        let name = key.to_string();
        if key.kind() != KeyKind::Cosignature {
            return Err(NoteError::OtherKind { key: name }.into());
        }
        let Some(line) = self.note().line_of(key)? else {
            return Ok(None);
        };
        let stamped = line.signature();
        if stamped.len() != TIME_BYTES + SIGNATURE_BYTES {
            return Err(CosignatureError::Length {
                key: name,
                found: stamped.len(),
            });
        }
        let (seconds, signature) = stamped
            .split_first_chunk::<TIME_BYTES>()
            .expect("the length was checked");
        let at = CosignedAt::new(u64::from_be_bytes(*seconds))
            .ok_or(CosignatureError::Time { key: name.clone() })?;
        if !key.has_signed(message(self.note().text(), at).as_bytes(), signature) {
            return Err(NoteError::WrongSignature { key: name }.into());
        }
        Ok(Some(at))
    }
}

fn message(text: &str, at: CosignedAt) -> String {
    let seconds = at.0;
    format!("cosignature/v1\ntime {seconds}\n{text}")
}
