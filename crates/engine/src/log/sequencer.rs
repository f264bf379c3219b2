//! The sequencer: turns entries of the journal into leaves, behind the payments.
//!
//! It has no cursor: the size of the last signed tree says where it goes on. It may be killed between any two steps, and
//! any number of them may work at once; the lease under which it runs only saves work
//! (docs/adr/0018-entries-become-leaves-behind-the-payments-from-seeds-that-can-be-erased.md).

use std::sync::Arc;
use std::time::Duration;

use store::log::{Published, Standing};
use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::TreeHead;
use tlog::note::SignatureLine;
use tlog::plan::Tiles;
use tlog::signer::{NotProved, Proved, tiles_needed};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::log::failure::{LogError, StopCause};
use crate::log::seeds::Missing;
use crate::log::{Log, Ports};

/// Entries that one round takes at most.
pub const ROUND_ENTRIES_MAX: usize = 4_096;
/// How often the sequencer looks when it has caught up: a proof is there well within two seconds of its entry.
pub const INTERVAL: Duration = Duration::from_millis(250);
/// The pause after a failure.
const PAUSE: Duration = Duration::from_millis(500);

pub struct Sequencer {
    ports: Ports,
    log: Arc<Log>,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// Every entry is in the tree, which everybody can see.
    CaughtUp,
    /// The tree grew.
    Grew { from: u64, to: u64 },
    /// The last signed head was not shown yet.
    Published { size: u64 },
    /// Another sequencer was faster; nothing is lost.
    Overtaken,
}

impl Sequencer {
    pub fn new(ports: Ports, log: Arc<Log>) -> Sequencer {
        Sequencer { ports, log }
    }

    /// Works until it is stopped. A log that must not go on is left as it is, and the reason is logged once.
    pub async fn run(self, stop: CancellationToken) {
        let work = async {
            if let Err(cause) = self.follow().await {
                self.log.stop();
                tracing::error!(error = %cause, source = ?std::error::Error::source(&cause), origin = self.log.origin(), "the transparency log has stopped; payments go on");
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    async fn follow(&self) -> Result<(), StopCause> {
        loop {
            match self.round().await {
                Ok(Round::Grew { from, to }) => {
                    tracing::debug!(from, to, origin = self.log.origin(), "the log grew");
                    // A round that was full has more behind it.
                    if to - from < ROUND_ENTRIES_MAX as u64 {
                        sleep(INTERVAL).await;
                    }
                }
                Ok(Round::CaughtUp | Round::Overtaken | Round::Published { .. }) => {
                    sleep(INTERVAL).await;
                }
                Err(LogError::Failure(failure)) => {
                    tracing::warn!(error = %failure, source = ?std::error::Error::source(&failure), "the log waits for its storage");
                    sleep(PAUSE).await;
                }
                Err(LogError::Stopped(cause)) => return Err(cause),
            }
        }
    }

    /// One round, of which any part may be the last thing that this process does.
    pub async fn round(&self) -> Result<Round, LogError> {
        let state = self.ports.log.log_state(self.log.origin()).await?;
        if state.standing == Standing::Closed {
            return Err(StopCause::Restored.into());
        }
        let last = state.head;
        let shown = state.published.map_or(0, |published| published.size);
        if shown < last.size {
            // A sequencer ended between signing and showing. The same head makes the same checkpoint.
            self.publish(Proved::again(last)).await?;
            return Ok(Round::Published { size: last.size });
        }
        self.require_journal(last.size).await?;
        let mut edge = self.ports.edge_of(last).await?;
        let upto = last.size + ROUND_ENTRIES_MAX as u64;
        let leaves = self.ports.leaves(last.size, upto, Missing::Added).await?;
        if leaves.is_empty() {
            return Ok(Round::CaughtUp);
        }
        let growth = edge.append(leaves);
        let head = edge.head();
        let files = growth.tiles.into_iter().chain(growth.bundles);
        self.ports.store(files.collect()).await?;
        let Some(proved) = self.prove(last, head).await? else {
            return Ok(Round::Overtaken);
        };
        if !self.replace_head(proved).await? {
            return Ok(Round::Overtaken);
        }
        self.publish(proved).await?;
        Ok(Round::Grew {
            from: last.size,
            to: head.size,
        })
    }

    /// A log that is longer than its journal was signed over another one.
    async fn require_journal(&self, size: u64) -> Result<(), LogError> {
        let head = self.ports.store.head().await?;
        if head.0 < size {
            return Err(StopCause::JournalBehind { size, head }.into());
        }
        Ok(())
    }

    /// Proves the growth with tiles as they are stored; none if another sequencer has gone further and let some go.
    async fn prove(&self, last: TreeHead, head: TreeHead) -> Result<Option<Proved>, LogError> {
        let paths =
            tiles_needed(last, head).map_err(|error| StopCause::from(NotProved::from(error)))?;
        let paths: Vec<_> = paths.into_iter().collect();
        let mut tiles = Tiles::default();
        for file in self.ports.log.read_files(&paths).await? {
            let inserted = tiles.insert(file.path, &file.bytes);
            inserted.map_err(|error| StopCause::Files(error.into()))?;
        }
        match Proved::growth(last, head, &tiles) {
            Ok(proved) => Ok(Some(proved)),
            Err(NotProved::Tile(_)) if self.is_overtaken(last).await? => Ok(None),
            Err(error) => Err(StopCause::NotProved(error).into()),
        }
    }

    async fn is_overtaken(&self, last: TreeHead) -> Result<bool, LogError> {
        let state = self.ports.log.log_state(self.log.origin()).await?;
        Ok(state.head != last)
    }

    async fn replace_head(&self, proved: Proved) -> Result<bool, LogError> {
        let (last, head) = (proved.last(), proved.head());
        let origin = self.log.origin();
        Ok(self.ports.log.replace_head(origin, last, head).await?)
    }

    /// Signs a head that is stored as the last one, and shows it.
    async fn publish(&self, proved: Proved) -> Result<(), LogError> {
        let checkpoint = self.log.sign(proved);
        // Whoever asks witnesses does so here, with a deadline.
        self.show(checkpoint, Vec::new()).await
    }

    /// Shows a checkpoint with the cosignatures that it got.
    async fn show(
        &self,
        mut checkpoint: SignedCheckpoint,
        cosignatures: Vec<SignatureLine>,
    ) -> Result<(), LogError> {
        cosignatures
            .into_iter()
            .for_each(|line| checkpoint.add(line));
        let published = Published {
            size: checkpoint.unverified().head.size,
            checkpoint: Arc::from(checkpoint.to_string().into_bytes()),
        };
        let origin = self.log.origin();
        Ok(self.ports.log.publish(origin, published).await?)
    }
}
