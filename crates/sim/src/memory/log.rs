//! Seeds, files and heads of the transparency log in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use ids::command::Sequence;
use store::failure::Failure;
use store::log::{LogState, LogStorage, Published, Standing, Stored};
use store::port::Answer;
use store::seeds::{Erasure, SeedRun, Seeds};
use tlog::edge::LogFile;
use tlog::hash::TreeHead;
use tlog::tile::TilePath;

use crate::memory::MemoryStore;

/// What a log has stored.
#[derive(Default)]
pub(super) struct LogTables {
    pub files: BTreeMap<TilePath, Vec<u8>>,
    pub logs: BTreeMap<String, LogState>,
}

impl LogTables {
    fn store(&mut self, files: &[LogFile]) -> Stored {
        for file in files {
            let there = self.files.get(&file.path);
            if there.is_some_and(|bytes| *bytes != file.bytes) {
                return Stored::Differs(file.path);
            }
        }
        for file in files {
            self.files.insert(file.path, file.bytes.clone());
            if !file.path.is_partial() {
                self.files
                    .retain(|path, _| !path.is_partial() || path.full() != file.path);
            }
        }
        Stored::All
    }

    fn replace_head(&mut self, origin: &str, last: TreeHead, head: TreeHead) -> bool {
        let state = self.logs.get(origin).cloned().unwrap_or(LogState::NEW);
        let replaced = state.head == last && state.standing == Standing::Open;
        if replaced {
            let state = LogState { head, ..state };
            self.logs.insert(origin.to_owned(), state);
        }
        replaced
    }

    fn note_standing(&mut self, origin: &str, last: TreeHead, standing: Standing) -> bool {
        let state = self.logs.get(origin).cloned().unwrap_or(LogState::NEW);
        let may_change = state.standing != Standing::Closed || standing == Standing::Closed;
        let noted = state.head == last && may_change;
        if noted {
            let state = LogState { standing, ..state };
            self.logs.insert(origin.to_owned(), state);
        }
        noted
    }

    fn publish(&mut self, origin: &str, published: Published) {
        if let Some(state) = self.logs.get_mut(origin) {
            let shown = state.published.as_ref().map_or(0, |shown| shown.size);
            if shown <= published.size && published.size <= state.head.size {
                state.published = Some(published);
            }
        }
    }
}

impl MemoryStore {
    /// Forgets the files of the log, as a restored backup does.
    pub fn lose_log_files(&self) {
        self.log.lock().files.clear();
    }

    /// Ends a log, as the restoring of a backup does.
    pub fn close_log(&self, origin: &str) {
        if let Some(state) = self.log.lock().logs.get_mut(origin) {
            state.standing = Standing::Closed;
        }
    }

    /// Stops a log, as a sequencer does that finds what contradicts it.
    pub fn stop_log(&self, origin: &str) {
        if let Some(state) = self.log.lock().logs.get_mut(origin) {
            state.standing = Standing::Stopped;
        }
    }

    /// Changes a file of the log behind everybody's back.
    ///
    /// # Panics
    ///
    /// If there is no such file.
    pub fn tamper_log_file(&self, path: TilePath) {
        let mut log = self.log.lock();
        let bytes = log.files.get_mut(&path).expect("the file is there");
        bytes[0] ^= 1;
    }

    /// Forgets the seeds of the entries that were committed with this one.
    pub fn lose_seeds(&self, first: Sequence) {
        self.tables.lock().seeds.remove(&first);
    }
}

impl Seeds for MemoryStore {
    fn seed_runs(
        &self,
        after: Sequence,
        upto: Sequence,
    ) -> Answer<'_, Result<Vec<SeedRun>, Failure>> {
        Box::pin(async move {
            let tables = self.tables.lock();
            let runs = tables.seeds.range(..=upto).map(|(_, run)| run);
            let wanted = runs.filter(|run| after < upto && after < run.last());
            Ok(wanted.cloned().collect())
        })
    }

    fn add_seeds(&self, run: SeedRun) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(async move {
            let seeds = &mut self.tables.lock().seeds;
            let before = seeds.range(..=run.last()).next_back();
            let is_free = before.is_none_or(|(_, before)| before.last() < run.first);
            if is_free {
                seeds.insert(run.first, run);
            }
            Ok(is_free)
        })
    }

    fn erase(&self, erasure: Arc<Erasure>) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(async move {
            let tables = &mut *self.tables.lock();
            let Some(run) = tables.seeds.get_mut(&erasure.before.first) else {
                return Ok(false);
            };
            if *run != erasure.before {
                return Ok(false);
            }
            run.sealed = Arc::clone(&erasure.after);
            let place = erasure.entry.sequence().0 - 1;
            let place = usize::try_from(place).expect("a journal in memory is short");
            tables.journal[place] = Arc::clone(&erasure.entry);
            Ok(true)
        })
    }
}

impl LogStorage for MemoryStore {
    fn read_files<'a>(
        &'a self,
        paths: &'a [TilePath],
    ) -> Answer<'a, Result<Vec<LogFile>, Failure>> {
        Box::pin(async move {
            let files = &self.log.lock().files;
            let found = paths.iter().filter_map(|path| {
                let bytes = files.get(path)?.clone();
                Some(LogFile { path: *path, bytes })
            });
            Ok(found.collect())
        })
    }

    fn store_files(&self, files: Arc<[LogFile]>) -> Answer<'_, Result<Stored, Failure>> {
        Box::pin(async move { Ok(self.log.lock().store(&files)) })
    }

    fn log_state<'a>(&'a self, origin: &'a str) -> Answer<'a, Result<LogState, Failure>> {
        Box::pin(async move {
            self.note_read();
            let state = self.log.lock().logs.get(origin).cloned();
            Ok(state.unwrap_or(LogState::NEW))
        })
    }

    fn replace_head<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        head: TreeHead,
    ) -> Answer<'a, Result<bool, Failure>> {
        Box::pin(async move { Ok(self.log.lock().replace_head(origin, last, head)) })
    }

    fn note_standing<'a>(
        &'a self,
        origin: &'a str,
        last: TreeHead,
        standing: Standing,
    ) -> Answer<'a, Result<bool, Failure>> {
        Box::pin(async move { Ok(self.log.lock().note_standing(origin, last, standing)) })
    }

    fn publish<'a>(
        &'a self,
        origin: &'a str,
        published: Published,
    ) -> Answer<'a, Result<(), Failure>> {
        Box::pin(async move {
            self.log.lock().publish(origin, published);
            Ok(())
        })
    }
}
