//! Opening SQLite files: what is ours, in a format that we know, and what went wrong otherwise.

use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use store::codec::wire::{DecodeError, Record};
use store::failure::Failure;

use crate::directory::text;

/// One kind of database file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// SQLite's application id, so that a foreign file is told from ours.
    pub application_id: i32,
    /// The format that this program reads and writes; SQLite's user version. Of the journal and the outbox there has been
    /// one; views of an older format are rebuilt.
    pub format: u32,
    pub page_bytes: u32,
    /// Creates the tables of `format` in an empty file.
    pub schema: &'static str,
}

/// How long a connection waits for another one, such as a backup that begins.
const BUSY_WAIT_MAX: Duration = Duration::from_secs(10);
const STATEMENTS_MAX: usize = 64;
const READERS_MAX: usize = 8;

impl Kind {
    /// Opens the file for writing; an empty or missing one gets its tables.
    pub fn open(&self, path: &Path) -> Result<Connection, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = connect(path, flags)?;
        self.prepare(&mut connection, path)
            .map_err(|error| error.at(path))?;
        Ok(connection)
    }

    /// Opens an existing file of this kind for reading, also one that another process writes to.
    pub fn open_existing(&self, path: &Path) -> Result<Connection, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = connect(path, flags)?;
        self.check(&connection, path)
            .map_err(|error| error.at(path))?;
        let query_only = connection.pragma_update(None, "query_only", true);
        query_only.map_err(|error| failure(path, error))?;
        Ok(connection)
    }

    fn prepare(&self, connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
        connection.pragma_update(None, "page_size", self.page_bytes)?;
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            let tx = connection.transaction()?;
            tx.execute_batch(self.schema)?;
            tx.pragma_update(None, "application_id", self.application_id)?;
            tx.pragma_update(None, "user_version", self.format)?;
            tx.commit()?;
        }
        self.check(connection, path)?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        debug_assert_eq!(mode, "wal");
        Ok(())
    }

    fn check(&self, connection: &Connection, path: &Path) -> Result<(), OpenError> {
        let application_id: i32 =
            connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        if application_id != self.application_id {
            return Err(OpenError::Failure(corrupt(
                path,
                "it is a database, but none that Scrip wrote",
            )));
        }
        let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if self.format < found {
            return Err(OpenError::Failure(Failure::Newer {
                place: text(path),
                found,
                supported: self.format,
            }));
        }
        if found < self.format {
            return Err(OpenError::Failure(corrupt(
                path,
                "an older version of Scrip wrote it",
            )));
        }
        Ok(())
    }
}

enum OpenError {
    Sqlite(rusqlite::Error),
    Failure(Failure),
}

impl OpenError {
    fn at(self, path: &Path) -> Failure {
        match self {
            OpenError::Sqlite(error) => failure(path, error),
            OpenError::Failure(failure) => failure,
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> OpenError {
        OpenError::Sqlite(error)
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Failure> {
    let connect = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_WAIT_MAX)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Ok(connection)
    };
    connect().map_err(|error| failure(path, error))
}

/// A few connections for reading, shared by whoever asks.
#[derive(Debug)]
pub(crate) struct Readers {
    kind: Kind,
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub fn new(kind: Kind, path: PathBuf) -> Readers {
        Readers {
            kind,
            path,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Runs the questions on one connection, which sees every transaction that was committed before.
    pub fn read<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, Failure> {
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.kind.open_existing(&self.path)?,
        };
        let answer = ask(&connection).map_err(|error| error.at(&self.path));
        let mut idle = self.idle.lock();
        if idle.len() < READERS_MAX {
            idle.push(connection);
        }
        answer
    }

    pub fn close(&self) {
        self.idle.lock().clear();
    }
}

/// Why stored bytes could not be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    Sqlite(rusqlite::Error),
    Decode(DecodeError),
    /// The rows contradict each other or themselves.
    Damaged(&'static str),
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> ReadError {
        ReadError::Sqlite(error)
    }
}

impl From<DecodeError> for ReadError {
    fn from(error: DecodeError) -> ReadError {
        ReadError::Decode(error)
    }
}

impl ReadError {
    pub fn at(self, path: &Path) -> Failure {
        match self {
            ReadError::Sqlite(error) => failure(path, error),
            ReadError::Decode(error) => corrupt(path, &error.to_string()),
            ReadError::Damaged(what) => corrupt(path, what),
        }
    }
}

/// The record in a column of the row.
pub(crate) fn record<T: Record>(row: &rusqlite::Row<'_>, column: usize) -> Result<T, ReadError> {
    let bytes = row
        .get_ref(column)?
        .as_blob()
        .map_err(|_| ReadError::Damaged("a column that should hold bytes holds something else"))?;
    Ok(store::codec::decode(bytes)?)
}

pub(crate) fn corrupt(path: &Path, what: &str) -> Failure {
    Failure::Corrupt {
        place: text(path),
        what: what.to_owned(),
    }
}

pub(crate) fn failure(path: &Path, error: rusqlite::Error) -> Failure {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Failure::Full { place: text(path) },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            corrupt(path, &error.to_string())
        }
        Some(_) | None => Failure::Io {
            place: text(path),
            source: Box::new(error),
        },
    }
}
