//! The checkpoint that an earlier run found good, which the log must not contradict.

use std::path::Path;

use verifier::checkpoint::{Checkpoint, Clock};

use crate::check::{CHECKPOINT_BYTES_MAX, Served, Terms};
use crate::error::ReadError;
use crate::source::Source;
use crate::spot::{Edition, Spot};

/// A file with a checkpoint, or the place for one.
pub struct Kept {
    spot: Spot,
    edition: Edition,
    seen: Option<Seen>,
}

struct Seen {
    checkpoint: Checkpoint,
    bytes: Vec<u8>,
}

impl Kept {
    /// A file that is not there yet keeps nothing. What it holds counts however old it is.
    pub async fn load(path: &Path, terms: &Terms<'_>) -> Result<Self, ReadError> {
        Self::load_from(Spot::File(path.to_owned()), terms).await
    }

    pub(crate) async fn load_from(spot: Spot, terms: &Terms<'_>) -> Result<Self, ReadError> {
        let found = spot.read_edition(CHECKPOINT_BYTES_MAX).await;
        let (bytes, edition) = found.map_err(|why| ReadError::Fetch {
            path: spot.to_string(),
            why,
        })?;
        let Some(bytes) = bytes else {
            let seen = None;
            return Ok(Self {
                spot,
                edition,
                seen,
            });
        };
        let clock = Clock {
            age_seconds_max: None,
            ..terms.clock
        };
        match Checkpoint::verify(&bytes, terms.policy, clock) {
            Ok(checkpoint) => Ok(Self {
                spot,
                edition,
                seen: Some(Seen { checkpoint, bytes }),
            }),
            Err(failure) => Err(ReadError::Kept { spot, failure }),
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
        if self
            .seen
            .as_ref()
            .is_some_and(|seen| seen.bytes == served.bytes)
        {
            return Ok(());
        }
        let bytes = served.bytes.clone();
        self.spot.replace(bytes, &self.edition).await
    }

    /// Beside the kept checkpoint, under a name that no other checkpoint has.
    async fn keep_evidence(&self, of: &Checkpoint, bytes: &[u8]) -> Result<Spot, ReadError> {
        let root: String = of.root.0[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let spot = self.spot.beside(&format!(".evidence-{}-{root}", of.size));
        spot.clone().write(bytes.to_vec()).await?;
        Ok(spot)
    }
}
