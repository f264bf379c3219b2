//! `journal.db`: every entry, in order; beside them the seeds of leaves and the heads of logs.

pub(crate) mod checkpoint;
pub(crate) mod logs;
mod recent;
pub(crate) mod seeds;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use accounting::entry::Entry;
use ids::command::Sequence;
use parking_lot::{Mutex, MutexGuard};
use rusqlite::{Connection, OptionalExtension};
use store::codec::{self, wire::Record};
use store::failure::Failure;
use store::moving::{MOVED_AWAY, Standing};
use store::seeds::{Erasure, SeedRun};

use crate::database::{self, Kind, ReadError, Readers, corrupt};
use crate::directory;
use crate::journal::checkpoint::Checkpoints;
use crate::journal::recent::Recent;
use crate::number::{sequence, stored};
use crate::options::Options;

pub(crate) const JOURNAL: Kind = Kind {
    application_id: 0x5363_724a,
    format: 1,
    page_bytes: 8192,
    schema: "
        CREATE TABLE journal (sequence INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
        -- The identity ties the other files of a directory to this journal.
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO meta VALUES ('identity', randomblob(16));
    ",
};

/// The journal: one writer, many readers.
#[derive(Debug)]
pub(crate) struct Journal {
    writer: Mutex<Writer>,
    readers: Readers,
    identity: [u8; 16],
    /// The last entry whose rows can be read as well.
    head: AtomicU64,
    recent: Arc<Recent>,
    checkpoints: Arc<Checkpoints>,
}

/// The one who appends. Whoever holds it is alone between reading rows and changing them.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Connection,
    path: Box<Path>,
    state: State,
    last: Sequence,
    record: Vec<u8>,
    /// How long each record of the last insert was.
    lengths: Vec<usize>,
    recent: Arc<Recent>,
    checkpoints: Arc<Checkpoints>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Working,
    /// A sync failed: nobody knows what is on the disk before it is read again by a new process.
    SyncFailed,
    /// The data has gone on elsewhere.
    Moved,
    Closed,
}

impl State {
    fn under(standing: &Standing) -> State {
        match standing {
            Standing::Serving { .. } | Standing::Receiving { .. } => State::Working,
            Standing::Moved { .. } => State::Moved,
        }
    }
}

/// A sync of the journal failed.
#[derive(Debug, thiserror::Error)]
#[error(
    "a sync of the journal failed, so it is not known what the disk holds; \
     nothing more is accepted until this program is started again"
)]
struct SyncFailed;

impl Journal {
    pub fn open(directory: &Path, options: &Options) -> Result<Journal, Failure> {
        let path = directory::journal(directory);
        let connection = JOURNAL.open(&path)?;
        let added = connection.execute_batch(&[seeds::TABLE, logs::TABLE].concat());
        added.map_err(|error| database::failure(&path, error))?;
        let (identity, last) = examine(&connection, options).map_err(|error| error.at(&path))?;
        let state = State::under(&standing(&connection).map_err(|error| error.at(&path))?);
        let readers = Readers::new(JOURNAL, path.clone());
        if last != Sequence(0) {
            let newest = read_at(&readers, &[last])?;
            if newest.is_empty() {
                return Err(corrupt(&path, "its last entry cannot be read"));
            }
        }
        let checkpoints = Checkpoints::start(&path, options)?;
        let recent = Arc::new(Recent::default());
        Ok(Journal {
            writer: Mutex::new(Writer {
                connection,
                path: path.into_boxed_path(),
                state,
                last,
                record: Vec::new(),
                lengths: Vec::new(),
                recent: Arc::clone(&recent),
                checkpoints: Arc::clone(&checkpoints),
            }),
            readers,
            identity,
            head: AtomicU64::new(last.0),
            recent,
            checkpoints,
        })
    }

    pub fn identity(&self) -> [u8; 16] {
        self.identity
    }

    pub fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock()
    }

    pub fn head(&self) -> Sequence {
        Sequence(self.head.load(Ordering::Acquire))
    }

    /// Shows readers the entries up to here.
    pub fn publish(&self, head: Sequence) {
        self.head.store(head.0, Ordering::Release);
    }

    pub fn entries_after(&self, after: Sequence, count: usize) -> Result<Vec<Arc<Entry>>, Failure> {
        let head = self.head();
        if head <= after {
            return Ok(Vec::new());
        }
        if let Some(entries) = self.recent.after(after, head, count) {
            return Ok(entries);
        }
        self.readers
            .read(|connection| entries_between(connection, after, head, count))
    }

    pub fn entries_at(&self, sequences: &[Sequence]) -> Result<Vec<Entry>, Failure> {
        read_at(&self.readers, sequences)
    }

    /// A digest of an entry as this version writes it, whichever wrote it, by which the views recognise the journal that they follow.
    pub fn digest_at(&self, sequence: Sequence) -> Result<Option<Vec<u8>>, Failure> {
        let entries = self.entries_at(&[sequence])?;
        let entry = entries.first();
        Ok(entry.map(|entry| digest(&codec::encode(entry))))
    }

    pub fn read<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, Failure> {
        self.readers.read(ask)
    }

    pub fn log_bytes_written(&self) -> u64 {
        self.checkpoints.bytes_written()
    }

    pub fn standing(&self) -> Result<Standing, Failure> {
        self.readers.read(standing)
    }

    /// Waits for a commit under way and refuses those that come.
    pub fn refuse_commits(&self) {
        let mut writer = self.writer.lock();
        match writer.state {
            State::Working | State::Moved => writer.state = State::Closed,
            State::SyncFailed | State::Closed => {}
        }
    }

    /// Ends the thread and closes every connection; the last one empties the write-ahead log.
    pub fn close(&self) {
        self.checkpoints.stop();
        self.readers.close();
        self.writer.lock().close();
    }
}

impl Drop for Journal {
    /// A journal whose opening did not lead to a store must not leave its thread behind.
    fn drop(&mut self) {
        self.close();
    }
}

pub(crate) fn digest(entry: &[u8]) -> Vec<u8> {
    crate::hash::Seed(0).bytes(entry).to_le_bytes().to_vec()
}

impl Writer {
    /// The last entry of the journal.
    pub fn last(&self) -> Sequence {
        self.last
    }

    pub fn require_working(&self) -> Result<(), Failure> {
        match self.state {
            State::Working => Ok(()),
            State::SyncFailed => Err(self.sync_failed()),
            State::Moved => Err(Failure::NotServed {
                place: directory::text(&self.path),
                why: MOVED_AWAY,
            }),
            State::Closed => Err(Failure::Closed),
        }
    }

    /// Makes the entries durable, all of them with their seeds or none.
    pub fn append(
        &mut self,
        entries: &[Arc<Entry>],
        seeds: Option<&SeedRun>,
    ) -> Result<(), Failure> {
        self.require_working()?;
        self.checkpoints.finish_if_asked(&self.connection);
        let Some(last) = entries.last().map(|entry| entry.sequence()) else {
            return Ok(());
        };
        match self.insert(entries, seeds) {
            Ok(bytes) => {
                self.last = last;
                self.recent.push(entries, &self.lengths);
                self.checkpoints.note_written(bytes);
                Ok(())
            }
            Err(error) => self.resolve(error, entries, last),
        }
    }

    fn sync_failed(&self) -> Failure {
        Failure::Io {
            place: directory::text(&self.path),
            source: Box::new(SyncFailed),
        }
    }

    /// Notes the standing, durably.
    pub fn set_standing(&mut self, standing: &Standing) -> Result<(), Failure> {
        if self.state != State::Moved {
            self.require_working()?;
        }
        let sql = "INSERT OR REPLACE INTO meta VALUES ('standing', ?1)";
        let noted = self
            .connection
            .execute(sql, [standing.to_string().into_bytes()]);
        noted.map_err(|error| database::failure(&self.path, error))?;
        self.state = State::under(standing);
        Ok(())
    }

    /// Changes something beside the entries, durably; also of data that has moved, so that a move can close its logs.
    pub fn change<T>(
        &mut self,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        if self.state != State::Moved {
            self.require_working()?;
        }
        let run = || -> rusqlite::Result<T> {
            let tx = self.connection.transaction()?;
            let answer = change(&tx)?;
            tx.commit()?;
            Ok(answer)
        };
        match run() {
            Ok(answer) => {
                self.checkpoints.note_written(0);
                Ok(answer)
            }
            Err(error) if is_failed_sync(&error) => {
                self.state = State::SyncFailed;
                Err(self.sync_failed())
            }
            Err(error) => Err(database::failure(&self.path, error)),
        }
    }

    /// Puts an entry that says less in the place of another, durably.
    pub fn erase(&mut self, erasure: &Erasure) -> Result<bool, Failure> {
        self.require_working()?;
        let entry = &erasure.entry;
        let record = codec::encode(&**entry);
        let erased = self.change(|tx| {
            if !seeds::replace(tx, &erasure.before, &erasure.after)? {
                return Ok(false);
            }
            let sql = "UPDATE journal SET entry = ?1 WHERE sequence = ?2";
            let row = (record.as_slice(), stored(entry.sequence().0));
            match tx.prepare_cached(sql)?.execute(row)? {
                1 => Ok(true),
                _ => Err(rusqlite::Error::QueryReturnedNoRows),
            }
        })?;
        if erased {
            self.recent.replace(entry);
        }
        Ok(erased)
    }

    fn insert(&mut self, entries: &[Arc<Entry>], seeds: Option<&SeedRun>) -> rusqlite::Result<u64> {
        self.lengths.clear();
        self.connection
            .prepare_cached("BEGIN IMMEDIATE")?
            .execute([])?;
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO journal (sequence, entry) VALUES (?1, ?2)")?;
        for entry in entries {
            self.record.clear();
            self.record.push(codec::FORMAT);
            entry.write(&mut self.record);
            insert.execute((stored(entry.sequence().0), self.record.as_slice()))?;
            self.lengths.push(self.record.len());
        }
        drop(insert);
        if let Some(run) = seeds {
            seeds::insert(&self.connection, run)?;
        }
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        let seeds = seeds.map_or(0, |run| run.sealed.len());
        Ok((self.lengths.iter().sum::<usize>() + seeds) as u64)
    }

    /// What became of a transaction that answered with an error is looked up, never guessed.
    fn resolve(
        &mut self,
        error: rusqlite::Error,
        entries: &[Arc<Entry>],
        last: Sequence,
    ) -> Result<(), Failure> {
        if is_failed_sync(&error) {
            self.state = State::SyncFailed;
            return self.require_working();
        }
        if !self.connection.is_autocommit()
            && let Err(rollback) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(error = %rollback, "rolling back in the journal failed");
            self.state = State::SyncFailed;
            return self.require_working();
        }
        let stored = head(&self.connection);
        match stored {
            Ok(head) if head == last => {
                self.last = last;
                self.recent.push(entries, &self.lengths);
                Ok(())
            }
            Ok(head) if head == self.last => Err(database::failure(&self.path, error)),
            Ok(_) | Err(_) => {
                self.state = State::SyncFailed;
                self.require_working()
            }
        }
    }

    fn close(&mut self) {
        self.state = State::Closed;
        self.connection.flush_prepared_statement_cache();
        if let Ok(empty) = Connection::open_in_memory() {
            self.connection = empty;
        }
    }
}

fn is_failed_sync(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    code == Some(rusqlite::ffi::SQLITE_IOERR_FSYNC)
        || code == Some(rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC)
}

fn examine(connection: &Connection, options: &Options) -> Result<([u8; 16], Sequence), ReadError> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // What is erased leaves no bytes behind in the file.
    connection.pragma_update(None, "secure_delete", true)?;
    if let Some(bytes_max) = options.journal_bytes_max {
        let pages_max = (bytes_max / u64::from(JOURNAL.page_bytes)).max(1);
        connection.pragma_update_and_check(
            None,
            "max_page_count",
            stored(pages_max),
            |_| Ok(()),
        )?;
    }
    let identity = connection.query_row(
        "SELECT value FROM meta WHERE name = 'identity'",
        [],
        |row| row.get(0),
    )?;
    let first: Option<i64> =
        connection.query_row("SELECT min(sequence) FROM journal", [], |row| row.get(0))?;
    if first.is_some_and(|first| first != 1) {
        return Err(ReadError::Damaged("its first entry is missing"));
    }
    Ok((identity, head(connection)?))
}

pub(crate) fn standing(connection: &Connection) -> Result<Standing, ReadError> {
    let sql = "SELECT value FROM meta WHERE name = 'standing'";
    let stored: Option<Vec<u8>> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    let Some(stored) = stored else {
        return Ok(Standing::UNMOVED);
    };
    String::from_utf8(stored)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(ReadError::Damaged("what is noted about a move is damaged"))
}

/// The entries behind `after` and up to `head`, at most `count`.
pub(crate) fn entries_between(
    connection: &Connection,
    after: Sequence,
    head: Sequence,
    count: usize,
) -> Result<Vec<Arc<Entry>>, ReadError> {
    let mut statement = connection.prepare_cached(
        "SELECT sequence, entry FROM journal WHERE ?1 < sequence AND sequence <= ?2
         ORDER BY sequence LIMIT ?3",
    )?;
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    let mut rows = statement.query((stored(after.0), stored(head.0), limit))?;
    let mut entries = Vec::new();
    let mut expected = after.next();
    while let Some(row) = rows.next()? {
        let entry = decode(row)?;
        if entry.sequence() != expected {
            return Err(ReadError::Damaged("entries are missing"));
        }
        expected = expected.next();
        entries.push(Arc::new(entry));
    }
    Ok(entries)
}

pub(crate) fn head(connection: &Connection) -> rusqlite::Result<Sequence> {
    connection.query_row(
        "SELECT coalesce(max(sequence), 0) FROM journal",
        [],
        |row| row.get(0).map(sequence),
    )
}

fn read_at(readers: &Readers, sequences: &[Sequence]) -> Result<Vec<Entry>, Failure> {
    readers.read(|connection| {
        let mut statement =
            connection.prepare_cached("SELECT sequence, entry FROM journal WHERE sequence = ?1")?;
        let mut entries = Vec::with_capacity(sequences.len());
        for sequence in sequences {
            let mut rows = statement.query([stored(sequence.0)])?;
            if let Some(row) = rows.next()? {
                entries.push(decode(row)?);
            }
        }
        Ok(entries)
    })
}

fn decode(row: &rusqlite::Row<'_>) -> Result<Entry, ReadError> {
    let entry: Entry = database::record(row, 1)?;
    if stored(entry.sequence().0) != row.get(0)? {
        return Err(ReadError::Damaged(
            "an entry stands in the place of another",
        ));
    }
    Ok(entry)
}
