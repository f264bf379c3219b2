//! Whether a witness cosigns.

use thiserror::Error;

use super::answer::Status;
use super::request::{AddCheckpoint, RequestError};
use crate::checkpoint::SignedCheckpoint;
use crate::hash::TreeHead;
use crate::key::PublicKey;
use crate::note::NoteError;
use crate::proof::{ProofError, verify_consistency};

/// What a witness knows about a log.
#[derive(Clone, Debug)]
pub struct KnownLog {
    /// Those that may sign for this origin.
    pub keys: Vec<PublicKey>,
    /// The last head that was cosigned; that of an empty tree when there is none.
    pub last: TreeHead,
}

/// A checkpoint to be stored and cosigned, in one step with a last look at `grown_from`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub grown_from: TreeHead,
    pub checkpoint: SignedCheckpoint,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("the request cannot be read")]
    Malformed(#[from] RequestError),
    #[error("this witness does not follow the log {origin}")]
    UnknownLog { origin: String },
    #[error("no key of this log has signed the checkpoint")]
    Unsigned(#[source] Option<NoteError>),
    #[error(
        "the last checkpoint that was cosigned has {size} leaves, and growth is shown from another size"
    )]
    OtherSize { size: u64 },
    #[error("an empty tree has another root")]
    EmptyWithRoot,
    #[error("the checkpoint is not consistent with the one that was cosigned before")]
    Inconsistent(#[source] ProofError),
}

/// Decides about the body of an `add-checkpoint`; `find` looks up the log that has an origin.
pub fn judge(
    body: &[u8],
    find: impl FnOnce(&str) -> Option<KnownLog>,
) -> Result<Accepted, Refusal> {
    let request = AddCheckpoint::parse(body)?;
    let checkpoint = request.checkpoint.unverified();
    let log = find(checkpoint.origin()).ok_or_else(|| Refusal::UnknownLog {
        origin: checkpoint.origin().to_owned(),
    })?;
    check_signature(&request.checkpoint, &log.keys)?;
    if request.old != log.last.size {
        return Err(Refusal::OtherSize {
            size: log.last.size,
        });
    }
    let head = checkpoint.head;
    if head.size == 0 && head != TreeHead::of_nothing() {
        return Err(Refusal::EmptyWithRoot);
    }
    verify_consistency(log.last, head, &request.proof).map_err(Refusal::Inconsistent)?;
    Ok(Accepted {
        grown_from: log.last,
        checkpoint: request.checkpoint,
    })
}

/// One good signature is enough; a bad one of a trusted key is too much.
fn check_signature(checkpoint: &SignedCheckpoint, keys: &[PublicKey]) -> Result<(), Refusal> {
    let mut is_signed = false;
    for key in keys {
        match checkpoint.note().verify(key) {
            Ok(()) => is_signed = true,
            Err(NoteError::NotSigned { .. }) => {}
            Err(error) => return Err(Refusal::Unsigned(Some(error))),
        }
    }
    if is_signed {
        Ok(())
    } else {
        Err(Refusal::Unsigned(None))
    }
}

impl Refusal {
    pub fn status(&self) -> Status {
        match self {
            Self::Malformed(_) => Status::Malformed,
            Self::UnknownLog { .. } => Status::UnknownLog,
            Self::Unsigned(_) => Status::Unsigned,
            Self::OtherSize { .. } => Status::OtherSize,
            Self::EmptyWithRoot | Self::Inconsistent(_) => Status::Inconsistent,
        }
    }

    /// Whether the log signed what the request does not prove. It is worth keeping, and shows that the log misbehaved if the
    /// roots contradict each other; whoever holds a checkpoint can send it with a proof that does not hold.
    pub fn is_evidence(&self) -> bool {
        self.status() == Status::Inconsistent
    }

    /// The body of the answer, ended with a line feed: a size for the log to read, or a reason for its operator.
    pub fn body(&self) -> String {
        match self {
            Self::OtherSize { size } => format!("{size}\n"),
            Self::Malformed(_)
            | Self::UnknownLog { .. }
            | Self::Unsigned(_)
            | Self::EmptyWithRoot
            | Self::Inconsistent(_) => format!("{self}\n"),
        }
    }
}
