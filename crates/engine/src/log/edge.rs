//! The right edge of the log, from its stored files, or made again where they are gone.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use leaves::leaf::leaves;
use leaves::secret::Secret;
use store::log::Stored;
use tlog::bundle::LogEntry;
use tlog::edge::{LogFile, RightEdge};
use tlog::hash::TreeHead;
use tlog::tile::TilePath;

use crate::log::Ports;
use crate::log::failure::{LogError, StopCause};
use crate::log::seeds::Missing;
use crate::log::sequencer::ROUND_ENTRIES_MAX;

impl Ports {
    /// The edge of the tree with this head.
    pub(super) async fn edge_of(&self, head: TreeHead) -> Result<RightEdge, LogError> {
        let paths = TilePath::partials(head.size);
        let files = self.files(&paths).await?;
        if files.len() < paths.len() {
            return self.made_again(head).await;
        }
        RightEdge::restore(head, &files).map_err(|error| StopCause::Files(error).into())
    }

    /// Makes all files up to this head once more, from the journal and its seeds: they are the same. Nothing is signed.
    async fn made_again(&self, head: TreeHead) -> Result<RightEdge, LogError> {
        tracing::warn!(
            size = head.size,
            "files of the transparency log are missing; all of them are made again from the journal"
        );
        let mut edge = RightEdge::of_nothing();
        while edge.head().size < head.size {
            let size = edge.head().size;
            let upto = head.size.min(size + ROUND_ENTRIES_MAX as u64);
            let entries = self.leaves(size, upto, Missing::Lost).await?;
            if entries.is_empty() {
                break;
            }
            let growth = edge.append(entries);
            let is_last = edge.head().size == head.size;
            let files = growth.tiles.into_iter().chain(growth.bundles);
            let files = files.filter(|file| is_last || !file.path.is_partial());
            self.store(files.collect()).await?;
        }
        if edge.head() == head {
            Ok(edge)
        } else {
            Err(StopCause::OtherTree { size: head.size }.into())
        }
    }

    /// The leaves from `size` to before `upto`, as far as the journal has their entries.
    pub(super) async fn leaves(
        &self,
        size: u64,
        upto: u64,
        missing: Missing,
    ) -> Result<Vec<LogEntry>, LogError> {
        let after = Sequence(size);
        let count = usize::try_from(upto - size).expect("a round is short");
        let entries = self.store.entries_after(after, count).await?;
        let Some(last) = entries.last() else {
            return Ok(Vec::new());
        };
        let secrets = self.secrets(after, last.sequence(), missing).await?;
        assert_eq!(
            entries.len(),
            secrets.len(),
            "each entry has one seed, and entries have no gap"
        );
        Ok(leaves_of(&entries, &secrets))
    }

    pub(super) async fn store(&self, files: Vec<LogFile>) -> Result<(), LogError> {
        match self.log.store_files(files.into()).await? {
            Stored::All => Ok(()),
            Stored::Differs(path) => Err(StopCause::OtherFile { path }.into()),
        }
    }
}

/// The leaves of entries, each with its secret.
pub(super) fn leaves_of(entries: &[Arc<Entry>], secrets: &[Secret]) -> Vec<LogEntry> {
    leaves(entries.iter().map(Arc::as_ref).zip(secrets))
}
