//! Files that are there whole or not at all, whenever the machine stops.

use std::fs::{File, create_dir_all, rename};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::{JoinSet, spawn_blocking};

use crate::error::ReadError;

const WRITES_AT_ONCE: usize = 32;
/// Numbers the temporary names of this process.
static WRITES: AtomicU64 = AtomicU64::new(0);

/// Writes that are waited for together: a disk that is asked to make many files durable at once does so in fewer steps.
#[derive(Default)]
pub struct Writes(JoinSet<Result<(), ReadError>>);

impl Writes {
    pub async fn start(&mut self, path: PathBuf, bytes: Vec<u8>) -> Result<(), ReadError> {
        while WRITES_AT_ONCE <= self.0.len() {
            self.wait_for_one().await?;
        }
        self.0.spawn(write(path, bytes));
        Ok(())
    }

    /// When this returns, every file is durable.
    pub async fn finish(mut self) -> Result<(), ReadError> {
        while !self.0.is_empty() {
            self.wait_for_one().await?;
        }
        Ok(())
    }

    async fn wait_for_one(&mut self) -> Result<(), ReadError> {
        match self.0.join_next().await {
            Some(Ok(written)) => written,
            Some(Err(stopped)) => panic!("a write was stopped: {stopped}"),
            None => Ok(()),
        }
    }
}

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
