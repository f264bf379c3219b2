//! Why a log could not be read, or is not believed.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use verifier::failure::Failure;

use crate::objects::failure::ObjectError;
use crate::spot::Spot;

#[derive(Debug, Error)]
pub enum ReadError {
    #[error("{place} is neither a directory nor an address that begins with http:// or https://")]
    Place { place: String },
    /// It may have credentials in it, and is not said again.
    #[error(
        "what follows s3:// names no place in an object store: write s3://BUCKET/PREFIX, with a bucket of 3 to 63 small letters, digits, dots and hyphens, and no credentials"
    )]
    Bucket,
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
    #[error("{spot} does not hold, so nothing can be compared with it: {failure}")]
    Kept { spot: Spot, failure: Failure },
    #[error("{contradiction}; both checkpoints are kept as evidence: {kept} and {served}")]
    Contradicted {
        contradiction: Contradiction,
        kept: Spot,
        served: Spot,
    },
    #[error("{} could not be read or written", path.display())]
    File {
        path: PathBuf,
        #[source]
        why: io::Error,
    },
    #[error("another mirror is being written to {}", directory.display())]
    Busy { directory: PathBuf },
    #[error("{place} could not be read or stored")]
    Store {
        place: String,
        #[source]
        why: ObjectError,
    },
    /// All that is stored belongs to the log, and the next run goes on from there.
    #[error(
        "another mirror wrote {spot} again and again while this one ran; what is there is whole, so let one of them do it, or run this again"
    )]
    Overtaken { spot: Spot },
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
    #[error(transparent)]
    Object(#[from] ObjectError),
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
            | Self::Disk(_)
            | Self::Object(_) => false,
        }
    }
}
