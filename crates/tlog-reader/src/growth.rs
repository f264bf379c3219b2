//! Whether a log begins with what it was before.

use verifier::checkpoint::Checkpoint;
use verifier::failure::{ConsistencyFailure, Failure, SignatureFailure};
use verifier::walk::Walk;

use crate::check::{Served, refused};
use crate::error::{Contradiction, ReadError};
use crate::source::Source;

impl Served {
    /// How the log denies an older head of it, whoever vouches for that one; nothing if it only grew since. Reads a few tiles.
    pub async fn contradicts(
        &self,
        source: &Source,
        old: &Checkpoint,
    ) -> Result<Option<Contradiction>, ReadError> {
        let new = &self.checkpoint;
        if old.origin != new.origin {
            let failure = SignatureFailure::OtherLog {
                expected: old.origin.clone(),
                found: new.origin.clone(),
            };
            return Err(self.refused(Failure::LogSignature(failure)));
        }
        if new.size < old.size {
            let (old, new) = (old.size, new.size);
            return Ok(Some(Contradiction::Shorter { old, new }));
        }
        if new.size == old.size {
            let size = new.size;
            return Ok((new.root != old.root).then_some(Contradiction::SameSize { size }));
        }
        let mut walk = Walk::from_older(old, new);
        while let Some(file) = walk.next_file() {
            let bytes = source.read_log_file(file).await?;
            walk.take(&bytes)
                .map_err(|failure| refused(file, failure))?;
        }
        match walk.finish() {
            Ok(()) => Ok(None),
            Err(Failure::Consistency(ConsistencyFailure::OtherBeginning { old, new })) => {
                Ok(Some(Contradiction::Extended { old, new }))
            }
            Err(failure) => Err(self.refused(failure)),
        }
    }
}
