//! `log.db`: the files of the transparency log. They follow from the journal and its seeds, so they are no part of a backup.

use std::path::Path;

use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Transaction};
use store::failure::Failure;
use store::log::Stored;
use tlog::edge::LogFile;
use tlog::tile::TilePath;

use crate::database::{Kind, ReadError, Readers};
use crate::directory;

const LOG: Kind = Kind {
    application_id: 0x5363_724c,
    format: 1,
    page_bytes: 8192,
    schema: "CREATE TABLE files (path TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
};

/// One connection writes; whoever asks for a file does not wait for it.
#[derive(Debug)]
pub(crate) struct LogFiles {
    writer: Mutex<Option<Connection>>,
    readers: Readers,
    path: Box<Path>,
}

impl LogFiles {
    pub fn open(directory: &Path) -> Result<LogFiles, Failure> {
        let path = directory::log_files(directory);
        let connection = LOG.open(&path)?;
        let synchronous = connection.pragma_update(None, "synchronous", "FULL");
        synchronous.map_err(|error| crate::database::failure(&path, error))?;
        Ok(LogFiles {
            writer: Mutex::new(Some(connection)),
            readers: Readers::new(LOG, path.clone()),
            path: path.into_boxed_path(),
        })
    }

    pub fn read(&self, paths: &[TilePath]) -> Result<Vec<LogFile>, Failure> {
        self.readers.read(|connection| {
            let mut found = Vec::with_capacity(paths.len());
            for path in paths {
                let bytes = bytes_at(connection, *path)?;
                found.extend(bytes.map(|bytes| LogFile { path: *path, bytes }));
            }
            Ok(found)
        })
    }

    /// All of them or none, durable when this answers.
    pub fn store(&self, files: &[LogFile]) -> Result<Stored, Failure> {
        let mut connection = self.writer.lock();
        let connection = connection.as_mut().ok_or(Failure::Closed)?;
        let write = |connection: &mut Connection| -> Result<Stored, ReadError> {
            let tx = connection.transaction()?;
            for file in files {
                if !put(&tx, file)? {
                    return Ok(Stored::Differs(file.path));
                }
            }
            tx.commit()?;
            Ok(Stored::All)
        };
        write(connection).map_err(|error| error.at(&self.path))
    }

    pub fn close(&self) {
        self.readers.close();
        self.writer.lock().take();
    }
}

/// Answers whether the file is there now, with these bytes.
fn put(tx: &Transaction<'_>, file: &LogFile) -> Result<bool, ReadError> {
    let path = file.path.to_string();
    let added = tx
        .prepare_cached("INSERT INTO files (path, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute((&path, &file.bytes))?;
    if added == 0 {
        return Ok(bytes_at(tx, file.path)?.as_ref() == Some(&file.bytes));
    }
    if !file.path.is_partial() {
        // Behind the stroke comes a digit, and the nought comes behind the stroke.
        let sql = "DELETE FROM files WHERE ?1 || '.p/' <= path AND path < ?1 || '.p0'";
        tx.prepare_cached(sql)?.execute([&path])?;
    }
    Ok(true)
}

fn bytes_at(connection: &Connection, path: TilePath) -> Result<Option<Vec<u8>>, ReadError> {
    let mut statement = connection.prepare_cached("SELECT bytes FROM files WHERE path = ?1")?;
    let bytes = statement.query_row([path.to_string()], |row| row.get(0));
    Ok(bytes.optional()?)
}
