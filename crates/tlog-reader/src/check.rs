//! Reads a whole log: signatures and quorum, then every file from the root down to every entry.

use futures_util::stream::{self, StreamExt};
use verifier::checkpoint::{Checkpoint, Clock};
use verifier::failure::Failure;
use verifier::policy::Policy;
use verifier::walk::{Files, LogFile, Walk};

use crate::error::ReadError;
use crate::kept::Kept;
use crate::source::Source;

pub const CHECKPOINT: &str = "checkpoint";
pub(crate) const CHECKPOINT_BYTES_MAX: usize = 64 * 1024;
/// Files that are on their way at once; the largest has four megabytes.
pub(crate) const FILES_AT_ONCE: usize = 8;

/// Whom to believe, and when it is.
pub struct Terms<'a> {
    pub policy: &'a Policy,
    pub clock: Clock,
}

/// A checkpoint whose signatures hold, with the bytes that it came in.
pub struct Served {
    pub checkpoint: Checkpoint,
    pub bytes: Vec<u8>,
}

/// Told again and again while a log is read: leaves that were found good, and how many there are.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, u64) + Send);

/// Checks everything, and keeps the checkpoint if a place for it is given.
pub async fn check(
    source: &Source,
    terms: &Terms<'_>,
    kept: Option<&Kept>,
    progress: Progress<'_>,
) -> Result<Served, ReadError> {
    let served = Served::fetch(source, terms).await?;
    if let Some(kept) = kept {
        kept.compare(source, &served).await?;
    }
    read_whole(source, &served, progress, async |_| Ok::<_, ReadError>(())).await?;
    if let Some(kept) = kept {
        kept.replace(&served).await?;
    }
    Ok(served)
}

/// Reads every file of a log, and hands the leaves over as they are found to belong to the checkpoint: in their order, at
/// most 256 at a time.
pub async fn read_whole<E: From<ReadError>>(
    source: &Source,
    served: &Served,
    progress: Progress<'_>,
    mut seen: impl AsyncFnMut(Vec<&[u8]>) -> Result<(), E>,
) -> Result<(), E> {
    let size = served.checkpoint.size;
    let mut walk = Walk::new(size, served.checkpoint.root);
    let fetch = async |file: LogFile| (file, source.read_log_file(file).await);
    let mut files = stream::iter(Files::of_size(size))
        .map(fetch)
        .buffered(FILES_AT_ONCE);
    while let Some((file, bytes)) = files.next().await {
        let bytes = bytes?;
        let taken = walk.take(&bytes);
        taken.map_err(|failure| refused(file, failure))?;
        if let Some(leaves) = file.entries(&bytes) {
            seen(leaves).await?;
        }
        progress(walk.leaves(), size);
    }
    walk.finish().map_err(|failure| served.refused(failure))?;
    Ok(())
}

impl Served {
    pub async fn fetch(source: &Source, terms: &Terms<'_>) -> Result<Self, ReadError> {
        let path = || CHECKPOINT.to_owned();
        let bytes = source.read(CHECKPOINT, CHECKPOINT_BYTES_MAX).await?;
        let bytes = bytes.ok_or_else(|| ReadError::Missing { path: path() })?;
        match Checkpoint::verify(&bytes, terms.policy, terms.clock) {
            Ok(checkpoint) => Ok(Self { checkpoint, bytes }),
            Err(failure) => Err(ReadError::Refused {
                path: path(),
                failure,
            }),
        }
    }

    pub(crate) fn refused(&self, failure: Failure) -> ReadError {
        ReadError::Refused {
            path: CHECKPOINT.to_owned(),
            failure,
        }
    }
}

pub(crate) fn refused(file: LogFile, failure: Failure) -> ReadError {
    ReadError::Refused {
        path: file.to_string(),
        failure,
    }
}
