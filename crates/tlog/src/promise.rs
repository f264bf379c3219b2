//! Promises: what an answer says about its entry before the log's next checkpoint covers it.
//!
//! Entries that were committed together are promised together, by one signature: the log's key signs the root of the
//! small tree (RFC 6962, section 2.1) of their leaves, the *run*. The promise for one of them is the signed run and
//! the leaf's inclusion proof in it:
//!
//! ```text
//! scrip/promise/v2
//! index <the leaf's index in the log>
//! leaf <the leaf's hash>
//! <hash of the inclusion proof in the run, leaf side first> …
//!
//! scrip/promised-run/v1
//! <the log's public key>
//! <the index of the run's first leaf>
//! <how many leaves the run has>
//! <the root of the run's tree>
//! <the deadline, in seconds since 1970>
//!
//! — <the log's signature, as of any note>
//! ```
//!
//! The second line of the note is no number, so no reader can take it for a checkpoint. A log that has another leaf at
//! that index, or at the deadline still none, has broken its word, and the promise shows it.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

use crate::hash::{TreeHash, TreeHead};
use crate::key::{KeyError, PublicKey, SIGNATURE_BYTES};
use crate::note::{Note, NoteError, SignatureLine};
use crate::proof::verify_inclusion;
use crate::text;

mod run;

pub use run::Run;
use run::SmallTree;

const HEADER: &str = "scrip/promise/v2";
/// No run has more leaves than a tree of 2^16.
const PATH_HASHES_MAX: usize = 16;

/// The promise for one leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    pub index: u64,
    pub leaf: TreeHash,
    path: Vec<TreeHash>,
    signed: Arc<Signed>,
}

/// The run, and the note that signs it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signed {
    run: Run,
    note: String,
}

/// The promises for all leaves of a run.
#[derive(Clone, Debug)]
pub struct Promises {
    tree: SmallTree,
    signed: Arc<Signed>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PromiseError {
    #[error("the promise is not a note that the log signed")]
    Note(#[from] NoteError),
    #[error(
        "a promise begins with `{HEADER}`, an index, a leaf and at most {PATH_HASHES_MAX} hashes; behind an empty line comes \
         the signed run"
    )]
    Form,
    #[error("the promise names no log")]
    Key(#[from] KeyError),
    #[error("the promise is of the log {found} and not of {expected}")]
    OtherLog { expected: String, found: String },
    #[error("the leaf is none of the run that the log signed")]
    NotInRun,
}

impl Promises {
    /// Signs for leaves that stand in the log from `first` on.
    ///
    /// # Panics
    ///
    /// If there is no leaf: nothing is promised of nothing.
    pub fn sign<E>(
        log: PublicKey,
        first: u64,
        leaves: Vec<TreeHash>,
        deadline: u64,
        sign: impl FnOnce(&[u8]) -> Result<[u8; SIGNATURE_BYTES], E>,
    ) -> Result<Self, E> {
        assert!(!leaves.is_empty(), "a run has leaves");
        let count = leaves.len() as u64;
        let tree = SmallTree::of(leaves);
        let run = Run {
            log,
            first,
            count,
            root: tree.root(),
            deadline,
        };
        let text = run.to_string();
        let line = SignatureLine::sign(&run.log, &text, sign)?;
        let note = Note::new(text, line).expect("a key's name has no control character");
        let note = note.to_string();
        Ok(Self {
            tree,
            signed: Arc::new(Signed { run, note }),
        })
    }

    /// None if the run has no such leaf.
    pub fn at(&self, index: u64) -> Option<Promise> {
        let place = usize::try_from(index.checked_sub(self.signed.run.first)?).ok()?;
        Some(Promise {
            index,
            leaf: self.tree.leaf(place)?,
            path: self.tree.path(place),
            signed: Arc::clone(&self.signed),
        })
    }
}

impl Promise {
    /// Reads a promise that the log with this key signed.
    pub fn verify(bytes: &[u8], log: &PublicKey) -> Result<Self, PromiseError> {
        let (promise, note) = Self::parse(bytes)?;
        let run = promise.run();
        if run.log != *log {
            return Err(PromiseError::OtherLog {
                expected: log.to_string(),
                found: run.log.to_string(),
            });
        }
        note.verify(log)?;
        promise.require_in_run()?;
        Ok(promise)
    }

    /// Seconds since 1970.
    pub fn deadline(&self) -> u64 {
        self.signed.run.deadline
    }

    pub fn run(&self) -> &Run {
        &self.signed.run
    }

    fn parse(bytes: &[u8]) -> Result<(Self, Note), PromiseError> {
        let whole = std::str::from_utf8(bytes).map_err(|_| PromiseError::Form)?;
        let (top, note) = whole.split_once("\n\n").ok_or(PromiseError::Form)?;
        let lines: Vec<&str> = top.split('\n').collect();
        let [HEADER, index, leaf, path @ ..] = &lines[..] else {
            return Err(PromiseError::Form);
        };
        if PATH_HASHES_MAX < path.len() {
            return Err(PromiseError::Form);
        }
        let index = index.strip_prefix("index ").and_then(text::parse_decimal);
        let hash = |text: &str| TreeHash::parse(text).map_err(|_| PromiseError::Form);
        let leaf = leaf.strip_prefix("leaf ").ok_or(PromiseError::Form)?;
        let note = Note::parse(note.as_bytes())?;
        let path = path.iter().map(|line| hash(line));
        let promise = Self {
            index: index.ok_or(PromiseError::Form)?,
            leaf: hash(leaf)?,
            path: path.collect::<Result<_, _>>()?,
            signed: Arc::new(Signed {
                run: Run::parse(note.text())?,
                note: note.to_string(),
            }),
        };
        Ok((promise, note))
    }

    fn require_in_run(&self) -> Result<(), PromiseError> {
        let run = self.run();
        let place = self.index.checked_sub(run.first);
        let place = place.ok_or(PromiseError::NotInRun)?;
        let head = TreeHead {
            size: run.count,
            root: run.root,
        };
        verify_inclusion(self.leaf, place, head, &self.path).map_err(|_| PromiseError::NotInRun)
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, leaf, .. } = self;
        writeln!(formatter, "{HEADER}\nindex {index}\nleaf {leaf}")?;
        for hash in &self.path {
            writeln!(formatter, "{hash}")?;
        }
        write!(formatter, "\n{}", self.signed.note)
    }
}
