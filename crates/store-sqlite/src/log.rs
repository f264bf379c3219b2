//! The ports of the transparency log over a data directory.

use std::sync::Arc;

use ids::command::Sequence;
use store::failure::Failure;
use store::log::{LogState, LogStorage, Published, Standing, Stored};
use store::port::Answer;
use store::seeds::{Erasure, SeedRun, Seeds};
use tlog::edge::LogFile;
use tlog::hash::TreeHead;
use tlog::tile::TilePath;

use crate::journal::{logs, seeds};
use crate::store::SqliteStore;

impl Seeds for SqliteStore {
    fn seed_runs(
        &self,
        after: Sequence,
        upto: Sequence,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>> {
        Box::pin(async move {
            let journal = &self.shared.journal;
            journal.read(|connection| seeds::between(connection, after, upto))
        })
    }

    fn add_seeds(&self, run: SeedRun) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(async move {
            let mut writer = self.shared.journal.lock();
            writer.require_working()?;
            writer.change(|tx| {
                if seeds::overlaps(tx, &run)? {
                    return Ok(false);
                }
                seeds::insert(tx, &run)?;
                Ok(true)
            })
        })
    }

    fn erase(&self, erasure: Arc<Erasure>) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(async move { self.shared.journal.lock().erase(&erasure) })
    }
}

impl LogStorage for SqliteStore {
    fn read_files<'a>(
        &'a self,
        paths: &'a [TilePath],
    ) -> Answer<'a, Result<Vec<LogFile>, Failure>> {
        Box::pin(async move { self.log_files.read(paths) })
    }

    fn store_files(&self, files: Arc<[LogFile]>) -> Answer<'_, Result<Stored, Failure>> {
        Box::pin(async move { self.log_files.store(&files) })
    }

    fn log_state<'a>(&'a self, origin: &'a str) -> Answer<'a, Result<LogState, Failure>> {
        Box::pin(async move {
            let journal = &self.shared.journal;
            journal.read(|connection| logs::state(connection, origin))
        })
    }

    fn replace_head<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        head: TreeHead,
    ) -> Answer<'a, Result<bool, Failure>> {
        Box::pin(async move {
            let mut writer = self.shared.journal.lock();
            writer.require_working()?;
            writer.change(|tx| logs::replace_head(tx, origin, last, head))
        })
    }

    fn note_standing<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        standing: Standing,
    ) -> Answer<'a, Result<bool, Failure>> {
        Box::pin(async move {
            let mut writer = self.shared.journal.lock();
            writer.require_working()?;
            writer.change(|tx| logs::note_standing(tx, origin, last, standing))
        })
    }

    fn publish<'a>(
        &'a self,
        origin: &'a str,
        published: Published,
    ) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            let mut writer = self.shared.journal.lock();
            writer.require_working()?;
            writer.change(|tx| logs::publish(tx, origin, &published))
        })
    }
}
