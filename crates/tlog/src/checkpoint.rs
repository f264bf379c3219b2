//! Checkpoints (C2SP tlog-checkpoint): a signed note that says how large a log is, and its root.

use std::fmt;

use thiserror::Error;

use crate::hash::{TreeHash, TreeHead};
use crate::key::{PublicKey, SIGNATURE_BYTES};
use crate::note::{Note, NoteError, SignatureLine};
use crate::text;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the log; the log's key has the same name.
    origin: String,
    pub head: TreeHead,
}

/// A checkpoint that somebody signed. Who, `verify` finds out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    #[error("the checkpoint is not a signed note")]
    Note(#[from] NoteError),
    #[error(
        "a checkpoint has three lines: the log's origin, its size in digits, and its root in base64"
    )]
    Form,
    #[error("the checkpoint has lines behind its root; this log has no extensions")]
    Extended,
    #[error("the checkpoint is of the log {found} and not of {expected}")]
    OtherOrigin { expected: String, found: String },
}

impl Checkpoint {
    /// The text as it is signed: three lines, each ended.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::Form)?;
        let mut lines = lines.split('\n');
        let mut next = || lines.next().ok_or(CheckpointError::Form);
        let (origin, size, root) = (next()?, next()?, next()?);
        if lines.next().is_some() {
            return Err(CheckpointError::Extended);
        }
        let is_control = |character: char| character.is_control();
        if origin.is_empty() || origin.contains(is_control) {
            return Err(CheckpointError::Form);
        }
        Ok(Self {
            origin: origin.to_owned(),
            head: TreeHead {
                size: text::parse_decimal(size).ok_or(CheckpointError::Form)?,
                root: TreeHash::parse(root).map_err(|_| CheckpointError::Form)?,
            },
        })
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Has the log's own key sign the head of its tree. Whether it may, `signer` decides.
    pub(crate) fn sign<E>(
        head: TreeHead,
        key: &PublicKey,
        sign: impl FnOnce(&[u8]) -> Result<[u8; SIGNATURE_BYTES], E>,
    ) -> Result<SignedCheckpoint, E> {
        let checkpoint = Self {
            origin: key.name().to_string(),
            head,
        };
        let text = checkpoint.to_string();
        let line = SignatureLine::sign(key, &text, sign)?;
        let note = Note::new(text, line).expect("a key's name has no control character");
        Ok(SignedCheckpoint { checkpoint, note })
    }
}

impl SignedCheckpoint {
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        Ok(Self { checkpoint, note })
    }

    /// Checks origin and signature of the log with this key.
    pub fn verify(&self, log: &PublicKey) -> Result<&Checkpoint, CheckpointError> {
        if self.checkpoint.origin != log.name().as_str() {
            return Err(CheckpointError::OtherOrigin {
                expected: log.name().to_string(),
                found: self.checkpoint.origin.clone(),
            });
        }
        self.note.verify(log)?;
        Ok(&self.checkpoint)
    }

    /// What it says, whoever signed it.
    pub fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    pub fn note(&self) -> &Note {
        &self.note
    }

    pub fn add(&mut self, line: SignatureLine) {
        self.note.add(line);
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TreeHead { size, root } = self.head;
        writeln!(formatter, "{}\n{size}\n{root}", self.origin)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.note, formatter)
    }
}
