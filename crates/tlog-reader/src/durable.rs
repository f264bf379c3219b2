//! Files that are there whole or not at all, whenever the machine stops.

use std::fs::{File, create_dir_all, rename};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::spawn_blocking;

use crate::error::ReadError;

/// Numbers the temporary names of this process.
static WRITES: AtomicU64 = AtomicU64::new(0);

/// Writes under a temporary name, waits for the disk, and renames.
pub async fn write(path: PathBuf, bytes: Vec<u8>) -> Result<(), ReadError> {
    let target = path.clone();
    let written = spawn_blocking(move || write_now(&target, &bytes)).await;
    let written = written.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    written.map_err(|why| ReadError::File { path, why })
}

fn write_now(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = match path.parent() {
        Some(directory) if directory != Path::new("") => directory,
        _ => Path::new("."),
    };
    create_dir_all(directory)?;
    let mut name = path.as_os_str().to_owned();
    // A write that its caller gave up may still go on beside the next one to the same file.
    name.push(format!(".{}.part", WRITES.fetch_add(1, Ordering::Relaxed)));
    let temporary = PathBuf::from(name);
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename(&temporary, path)?;
    File::open(directory)?.sync_all()
}
