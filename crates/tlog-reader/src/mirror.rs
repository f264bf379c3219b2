//! A copy of a log in a directory, which any server of static files can serve, or in an object store, which is one.
//!
//! A file is stored once something that is believed stands for it, and so never has to be taken back. What an earlier
//! run stored is read again instead of fetched, and is fetched if it does not hold.

use std::fs::{File, TryLockError, create_dir_all};
use std::path::{Path, PathBuf};

use futures_util::stream::{self, StreamExt};
use verifier::walk::{Files, LogFile, Walk};

use crate::check::{CHECKPOINT, FILES_AT_ONCE, Progress, Served, Terms, refused};
use crate::error::ReadError;
use crate::kept::Kept;
use crate::objects::Objects;
use crate::source::Source;
use crate::spot::Spot;
use crate::writes::Writes;

/// Is held while a mirror is written.
const LOCK: &str = ".lock";

/// Other mirrors may get in the way that often in one run.
const ROUNDS_MAX: u32 = 3;

/// Where a copy is written to.
pub enum Mirror {
    /// Nobody else writes a mirror to it.
    Directory { directory: PathBuf, _lock: File },
    /// Others may. Files of one log are the same, whoever stores them, and the checkpoint is replaced only if it is still
    /// the one that the log was compared with.
    Objects(Objects),
}

/// What a run did.
pub struct Mirrored {
    pub served: Served,
    /// Files that were fetched and stored; the others were there.
    pub files_stored: u64,
}

/// Bytes of a file, and whether they come from the mirror itself.
struct Found {
    file: LogFile,
    bytes: Vec<u8>,
    is_stored: bool,
}

impl Mirror {
    pub fn open(directory: &Path) -> Result<Self, ReadError> {
        let directory = directory.to_owned();
        let failed = |why| ReadError::File {
            path: directory.clone(),
            why,
        };
        create_dir_all(&directory).map_err(failed)?;
        let lock = File::create(directory.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self::Directory {
                directory,
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(ReadError::Busy { directory }),
            Err(TryLockError::Error(why)) => Err(failed(why)),
        }
    }

    /// Brings the copy up to the log's checkpoint, which is written when all else is there. When another mirror has
    /// written one in between, it begins again from that one, which may show that the log tells the two of them
    /// different things.
    pub async fn update(
        &self,
        source: &Source,
        terms: &Terms<'_>,
        progress: Progress<'_>,
    ) -> Result<Mirrored, ReadError> {
        let mut files_stored = 0;
        let mut round = 1;
        loop {
            let updated = self.round(source, terms, progress, &mut files_stored);
            match updated.await {
                Err(ReadError::Overtaken { .. }) if round < ROUNDS_MAX => round += 1,
                served => {
                    return Ok(Mirrored {
                        served: served?,
                        files_stored,
                    });
                }
            }
        }
    }

    async fn round(
        &self,
        source: &Source,
        terms: &Terms<'_>,
        progress: Progress<'_>,
        files_stored: &mut u64,
    ) -> Result<Served, ReadError> {
        let kept = Kept::load_from(self.spot(CHECKPOINT), terms).await?;
        let served = Served::fetch(source, terms).await?;
        kept.compare(source, &served).await?;
        *files_stored += self.copy(source, &served, progress).await?;
        kept.replace(&served).await?;
        Ok(served)
    }

    async fn copy(
        &self,
        source: &Source,
        served: &Served,
        progress: Progress<'_>,
    ) -> Result<u64, ReadError> {
        let size = served.checkpoint.size;
        let mut walk = Walk::new(size, served.checkpoint.root);
        let mut files_stored = 0;
        let mut writes = Writes::default();
        // Partial tiles are believed together, when the last one has made the root.
        let mut edges = Vec::new();
        let find = |file| self.find(source, file);
        let mut files = stream::iter(Files::of_size(size))
            .map(find)
            .buffered(FILES_AT_ONCE);
        while let Some(found) = files.next().await {
            let found = take(&mut walk, source, found?).await?;
            if found.file.is_at_edge() {
                edges.push(found);
                continue;
            }
            for found in edges
                .drain(..)
                .chain([found])
                .filter(|found| !found.is_stored)
            {
                let spot = self.spot(&found.file.to_string());
                writes.start(spot, found.bytes).await?;
                files_stored += 1;
            }
            progress(walk.leaves(), size);
        }
        writes.finish().await?;
        walk.finish().map_err(|failure| served.refused(failure))?;
        Ok(files_stored)
    }

    /// From the mirror if it is there, else from the log. The few partial tiles are always fetched: no tile above would
    /// tell which of them is damaged.
    async fn find(&self, source: &Source, file: LogFile) -> Result<Found, ReadError> {
        if !file.is_at_edge() {
            let spot = self.spot(&file.to_string());
            // A copy that cannot be read, or is too long, is as good as none.
            if let Ok(Some(bytes)) = spot.read(file.bytes_max()).await {
                return Ok(Found {
                    file,
                    bytes,
                    is_stored: true,
                });
            }
        }
        fetch(source, file).await
    }

    fn spot(&self, file: &str) -> Spot {
        match self {
            Self::Directory { directory, .. } => Spot::File(directory.join(file)),
            Self::Objects(objects) => objects.spot(file),
        }
    }
}

/// Has the walk judge a file; one of the mirror that does not hold is fetched again.
async fn take(walk: &mut Walk, source: &Source, found: Found) -> Result<Found, ReadError> {
    let found = match walk.take(&found.bytes) {
        Ok(()) => return Ok(found),
        Err(_) if found.is_stored => fetch(source, found.file).await?,
        Err(failure) => return Err(refused(found.file, failure)),
    };
    let taken = walk.take(&found.bytes);
    taken.map_err(|failure| refused(found.file, failure))?;
    Ok(found)
}

async fn fetch(source: &Source, file: LogFile) -> Result<Found, ReadError> {
    let bytes = source.read_log_file(file).await?;
    Ok(Found {
        file,
        bytes,
        is_stored: false,
    })
}
