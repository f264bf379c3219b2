//! What a witness answers to `add-checkpoint`.

use thiserror::Error;

use crate::note::{NOTE_BYTES_MAX, NoteError, SignatureLine, parse_lines};
use crate::text;

/// The media type of the body that tells a log the size to prove growth from.
pub const CONFLICT_TYPE: &str = "text/x.tlog.size";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Cosigned,
    Malformed,
    /// No signature of a key that the witness trusts for this log.
    Unsigned,
    UnknownLog,
    /// The old size is not that of the last checkpoint that was cosigned.
    OtherSize,
    /// The checkpoint does not grow from the one before.
    Inconsistent,
}

/// An answer, as the log that asked reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nobody has looked yet at whose these are and whether they hold.
    Cosigned(Vec<SignatureLine>),
    /// The witness last cosigned this size: prove growth from there, and ask again.
    OtherSize {
        size: u64,
    },
    Refused(Status),
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AnswerError {
    #[error("status {code} is none that a witness answers with")]
    Status { code: u16 },
    #[error("the body has {found} bytes, and {NOTE_BYTES_MAX} are the most")]
    TooLong { found: usize },
    #[error("the body is no line of digits that says a size")]
    Size,
    #[error("the body is not lines of signatures")]
    Lines(#[from] NoteError),
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Cosigned,
        Self::Malformed,
        Self::Unsigned,
        Self::UnknownLog,
        Self::OtherSize,
        Self::Inconsistent,
    ];

    pub fn code(self) -> u16 {
        match self {
            Self::Cosigned => 200,
            Self::Malformed => 400,
            Self::Unsigned => 403,
            Self::UnknownLog => 404,
            Self::OtherSize => 409,
            Self::Inconsistent => 422,
        }
    }

    fn of_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

impl Answer {
    pub fn parse(code: u16, body: &[u8]) -> Result<Self, AnswerError> {
        let status = Status::of_code(code).ok_or(AnswerError::Status { code })?;
        if NOTE_BYTES_MAX < body.len() {
            return Err(AnswerError::TooLong { found: body.len() });
        }
        match status {
            Status::Cosigned => {
                let lines = str::from_utf8(body).map_err(|_| NoteError::NotText)?;
                Ok(Self::Cosigned(parse_lines(lines)?))
            }
            Status::OtherSize => {
                let size = str::from_utf8(body).ok().and_then(parse_size);
                Ok(Self::OtherSize {
                    size: size.ok_or(AnswerError::Size)?,
                })
            }
            Status::Malformed | Status::Unsigned | Status::UnknownLog | Status::Inconsistent => {
                Ok(Self::Refused(status))
            }
        }
    }
}

fn parse_size(body: &str) -> Option<u64> {
    text::parse_decimal(body.strip_suffix('\n')?)
}
