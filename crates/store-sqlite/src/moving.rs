//! Moving a data directory: what can be read of it while a server works on it, and its standing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use rusqlite::Connection;
use store::failure::Failure;
use store::log::NamedLog;
use store::moving::{Extent, MessageSpan, Movable, RunId, Source, Standing, Turn};
use store::outbox::{Delivery, MessageId};
use store::port::{Answer, Store};
use store::seeds::SeedRun;

use crate::database::{ReadError, Readers};
use crate::directory;
use crate::journal::{self, JOURNAL, logs, seeds};
use crate::outbox::moving::{deliveries, last_message, restore, settle};
use crate::outbox::{Durability, OUTBOX, cursor};
use crate::store::SqliteStore;

/// The journal and the outbox of a directory that another process may have open. What it shows is on stable storage:
/// SQLite shows a transaction to others only after its sync.
#[derive(Debug)]
pub struct RunningDirectory {
    path: PathBuf,
    journal: Readers,
    outbox: Readers,
}

impl RunningDirectory {
    /// Opens the files for reading. Nothing is created, and nothing is locked.
    pub fn open(path: &Path) -> Result<RunningDirectory, Failure> {
        let directory = RunningDirectory {
            path: path.to_owned(),
            journal: Readers::new(JOURNAL, directory::journal(path)),
            outbox: Readers::new(OUTBOX, directory::outbox(path)),
        };
        directory.journal.read(|_| Ok(()))?;
        directory.outbox.read(|_| Ok(()))?;
        Ok(directory)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn entries(&self, after: Sequence, count: usize) -> Result<Vec<Arc<Entry>>, Failure> {
        let last = Sequence(i64::MAX.cast_unsigned());
        self.journal
            .read(|connection| journal::entries_between(connection, after, last, count))
    }

    fn ends_at(&self) -> Result<Extent, Failure> {
        // The outbox first: it never knows of entries that the journal lacks.
        let (cursor, last_message) = self.outbox.read(outbox_ends_at)?;
        let head = self
            .journal
            .read(|connection| Ok(journal::head(connection)?))?;
        Ok(Extent {
            head,
            cursor,
            last_message,
        })
    }
}

fn outbox_ends_at(connection: &Connection) -> Result<(Sequence, MessageId), ReadError> {
    Ok((cursor(connection)?, last_message(connection)?))
}

impl Source for RunningDirectory {
    fn extent(&self) -> Answer<'_, Result<Extent, Failure>> {
        Box::pin(async move { self.ends_at() })
    }

    fn read_entries(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>> {
        Box::pin(async move { self.entries(after, count) })
    }

    fn read_deliveries(
        &self,
        after: MessageId,
        count: usize,
    ) -> Answer<'_, Result<Vec<Delivery>, Failure>> {
        Box::pin(async move {
            self.outbox
                .read(|connection| deliveries(connection, after, count))
        })
    }

    fn read_seed_runs(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>> {
        Box::pin(async move {
            self.journal
                .read(|connection| seeds::page(connection, after, count))
        })
    }

    fn read_logs(&self) -> Answer<'_, Result<Vec<NamedLog>, Failure>> {
        Box::pin(async move { self.journal.read(logs::all) })
    }

    fn standing(&self) -> Answer<'_, Result<Standing, Failure>> {
        Box::pin(async move { self.journal.read(journal::standing) })
    }
}

impl SqliteStore {
    /// Whether the directory may be served.
    pub fn noted_standing(&self) -> Result<Standing, Failure> {
        self.shared.journal.standing()
    }

    fn turn_of(&self, run: RunId) -> Result<Turn<'_>, Failure> {
        self.run.require(run, &directory::text(self.path()))
    }

    fn ends_at(&self) -> Result<Extent, Failure> {
        let (cursor, last_message) = self.outbox.read(outbox_ends_at)?;
        Ok(Extent {
            head: self.shared.journal.head(),
            cursor,
            last_message,
        })
    }
}

impl Source for SqliteStore {
    fn extent(&self) -> Answer<'_, Result<Extent, Failure>> {
        Box::pin(async move { self.ends_at() })
    }

    fn read_entries(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>> {
        self.entries_after(after, count)
    }

    fn read_deliveries(
        &self,
        after: MessageId,
        count: usize,
    ) -> Answer<'_, Result<Vec<Delivery>, Failure>> {
        Box::pin(async move {
            self.outbox
                .read(|connection| deliveries(connection, after, count))
        })
    }

    fn read_seed_runs(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>> {
        Box::pin(async move {
            let journal = &self.shared.journal;
            journal.read(|connection| seeds::page(connection, after, count))
        })
    }

    fn read_logs(&self) -> Answer<'_, Result<Vec<NamedLog>, Failure>> {
        Box::pin(async move { self.shared.journal.read(logs::all) })
    }

    fn standing(&self) -> Answer<'_, Result<Standing, Failure>> {
        Box::pin(async move { self.noted_standing() })
    }
}

impl Movable for SqliteStore {
    fn begin_run(&self, run: RunId) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.run.begin(run);
            Ok(())
        })
    }

    fn restore<'a>(
        &'a self,
        run: RunId,
        span: MessageSpan,
        deliveries: &'a [Delivery],
    ) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            let _turn = self.turn_of(run)?;
            // A run that goes on restores again what differs.
            self.outbox
                .write(Durability::Later, |tx| restore(tx, span, deliveries))
        })
    }

    fn settle(&self, run: RunId, cursor: Sequence) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            let _turn = self.turn_of(run)?;
            self.outbox.write(Durability::Now, |tx| settle(tx, cursor))
        })
    }

    fn restore_seeds<'a>(
        &'a self,
        run: RunId,
        runs: &'a [SeedRun],
    ) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            let _turn = self.turn_of(run)?;
            self.shared.journal.lock().change(|tx| {
                runs.iter()
                    .try_for_each(|run| seeds::insert_or_replace(tx, run))
            })
        })
    }

    fn restore_logs<'a>(
        &'a self,
        run: RunId,
        logs: &'a [NamedLog],
    ) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            let _turn = self.turn_of(run)?;
            let mut writer = self.shared.journal.lock();
            writer.change(|tx| logs.iter().try_for_each(|log| logs::restore(tx, log)))
        })
    }

    fn set_standing(
        &self,
        run: RunId,
        standing: Standing,
        only_at: Option<Extent>,
    ) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(async move {
            let _turn = self.turn_of(run)?;
            let mut writer = self.shared.journal.lock();
            if let Some(extent) = only_at
                && self.ends_at()? != extent
            {
                return Ok(false);
            }
            writer.set_standing(&standing)?;
            Ok(true)
        })
    }
}
