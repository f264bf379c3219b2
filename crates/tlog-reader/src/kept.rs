//! The checkpoint that an earlier run found good, which the log must not contradict.

use std::path::{Path, PathBuf};

use verifier::checkpoint::{Checkpoint, Clock};

use crate::check::{CHECKPOINT_BYTES_MAX, Served, Terms};
use crate::durable;
use crate::error::ReadError;
use crate::source::{Source, read_file};

/// A file with a checkpoint, or the place for one.
pub struct Kept {
    path: PathBuf,
    seen: Option<Seen>,
}

struct Seen {
    checkpoint: Checkpoint,
    bytes: Vec<u8>,
}

impl Kept {
    /// A file that is not there yet keeps nothing. What it holds counts however old it is.
    pub async fn load(path: &Path, terms: &Terms<'_>) -> Result<Self, ReadError> {
        let bytes = read_file(path, CHECKPOINT_BYTES_MAX).await;
        let bytes = bytes.map_err(|why| ReadError::Fetch {
            path: path.display().to_string(),
            why,
        })?;
        let path = path.to_owned();
        let Some(bytes) = bytes else {
            return Ok(Self { path, seen: None });
        };
        let clock = Clock {
            age_seconds_max: None,
            ..terms.clock
        };
        match Checkpoint::verify(&bytes, terms.policy, clock) {
            Ok(checkpoint) => Ok(Self {
                path,
                seen: Some(Seen { checkpoint, bytes }),
            }),
            Err(failure) => Err(ReadError::Kept { path, failure }),
        }
    }

    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.seen.as_ref().map(|seen| &seen.checkpoint)
    }

    /// Checks that the log only grew since then. A log that did not leaves both checkpoints behind as evidence.
    pub async fn compare(&self, source: &Source, served: &Served) -> Result<(), ReadError> {
        let Some(seen) = &self.seen else {
            return Ok(());
        };
        let contradiction = match served.contradicts(source, &seen.checkpoint).await? {
            None => return Ok(()),
            Some(contradiction) => contradiction,
        };
        let kept = self.keep_evidence(&seen.checkpoint, &seen.bytes).await?;
        let served = self
            .keep_evidence(&served.checkpoint, &served.bytes)
            .await?;
        Err(ReadError::Contradicted {
            contradiction,
            kept,
            served,
        })
    }

    /// Keeps what was found good. Only for a log that was read to its end.
    pub async fn replace(&self, served: &Served) -> Result<(), ReadError> {
        durable::write(self.path.clone(), served.bytes.clone()).await
    }

    /// Beside the kept checkpoint, under a name that no other checkpoint has.
    async fn keep_evidence(&self, of: &Checkpoint, bytes: &[u8]) -> Result<PathBuf, ReadError> {
        let root: String = of.root.0[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let mut path = self.path.as_os_str().to_owned();
        path.push(format!(".evidence-{}-{root}", of.size));
        let path = PathBuf::from(path);
        durable::write(path.clone(), bytes.to_vec()).await?;
        Ok(path)
    }
}
