//! The witness in its directory: which logs it follows, what it answers them, and that it is alone.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use thiserror::Error;
use tlog::hash::TreeHead;
use tlog::key::{KeyKind, KeyName, PublicKey};
use tlog::note::SignatureLine;
use tlog::witness::{AddCheckpoint, Refusal, judge, monitoring_path};

use crate::durable;
use crate::evidence::{Contradiction, EvidenceKind, Kept};
use crate::followed::{Cosigned, FollowedLog, StateError, head_of};
use crate::key::{KeyFileError, WitnessKey};

const LOCK_FILE: &str = "lock";
const KEY_FILE: &str = "witness.key";
const LOGS_DIRECTORY: &str = "logs";

pub struct Witness {
    key: WitnessKey,
    /// By origin.
    logs: BTreeMap<String, FollowedLog>,
    /// Locked for as long as this lives; the system lets it go when the program ends, however it ends.
    _alone: File,
}

/// What makes a witness.
pub struct Setup {
    pub directory: PathBuf,
    pub key: KeyChoice,
    /// Several keys may be of one log.
    pub logs: Vec<PublicKey>,
}

pub enum KeyChoice {
    /// In the witness's directory; made there under this name if the directory is new.
    Own { name: Option<KeyName> },
    /// In a file that is there.
    File { path: PathBuf },
}

#[derive(Debug, Error)]
pub enum OpenError {
    #[error(
        "{path} cannot be made or read; check that its parent is there and that this account may write"
    )]
    Directory { path: PathBuf, source: io::Error },
    #[error("another witness works in {path}; stop it first, or choose another directory")]
    InUse { path: PathBuf },
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(
        "a new witness needs a name that nobody else has, such as --name witness.example.org/2026"
    )]
    NoName,
    #[error(
        "{path} has cosigned before, and its key is missing; put the key back, or start a new witness in an empty directory and under another name"
    )]
    KeyLost { path: PathBuf },
    #[error(
        "this witness is named {found} and not {wanted}; a key keeps its name, so leave the name out or use another directory"
    )]
    OtherName { wanted: KeyName, found: KeyName },
    #[error("`{key}` is the key of a witness; a log's is of kind 0x01")]
    NotALog { key: String },
    #[error("`{key}` is given twice")]
    Twice { key: String },
    #[error(transparent)]
    State(#[from] StateError),
}

/// Why there is no cosignature.
#[derive(Debug, Error)]
pub enum NotCosigned {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the checkpoint could not be stored, so it was not cosigned; ask again")]
    Failed(#[source] io::Error),
}

impl Witness {
    pub fn open(setup: Setup) -> Result<Self, OpenError> {
        let directory = &setup.directory;
        let alone = work_alone(directory)?;
        let key = open_key(directory, setup.key)?;
        let logs_directory = directory.join(LOGS_DIRECTORY);
        durable::create_directory(&logs_directory).map_err(|source| OpenError::Directory {
            path: logs_directory.clone(),
            source,
        })?;
        let mut logs = BTreeMap::new();
        for (origin, keys) in by_origin(setup.logs)? {
            let path = logs_directory.join(monitoring_path(&origin));
            let directory = path.parent().expect("a file lies in a directory");
            let log = FollowedLog::open(directory, &origin, keys, key.public())?;
            logs.insert(origin, log);
        }
        Ok(Self {
            key,
            logs,
            _alone: alone,
        })
    }

    pub fn public_key(&self) -> &PublicKey {
        self.key.public()
    }

    /// Answers the body of an `add-checkpoint`. What it cosigns is on stable storage when it returns.
    pub fn add_checkpoint(
        &self,
        body: &[u8],
        now: SystemTime,
    ) -> Result<SignatureLine, NotCosigned> {
        let mut held = None;
        let judged = judge(body, |origin| {
            let log = self.logs.get(origin)?;
            let last = log.last.lock();
            let known = log.known(last.as_ref());
            held = Some((log, last));
            Some(known)
        });
        let accepted = match (judged, &held) {
            (Ok(accepted), _) => accepted,
            (Err(refusal), None) => return Err(refusal.into()),
            (Err(refusal), Some((log, last))) => {
                keep_evidence(log, last.as_ref(), &refusal, body);
                return Err(refusal.into());
            }
        };
        let (log, mut last) = held.expect("a log was found, or nothing would be accepted");
        assert!(accepted.grown_from == head_of(last.as_ref()));
        let checkpoint = &accepted.checkpoint;
        let line = log
            .cosign(&mut last, checkpoint, &self.key, now)
            .map_err(NotCosigned::Failed)?;
        if let Err(error) = log.evidence.drop_unproved(checkpoint.unverified().head) {
            tracing::warn!(%error, "what was proved after all could not be dropped from the evidence");
        }
        Ok(line)
    }

    /// The last cosigned checkpoint of the log that has this path; none if there is no such log or it was never cosigned.
    pub fn checkpoint(&self, path: &str) -> Option<String> {
        let mut logs = self.logs.iter();
        let (_, log) = logs.find(|(origin, _)| monitoring_path(origin) == path)?;
        let last = log.last.lock();
        last.as_ref().map(|last| last.checkpoint.to_string())
    }
}

/// The public key of the witness in this directory; a new directory gets its key.
pub fn public_key(directory: &Path, choice: KeyChoice) -> Result<PublicKey, OpenError> {
    // A witness that is running need not stop for it.
    let own = directory.join(KEY_FILE);
    if matches!(choice, KeyChoice::Own { .. }) && !own.exists() {
        let _alone = work_alone(directory)?;
        return Ok(open_key(directory, choice)?.public().clone());
    }
    Ok(open_key(directory, choice)?.public().clone())
}

fn work_alone(directory: &Path) -> Result<File, OpenError> {
    let failed = |source| OpenError::Directory {
        path: directory.to_owned(),
        source,
    };
    durable::create_directory(directory).map_err(failed)?;
    let lock = File::create(directory.join(LOCK_FILE)).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: directory.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn open_key(directory: &Path, choice: KeyChoice) -> Result<WitnessKey, OpenError> {
    let wanted = match choice {
        KeyChoice::File { path } => return Ok(WitnessKey::open(&path)?),
        KeyChoice::Own { name } => name,
    };
    let path = directory.join(KEY_FILE);
    match (WitnessKey::open(&path), wanted) {
        (Err(KeyFileError::Missing { .. }), _) if has_cosigned(directory)? => {
            Err(OpenError::KeyLost {
                path: directory.to_owned(),
            })
        }
        (Err(KeyFileError::Missing { .. }), None) => Err(OpenError::NoName),
        (Err(KeyFileError::Missing { .. }), Some(name)) => Ok(WitnessKey::create(&path, name)?),
        (Ok(key), Some(wanted)) if wanted != *key.public().name() => Err(OpenError::OtherName {
            wanted,
            found: key.public().name().clone(),
        }),
        (opened, _) => Ok(opened?),
    }
}

fn has_cosigned(directory: &Path) -> Result<bool, OpenError> {
    let path = directory.join(LOGS_DIRECTORY);
    match fs::read_dir(&path) {
        Ok(mut logs) => Ok(logs.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(OpenError::Directory { path, source }),
    }
}

fn by_origin(keys: Vec<PublicKey>) -> Result<BTreeMap<String, Vec<PublicKey>>, OpenError> {
    let mut logs = BTreeMap::<_, Vec<PublicKey>>::new();
    for key in keys {
        if key.kind() != KeyKind::Note {
            return Err(OpenError::NotALog {
                key: key.to_string(),
            });
        }
        let of_log = logs.entry(key.name().to_string()).or_default();
        if of_log.contains(&key) {
            return Err(OpenError::Twice {
                key: key.to_string(),
            });
        }
        of_log.push(key);
    }
    Ok(logs)
}

/// Keeps what the log's key signed and what does not belong to what was cosigned. Whether that works does not change the
/// answer.
fn keep_evidence(log: &FollowedLog, last: Option<&Cosigned>, refusal: &Refusal, body: &[u8]) {
    // The signature was checked before sizes and proofs, so with these refusals it holds.
    let may_be_evidence = refusal.is_evidence() || matches!(refusal, Refusal::OtherSize { .. });
    let Ok(request) = AddCheckpoint::parse(body) else {
        return;
    };
    let checkpoint = request.checkpoint.unverified();
    let is_split_view = is_split_view(checkpoint.head, head_of(last));
    let kind = match (may_be_evidence, is_split_view, refusal.is_evidence()) {
        (true, true, _) => EvidenceKind::SplitView,
        (true, false, true) => EvidenceKind::Unproved,
        _ => return,
    };
    let origin = checkpoint.origin();
    let kept = log.evidence.keep(&Contradiction {
        kind,
        head: checkpoint.head,
        request: body,
        cosigned: last.map(|last| &last.checkpoint),
    });
    match kept {
        Ok(Kept::Now) => {
            tracing::warn!(%origin, ?kind, "a log signed what it cannot prove; the request is kept as evidence");
        }
        Ok(Kept::Before) => {}
        Ok(Kept::Not) => tracing::warn!(%origin, ?kind, "there is no room for more evidence"),
        Err(error) => tracing::error!(%origin, ?kind, %error, "evidence could not be kept"),
    }
}

/// Whether no history at all has both of these heads.
fn is_split_view(head: TreeHead, cosigned: TreeHead) -> bool {
    let nothing = TreeHead::of_nothing();
    [cosigned, nothing]
        .iter()
        .any(|other| other.size == head.size && other.root != head.root)
}
