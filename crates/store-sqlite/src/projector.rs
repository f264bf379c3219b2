//! The thread that brings what was committed into the tables, in bulk.
//!
//! Each round takes all waiting commits and at most one slice of a running snapshot, and writes both in one
//! transaction. A slice is copied from memory *before* the commits are taken: so nothing that the tables
//! hold is ever newer than their cursor. A row leaves memory only after that transaction.

mod rows;
mod snapshot;

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use accounting::entry::Entry;
use ids::command::Sequence;
use ledger::balances::Balances;
use store::failure::Failure;

use crate::committed::Committed;
use crate::directory;
use crate::journal;
use crate::load::Shared;
use crate::projector::rows::Changes;
use crate::projector::snapshot::{Reach, Slice, Snapshot};
use crate::queue::{Stalled, Turn};
use crate::views::Meta;
use crate::views::write::{ViewsWriter, set_rows_cursor};

/// How long to wait before trying again what failed.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How long the slices of a snapshot are apart: what is committed meanwhile, a start has to replay, but each slice
/// takes the disk from the commits.
const SNAPSHOT_PAUSE: Duration = Duration::from_millis(20);
/// A clean end stores a snapshot if a start would replay more than this share of the usual distance.
const CLOSE_SHARE: u64 = 10;

pub(crate) struct Projector {
    shared: Arc<Shared>,
    writer: ViewsWriter,
    /// Taken from the queue and not yet in the tables.
    waiting: Vec<Committed>,
    /// As of the cursor of the rows.
    balances: Balances,
    cursor: Sequence,
    snapshot_cursor: Sequence,
    snapshot: Option<Snapshot>,
}

impl Projector {
    /// Starts the thread. `balances` stand as the tables have them.
    pub fn start(
        shared: Arc<Shared>,
        writer: ViewsWriter,
        meta: &Meta,
        balances: Balances,
    ) -> Result<JoinHandle<()>, Failure> {
        let projector = Projector {
            shared,
            writer,
            waiting: Vec::new(),
            balances,
            cursor: meta.rows,
            snapshot_cursor: meta.snapshot,
            snapshot: None,
        };
        thread::Builder::new()
            .name("projector".to_owned())
            .spawn(move || projector.run())
            .map_err(|source| directory::failure("projector".as_ref(), source))
    }

    fn run(mut self) {
        let mut pause = self.shared.options.projection_interval;
        loop {
            let turn = self.shared.queue.wait(pause);
            pause = match self.round() {
                Ok(()) if self.snapshot.is_some() => SNAPSHOT_PAUSE,
                Ok(()) => self.shared.options.projection_interval,
                Err(failure) => {
                    self.stall(&failure);
                    RETRY_AFTER
                }
            };
            if turn == Turn::Last {
                return self.finish();
            }
        }
    }

    /// Ends a snapshot under way, and stores another one where the next start would replay much.
    fn finish(&mut self) {
        let finished = self.finish_snapshot().and_then(|()| {
            let distance = self.cursor.0 - self.snapshot_cursor.0;
            if self.snapshot_distance() / CLOSE_SHARE < distance {
                self.begin_snapshot(Reach::Everything);
            }
            self.finish_snapshot()
        });
        if let Err(failure) = finished {
            tracing::warn!(error = %failure, "the last snapshot was not stored; the next start replays more of the journal");
        }
    }

    fn finish_snapshot(&mut self) -> Result<(), Failure> {
        while self.snapshot.is_some() {
            self.round()?;
        }
        Ok(())
    }

    fn round(&mut self) -> Result<(), Failure> {
        self.begin_snapshot_if_due();
        let slice = self
            .snapshot
            .as_mut()
            .map(|snapshot| snapshot.next_slice(&self.shared.memory));
        self.waiting.extend(self.shared.queue.take());
        if self.waiting.is_empty() && slice.is_none() {
            return Ok(());
        }
        let written = self.write(slice.as_ref());
        if let (Err(_), Some(slice)) = (&written, &slice) {
            slice.give_back(&self.shared.memory);
        }
        written?;
        if let Some(slice) = slice {
            self.end_slice(slice);
        }
        Ok(())
    }

    fn write(&mut self, slice: Option<&Slice>) -> Result<(), Failure> {
        let changes = Changes::of(&self.waiting, &self.balances);
        let last = last_entry(&self.waiting).cloned();
        let cursor = last.as_ref().map_or(self.cursor, |last| last.sequence());
        assert!(
            slice.is_none_or(|slice| slice.newest() <= cursor),
            "a snapshot runs ahead of the rows"
        );
        let seed = self.shared.memory.read().seed;
        self.writer.transaction(|tx| {
            changes.write(tx)?;
            if let Some(slice) = slice {
                slice.write(tx, seed)?;
            }
            if let Some(last) = &last {
                let digest = journal::digest(last.as_ref());
                set_rows_cursor(tx, last.sequence(), &digest)?;
            }
            Ok(())
        })?;
        self.cursor = cursor;
        changes.evict(&self.shared.memory);
        changes.post(&mut self.balances);
        let entries = self.waiting.iter().map(|commit| commit.entries.len()).sum();
        self.waiting.clear();
        self.shared.queue.done(entries);
        Ok(())
    }

    fn end_slice(&mut self, slice: Slice) {
        slice.settle(&self.shared.memory);
        match &slice {
            Slice::Closed(_) | Slice::Places { .. } | Slice::Chunks(_) => {
                if let Some(snapshot) = &mut self.snapshot {
                    snapshot.advance(&slice);
                }
            }
            Slice::EndOfKeys => self.end_snapshot(),
            Slice::End { target } => {
                self.snapshot_cursor = *target;
                self.end_snapshot();
                tracing::debug!(entry = target.0, "a snapshot is stored");
            }
        }
    }

    fn end_snapshot(&mut self) {
        self.shared.memory.write().flushing = None;
        self.snapshot = None;
    }

    fn begin_snapshot_if_due(&mut self) {
        if self.snapshot.is_some() {
            return;
        }
        let distance = self.snapshot_distance();
        let (entries, keys) = {
            let memory = self.shared.memory.read();
            (memory.head.0 - self.snapshot_cursor.0, memory.pending.len())
        };
        if distance <= entries {
            self.begin_snapshot(Reach::Everything);
        } else if self.shared.options.gathered_keys_max <= keys {
            self.begin_snapshot(Reach::Keys);
        }
    }

    fn begin_snapshot(&mut self, reach: Reach) {
        self.snapshot = Some(Snapshot::begin(reach, &self.shared.memory));
    }

    /// Entries between snapshots: many live vouchers take long to write, so they are written less often.
    fn snapshot_distance(&self) -> u64 {
        let live = self.shared.memory.read().vouchers.len() as u64;
        self.shared.options.snapshot_entries.max(live / 4)
    }

    fn stall(&self, failure: &Failure) {
        tracing::error!(error = %failure, source = ?std::error::Error::source(failure), "bringing the journal into the views failed; it is tried again");
        self.shared.queue.stall(match failure {
            Failure::Full { place } => Stalled::Full {
                place: place.clone(),
            },
            Failure::Io { place, .. }
            | Failure::Corrupt { place, .. }
            | Failure::Newer { place, .. }
            | Failure::InUse { place }
            | Failure::Unavailable { place, .. }
            | Failure::Unsuitable { place, .. }
            | Failure::NotServed { place, .. } => Stalled::Failed {
                place: place.clone(),
                why: failure.to_string(),
            },
            Failure::Closed => Stalled::Failed {
                place: directory::text(self.writer.path()),
                why: failure.to_string(),
            },
        });
    }
}

impl Drop for Projector {
    /// Commits must not wait for a thread that is no more.
    fn drop(&mut self) {
        if thread::panicking() {
            self.shared.queue.stall(Stalled::Failed {
                place: directory::text(self.writer.path()),
                why: "the thread that writes the views panicked; start this program again"
                    .to_owned(),
            });
        }
    }
}

fn last_entry(commits: &[Committed]) -> Option<&Arc<Entry>> {
    commits
        .iter()
        .rev()
        .find_map(|commit| commit.entries.last())
}
