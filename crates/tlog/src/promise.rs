//! Promises: what an answer says about its entry before the log's next checkpoint covers it.
//!
//! A promise is a note, signed by the log's own key:
//!
//! ```text
//! scrip/promise/v1
//! <the log's public key>
//! <the leaf's index>
//! <the leaf's hash>
//! <the deadline, in seconds since 1970>
//! ```
//!
//! The second line is no number, so no reader can take a promise for a checkpoint. A log that has another leaf at that
//! index, or at the deadline still none, has broken its word, and the promise shows it.

use std::fmt;

use thiserror::Error;

use crate::hash::TreeHash;
use crate::key::{KeyError, PublicKey, SIGNATURE_BYTES};
use crate::note::{Note, NoteError, SignatureLine};
use crate::text;

const HEADER: &str = "scrip/promise/v1";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    log: PublicKey,
    pub index: u64,
    pub leaf: TreeHash,
    /// Seconds since 1970.
    pub deadline: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PromiseError {
    #[error("the promise is not a note that the log signed")]
    Note(#[from] NoteError),
    #[error("a promise has five lines: `{HEADER}`, the log's key, an index, a hash and a deadline")]
    Form,
    #[error("the promise names no log")]
    Key(#[from] KeyError),
    #[error("the promise is of the log {found} and not of {expected}")]
    OtherLog { expected: String, found: String },
}

impl Promise {
    pub fn new(log: PublicKey, index: u64, leaf: TreeHash, deadline: u64) -> Self {
        Self {
            log,
            index,
            leaf,
            deadline,
        }
    }

    pub fn sign<E>(
        &self,
        sign: impl FnOnce(&[u8]) -> Result<[u8; SIGNATURE_BYTES], E>,
    ) -> Result<Note, E> {
        let text = self.to_string();
        let line = SignatureLine::sign(&self.log, &text, sign)?;
        Ok(Note::new(text, line).expect("a key's name has no control character"))
    }

    /// Reads a promise that the log with this key signed.
    pub fn verify(bytes: &[u8], log: &PublicKey) -> Result<Self, PromiseError> {
        let note = Note::parse(bytes)?;
        let promise = Self::parse(note.text())?;
        if promise.log != *log {
            return Err(PromiseError::OtherLog {
                expected: log.to_string(),
                found: promise.log.to_string(),
            });
        }
        note.verify(log)?;
        Ok(promise)
    }

    fn parse(text: &str) -> Result<Self, PromiseError> {
        let lines: Vec<&str> = text.split('\n').collect();
        let [HEADER, log, index, leaf, deadline, ""] = lines[..] else {
            return Err(PromiseError::Form);
        };
        Ok(Self {
            log: PublicKey::parse(log)?,
            index: text::parse_decimal(index).ok_or(PromiseError::Form)?,
            leaf: TreeHash::parse(leaf).map_err(|_| PromiseError::Form)?,
            deadline: text::parse_decimal(deadline).ok_or(PromiseError::Form)?,
        })
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            log,
            index,
            leaf,
            deadline,
        } = self;
        writeln!(formatter, "{HEADER}\n{log}\n{index}\n{leaf}\n{deadline}")
    }
}
