//! Copies of a data directory, taken while it is in use, and the way back.
//!
//! A backup holds the journal and the outbox, the outbox copied first: it never knows of entries that the
//! journal of the backup lacks. The views and the files of the transparency log come back from the journal when a
//! restored directory is opened.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ids::command::Sequence;
use rusqlite::Connection;
use rusqlite::backup::Backup;
use store::failure::Failure;

use crate::database::{self, Kind};
use crate::directory::{self, failure};
use crate::journal::logs::close_all;
use crate::journal::{JOURNAL, head};
use crate::outbox::OUTBOX;

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The last entry of the journal in the copy.
    pub head: Sequence,
    /// The size of all files.
    pub bytes: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("the directory is not empty; choose another one")]
struct NotEmpty;

/// Copies a data directory to `target`, which must be empty or absent. The directory may be in use, by this
/// or another process: the copy is the state at one moment, and commits go on meanwhile. It is there as a
/// whole and on stable storage, or not at all.
pub fn backup(data: &Path, target: &Path) -> Result<Copied, Failure> {
    copy_directory(data, target, Logs::AsTheyAre)
}

/// Makes a data directory from a backup. `data` must be empty or absent. Its transparency logs are closed: what they have
/// signed since the backup is not in it.
pub fn restore(backup: &Path, data: &Path) -> Result<Copied, Failure> {
    copy_directory(backup, data, Logs::Closed)
}

/// What becomes of the logs in a copy.
#[derive(Clone, Copy, Debug)]
enum Logs {
    AsTheyAre,
    Closed,
}

fn copy_directory(source: &Path, target: &Path, logs: Logs) -> Result<Copied, Failure> {
    require_empty(target)?;
    let partial = partial_name(target)?;
    fs::create_dir_all(&partial).map_err(|error| failure(&partial, error))?;
    let copied = copy_files(source, &partial, logs).and_then(|copied| {
        directory::sync(&partial)?;
        put_in_place(&partial, target)?;
        Ok(copied)
    });
    if copied.is_err()
        && let Err(error) = fs::remove_dir_all(&partial)
    {
        tracing::warn!(place = %partial.display(), error = %error, "an unfinished copy could not be removed");
    }
    copied
}

fn copy_files(source: &Path, partial: &Path, logs: Logs) -> Result<Copied, Failure> {
    copy_database(
        &OUTBOX,
        &directory::outbox(source),
        &directory::outbox(partial),
    )?;
    copy_database(
        &JOURNAL,
        &directory::journal(source),
        &directory::journal(partial),
    )?;
    let journal = directory::journal(partial);
    let connection =
        Connection::open(&journal).map_err(|error| database::failure(&journal, error))?;
    let head = head(&connection).map_err(|error| database::failure(&journal, error))?;
    match logs {
        Logs::AsTheyAre => {}
        Logs::Closed => {
            close_all(&connection).map_err(|error| database::failure(&journal, error))?
        }
    }
    drop(connection);
    let mut bytes = 0;
    for path in [directory::outbox(partial), journal] {
        let size = fs::metadata(&path).map_err(|error| failure(&path, error))?;
        bytes += size.len();
    }
    Ok(Copied { head, bytes })
}

/// Copies all pages in one step, which sees one state of the source however much is written to it.
fn copy_database(kind: &Kind, source: &Path, target: &Path) -> Result<(), Failure> {
    let from = kind.open_existing(source)?;
    let copy = || -> rusqlite::Result<()> {
        let mut to = Connection::open(target)?;
        Backup::new(&from, &mut to)?.step(-1)?;
        // One file without a log beside it.
        to.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))
    };
    copy().map_err(|error| database::failure(target, error))?;
    fs::File::open(target)
        .and_then(|file| file.sync_all())
        .map_err(|error| failure(target, error))
}

fn put_in_place(partial: &Path, target: &Path) -> Result<(), Failure> {
    match fs::remove_dir(target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failure(target, error)),
    }
    fs::rename(partial, target).map_err(|error| failure(target, error))?;
    directory::sync(parent(target))
}

fn require_empty(target: &Path) -> Result<(), Failure> {
    let mut entries = match fs::read_dir(target) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failure(target, error)),
    };
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(Failure::Io {
            place: directory::text(target),
            source: Box::new(NotEmpty),
        }),
    }
}

/// A name beside the target, so that the finished copy moves there in one step.
fn partial_name(target: &Path) -> Result<PathBuf, Failure> {
    let name = target.file_name().ok_or_else(|| {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "the path has no last name");
        failure(target, error)
    })?;
    let name = format!(".{}.{}.partial", name.to_string_lossy(), std::process::id());
    Ok(parent(target).join(name))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        Some(_) | None => Path::new("."),
    }
}
