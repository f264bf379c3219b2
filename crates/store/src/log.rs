//! Storage for the transparency log: its files, the last head that it signed, and the checkpoint that it shows.

use std::sync::Arc;

use tlog::edge::LogFile;
use tlog::hash::{TreeHash, TreeHead};
use tlog::tile::TilePath;

use crate::failure::Failure;
use crate::port::Answer;

/// What a log has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogState {
    /// The last head that it signed or is about to; of nothing where there is none.
    pub head: TreeHead,
    /// What it shows everybody, a signed checkpoint; none before the first.
    pub published: Option<Published>,
    pub standing: Standing,
}

impl LogState {
    /// As a log begins.
    pub const NEW: LogState = LogState {
        head: TreeHead {
            size: 0,
            root: TreeHash::OF_NOTHING,
        },
        published: None,
        standing: Standing::Open,
    };
}

/// Whether a log goes on here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// Its sequencer found something that contradicts it. Nothing is signed or promised until one finds all of it sound again.
    Stopped,
    /// This is a restored backup. What was signed behind it is not known, so nothing more is: its head stays as it is.
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub size: u64,
    pub checkpoint: Arc<[u8]>,
}

/// A log and its state, as a move carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedLog {
    pub origin: String,
    pub state: LogState,
}

/// What became of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stored {
    All,
    /// Another file is stored under this path: nothing was stored. Somebody has written a tree that is not this one.
    Differs(TilePath),
}

/// Files are the same for every log over one journal, because leaves are; heads and checkpoints are a log's own.
///
/// The row of a log's head is all that has to be trusted. Files follow from the journal and its seeds, and can be made
/// again.
pub trait LogStorage: Send + Sync + 'static {
    /// The files with these paths; what is not stored is left out.
    fn read_files<'a>(&'a self, paths: &'a [TilePath])
    -> Answer<'a, Result<Vec<LogFile>, Failure>>;

    /// Stores files that are not there, all of them or none. One that is there must have the same bytes. A full tile or
    /// bundle lets its partial ones go. Durable when this answers.
    fn store_files(&self, files: Arc<[LogFile]>) -> Answer<'_, Result<Stored, Failure>>;

    fn log_state<'a>(&'a self, origin: &'a str) -> Answer<'a, Result<LogState, Failure>>;

    /// Replaces the log's head if it is `last` and the log is open; answers whether it did. Durable when this answers; after a failure it may
    /// or may not be replaced.
    fn replace_head<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        head: TreeHead,
    ) -> Answer<'a, Result<bool, Failure>>;

    /// Takes note of whether the log goes on, if its head is `last`; answers whether it did. A closed log stays closed. Durable
    /// when this answers; after a failure it may or may not be noted.
    fn note_standing<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        standing: Standing,
    ) -> Answer<'a, Result<bool, Failure>>;

    /// Shows a checkpoint, unless a larger one is shown already. The log's head is at least as large.
    fn publish<'a>(
        &'a self,
        origin: &'a str,
        published: Published,
    ) -> Answer<'a, Result<(), Failure>>;
}
