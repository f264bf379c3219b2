//! The data directory: its files and the lock that keeps other processes out.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use store::failure::Failure;

/// A data directory that this process alone writes to, until the value is dropped.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Creates the directory where there is none, and locks it.
    pub fn lock(path: &Path) -> Result<Directory, Failure> {
        fs::create_dir_all(path).map_err(|source| failure(path, source))?;
        let lock_path = path.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|source| failure(&lock_path, source))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::InUse { place: text(path) });
            }
            Err(TryLockError::Error(source)) => return Err(failure(&lock_path, source)),
        }
        Ok(Directory {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

pub(crate) fn journal(directory: &Path) -> PathBuf {
    directory.join("journal.db")
}

pub(crate) fn views(directory: &Path) -> PathBuf {
    directory.join("views.db")
}

pub(crate) fn outbox(directory: &Path) -> PathBuf {
    directory.join("outbox.db")
}

pub(crate) fn log_files(directory: &Path) -> PathBuf {
    directory.join("log.db")
}

pub(crate) fn liabilities(directory: &Path) -> PathBuf {
    directory.join("liabilities.db")
}

/// Makes the names in a directory durable.
pub(crate) fn sync(directory: &Path) -> Result<(), Failure> {
    File::open(directory)
        .and_then(|opened| opened.sync_all())
        .map_err(|source| failure(directory, source))
}

/// Removes a database and what SQLite keeps beside it.
pub(crate) fn remove_database(path: &Path) -> Result<(), Failure> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(&name) {
            Ok(()) => {}
            Err(source) if source.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failure(Path::new(&name), source)),
        }
    }
    Ok(())
}

pub(crate) fn failure(path: &Path, source: io::Error) -> Failure {
    if source.kind() == io::ErrorKind::StorageFull {
        return Failure::Full { place: text(path) };
    }
    Failure::Io {
        place: text(path),
        source: Box::new(source),
    }
}

pub(crate) fn text(path: &Path) -> String {
    path.display().to_string()
}
