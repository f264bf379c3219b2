//! One log as the witness knows it. The last cosigned checkpoint, as it is shown to everybody, is the whole state: one
//! file, replaced in one step.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use thiserror::Error;
use tlog::checkpoint::{CheckpointError, SignedCheckpoint};
use tlog::cosignature::{CosignatureError, CosignedAt};
use tlog::hash::TreeHead;
use tlog::key::PublicKey;
use tlog::note::{Note, SignatureLine};
use tlog::witness::KnownLog;

use crate::durable;
use crate::evidence::Evidence;
use crate::key::WitnessKey;

const CHECKPOINT_FILE: &str = "checkpoint";
const EVIDENCE_DIRECTORY: &str = "evidence";

pub struct FollowedLog {
    pub keys: Vec<PublicKey>,
    pub evidence: Evidence,
    file: PathBuf,
    /// Held from before the last cosigned size is compared until the next one is on stable storage.
    pub last: Mutex<Option<Cosigned>>,
}

/// A checkpoint with signatures of the log's keys, and last the witness's own.
#[derive(Clone, Debug)]
pub struct Cosigned {
    pub checkpoint: SignedCheckpoint,
    pub at: CosignedAt,
    pub line: SignatureLine,
}

#[derive(Debug, Error)]
pub enum StateError {
    #[error(
        "{path} cannot be read or written; check that this account may, and that there is room"
    )]
    File { path: PathBuf, source: io::Error },
    #[error(
        "{path} is damaged, so it is not known what was cosigned; start a new witness, in an empty directory and under another name"
    )]
    Damaged {
        path: PathBuf,
        source: CheckpointError,
    },
    #[error(
        "{path} is of another log; start a new witness, in an empty directory and under another name"
    )]
    OtherLog { path: PathBuf },
    #[error(
        "{path} was not cosigned with the key {key}, so it is damaged or of another witness; put the right key back"
    )]
    OtherWitness {
        path: PathBuf,
        key: String,
        source: Option<CosignatureError>,
    },
}

impl FollowedLog {
    /// What was cosigned for `origin` is read back and believed only under the witness's own signature.
    pub fn open(
        directory: &Path,
        origin: &str,
        keys: Vec<PublicKey>,
        witness: &PublicKey,
    ) -> Result<Self, StateError> {
        let failed = |source| StateError::File {
            path: directory.to_owned(),
            source,
        };
        durable::create_directory(directory).map_err(failed)?;
        let evidence = Evidence::open(directory.join(EVIDENCE_DIRECTORY)).map_err(failed)?;
        let file = directory.join(CHECKPOINT_FILE);
        let last = read(&file, origin, witness)?;
        Ok(Self {
            keys,
            evidence,
            file,
            last: Mutex::new(last),
        })
    }

    pub fn known(&self, last: Option<&Cosigned>) -> KnownLog {
        KnownLog {
            keys: self.keys.clone(),
            last: head_of(last),
        }
    }

    /// Cosigns and stores in the place of `last`, which changes only when the new one is on stable storage.
    pub fn cosign(
        &self,
        last: &mut Option<Cosigned>,
        checkpoint: &SignedCheckpoint,
        key: &WitnessKey,
        now: SystemTime,
    ) -> io::Result<SignatureLine> {
        let at = time_of_cosignature(now, last.as_ref());
        // Asking for the same again costs a write only once a second.
        let again = last.as_ref().filter(|last| {
            last.at == at && last.checkpoint.unverified() == checkpoint.unverified()
        });
        if let Some(again) = again {
            return Ok(again.line.clone());
        }
        let line = key.cosign(checkpoint.note().text(), at);
        let next = Cosigned {
            checkpoint: self.with_line(checkpoint, &line),
            at,
            line: line.clone(),
        };
        durable::replace(&self.file, next.checkpoint.to_string().as_bytes())?;
        *last = Some(next);
        Ok(line)
    }

    /// The log's own signatures, which were checked, and this cosignature; nothing that somebody else put there.
    fn with_line(&self, checkpoint: &SignedCheckpoint, line: &SignatureLine) -> SignedCheckpoint {
        let note = checkpoint.note();
        let is_of_log =
            |candidate: &&SignatureLine| self.keys.iter().any(|key| candidate.is_of(key));
        let mut lines = note.lines().iter().filter(is_of_log).chain([line]).cloned();
        let first = lines.next().expect("the cosignature is one");
        let mut kept = Note::new(note.text().to_owned(), first).expect("the text was one before");
        lines.for_each(|line| kept.add(line));
        SignedCheckpoint::parse(kept.to_string().as_bytes()).expect("it was a checkpoint before")
    }
}

pub fn head_of(last: Option<&Cosigned>) -> TreeHead {
    last.map_or_else(TreeHead::of_nothing, |last| {
        last.checkpoint.unverified().head
    })
}

/// The clock's time, but never zero and never before the last one.
fn time_of_cosignature(now: SystemTime, last: Option<&Cosigned>) -> CosignedAt {
    let seconds = now
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let seconds = seconds.clamp(1, i64::MAX.unsigned_abs());
    let at = CosignedAt::new(seconds).expect("it was cut to what fits");
    last.map_or(at, |last| at.max(last.at))
}

fn read(path: &Path, origin: &str, witness: &PublicKey) -> Result<Option<Cosigned>, StateError> {
    let path = path.to_owned();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StateError::File { path, source }),
    };
    let checkpoint = match SignedCheckpoint::parse(&bytes) {
        Ok(checkpoint) => checkpoint,
        Err(source) => return Err(StateError::Damaged { path, source }),
    };
    if checkpoint.unverified().origin() != origin {
        return Err(StateError::OtherLog { path });
    }
    let other = |source| StateError::OtherWitness {
        path: path.clone(),
        key: witness.to_string(),
        source,
    };
    let at = checkpoint
        .cosigned_by(witness)
        .map_err(|error| other(Some(error)))?
        .ok_or_else(|| other(None))?;
    let mut lines = checkpoint.note().lines().iter();
    let line = lines.find(|line| line.is_of(witness));
    let line = line.expect("its signature was checked").clone();
    Ok(Some(Cosigned {
        checkpoint,
        at,
        line,
    }))
}
