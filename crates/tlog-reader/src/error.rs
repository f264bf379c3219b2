//! Why a log could not be read, or is not believed.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use verifier::failure::Failure;

#[derive(Debug, Error)]
pub enum ReadError {
    #[error("{place} is neither a directory nor an address that begins with http:// or https://")]
    Place { place: String },
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
    #[error("{path} could not be fetched")]
    Fetch {
        path: String,
        #[source]
        why: FetchError,
    },
    #[error("{path} is missing there: is this the place of a log, and is all of it there?")]
    Missing { path: String },
    /// Something of the log does not hold.
    #[error("{path} was refused: {failure}")]
    Refused { path: String, failure: Failure },
    #[error(
        "{} does not hold, so nothing can be compared with it: {failure}",
        path.display()
    )]
    Kept { path: PathBuf, failure: Failure },
    #[error("{contradiction}; both checkpoints are kept as evidence: {} and {}", kept.display(), served.display())]
    Contradicted {
        contradiction: Contradiction,
        kept: PathBuf,
        served: PathBuf,
    },
    #[error("{} could not be read or written", path.display())]
    File {
        path: PathBuf,
        #[source]
        why: io::Error,
    },
    #[error("another mirror is being written to {}", directory.display())]
    Busy { directory: PathBuf },
}

/// How a log denies what it signed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Contradiction {
    #[error(
        "the log was rewritten at the same size: it signed two trees of {size} entries with different roots"
    )]
    SameSize { size: u64 },
    #[error(
        "the log was rewritten and extended: its first {old} of {new} entries are not those that it signed before"
    )]
    Extended { old: u64, new: u64 },
    #[error(
        "the log went back: it shows {new} entries and had signed {old}; this is an old copy, or the log was rewritten"
    )]
    Shorter { old: u64, new: u64 },
}

/// Why one file did not arrive.
#[derive(Debug, Error)]
pub enum FetchError {
    #[error("the server does not answer, or breaks off")]
    Connection(#[source] reqwest::Error),
    #[error("the server answers with status {status}")]
    Status { status: u16 },
    #[error("the server sends the reader on to {to}: give that address if you trust it")]
    Redirect { to: String },
    #[error("it has more than the {bytes_max} bytes that any such file has")]
    TooLong { bytes_max: usize },
    #[error("the server compresses it as `{encoding}`, which was not asked for")]
    Compressed { encoding: String },
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl FetchError {
    /// Whether the same request may do better a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Connection(_) => true,
            Self::Status { status } => *status == 429 || 500 <= *status,
            Self::Redirect { .. }
            | Self::TooLong { .. }
            | Self::Compressed { .. }
            | Self::Disk(_) => false,
        }
    }
}
