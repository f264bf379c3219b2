//! Copying the write-ahead log into the journal beside the commits.
//!
//! A thread with a connection of its own copies what has been written whenever it is enough. The log can
//! only begin anew when all of it is copied, which that thread never achieves under load: once the log is
//! long, the writer copies the small rest itself. So a commit seldom waits, and the log stays bounded.

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use store::failure::Failure;

use crate::directory;
use crate::journal::JOURNAL;
use crate::options::Options;

/// What the writer and the copying thread tell each other.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    state: Mutex<State>,
    wake: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Uncopied bytes at which the thread begins.
    checkpoint_bytes: u64,
    log_bytes_max: u64,
}

#[derive(Debug, Default)]
struct State {
    bytes_uncopied: u64,
    bytes_written: u64,
    finish: bool,
    stop: bool,
}

/// What a checkpoint answered, in pages.
#[derive(Clone, Copy, Debug)]
struct Progress {
    logged: i64,
    copied: i64,
}

impl Checkpoints {
    pub fn start(path: &Path, options: &Options) -> Result<Arc<Checkpoints>, Failure> {
        let checkpoints = Arc::new(Checkpoints {
            state: Mutex::new(State::default()),
            wake: Condvar::new(),
            thread: Mutex::new(None),
            checkpoint_bytes: options.checkpoint_bytes,
            log_bytes_max: options.log_bytes_max,
        });
        let connection = JOURNAL.open(path)?;
        let (shared, path) = (Arc::clone(&checkpoints), path.to_owned());
        let thread = thread::Builder::new()
            .name("journal-checkpoint".to_owned())
            .spawn(move || shared.run(&connection, &path))
            .map_err(|source| directory::failure(Path::new("journal-checkpoint"), source))?;
        *checkpoints.thread.lock() = Some(thread);
        Ok(checkpoints)
    }

    /// Counts what a commit wrote: its entries, and the page at the end of the table that it filled up.
    pub fn note_written(&self, bytes: u64) {
        let written = bytes + u64::from(JOURNAL.page_bytes);
        let mut state = self.state.lock();
        state.bytes_written += written;
        state.bytes_uncopied += written;
        if self.checkpoint_bytes <= state.bytes_uncopied {
            self.wake.notify_one();
        }
    }

    pub fn bytes_written(&self) -> u64 {
        self.state.lock().bytes_written
    }

    /// Copies the rest of the log if the thread has asked for it, or does not keep up.
    pub fn finish_if_asked(&self, writer: &Connection) {
        let asked = {
            let mut state = self.state.lock();
            let behind = self.log_bytes_max <= state.bytes_uncopied;
            if behind {
                state.bytes_uncopied = 0;
            }
            std::mem::take(&mut state.finish) || behind
        };
        if asked && let Err(error) = checkpoint(writer) {
            tracing::warn!(error = %error, "copying the journal's log failed; it is tried again later");
        }
    }

    pub fn stop(&self) {
        self.state.lock().stop = true;
        self.wake.notify_all();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's checkpoint thread panicked");
        }
    }

    fn run(&self, connection: &Connection, path: &Path) {
        while self.wait() {
            if let Err(error) = self.copy(connection) {
                tracing::warn!(place = %path.display(), error = %error, "copying the journal's log failed; it is tried again later");
            }
        }
    }

    /// Answers `false` when it is time to stop.
    fn wait(&self) -> bool {
        let mut state = self.state.lock();
        while !state.stop && state.bytes_uncopied < self.checkpoint_bytes {
            self.wake.wait(&mut state);
        }
        state.bytes_uncopied = 0;
        !state.stop
    }

    fn copy(&self, connection: &Connection) -> rusqlite::Result<()> {
        let progress = checkpoint(connection)?;
        let pages_max = self.log_bytes_max / u64::from(JOURNAL.page_bytes);
        if progress.logged.cast_unsigned() < pages_max {
            return Ok(());
        }
        // What was written during the first copying is copied here too, so that the writer finds little.
        let progress = checkpoint(connection)?;
        tracing::debug!(
            logged = progress.logged,
            copied = progress.copied,
            "the writer is asked to finish the copying of the journal's log"
        );
        self.state.lock().finish = true;
        Ok(())
    }
}

fn checkpoint(connection: &Connection) -> rusqlite::Result<Progress> {
    connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
        .query_row([], |row| {
            Ok(Progress {
                logged: row.get(1)?,
                copied: row.get(2)?,
            })
        })
}
