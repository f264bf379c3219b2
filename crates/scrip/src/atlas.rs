//! The file that says where addresses are, read at the start and again whenever it changes.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use engine::atlas::{ATLAS_BYTES_MAX, Atlas, Map};
use tokio_util::sync::CancellationToken;

/// How often it is looked whether the file has changed.
pub const LOOK_EVERY: Duration = Duration::from_secs(60);

/// A file, and which state of it was read last.
#[derive(Clone, Debug)]
pub struct AtlasFile {
    path: PathBuf,
    /// None where there was no file at the last look.
    seen: Option<Stamp>,
}

/// What changes when a file is written anew, or another one takes its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    modified_ns: (i64, i64),
}

/// What a look at the file came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Unchanged,
    Replaced,
    /// It changed into something that cannot be used; what it said before still counts.
    Refused,
}

impl AtlasFile {
    /// Reads the file. One that cannot be used is refused: whoever names it counts on it.
    pub fn open(path: &Path) -> anyhow::Result<(AtlasFile, Atlas)> {
        let told = || format!("risk.atlas names {}, which cannot be used", path.display());
        let (seen, map) = read(path).with_context(told)?;
        let atlas = Atlas::default();
        atlas.replace(map);
        let path = path.to_owned();
        let seen = Some(seen);
        Ok((AtlasFile { path, seen }, atlas))
    }

    /// Until the stop, reads the file again when it has changed.
    pub async fn follow(mut self, atlas: Arc<Atlas>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let atlas = Arc::clone(&atlas);
            let looked = tokio::task::spawn_blocking(move || {
                self.look(&atlas);
                self
            });
            match looked.await {
                Ok(file) => self = file,
                Err(error) => {
                    tracing::error!(%error, "the file of addresses is not followed any more");
                    return;
                }
            }
        }
    }

    /// Reads the file if it is not as it was when it was read last, and tells the log what came of it.
    pub fn look(&mut self, atlas: &Atlas) -> Look {
        let path = self.path.display();
        let found = fs::metadata(&self.path).ok();
        let stamp = found.as_ref().map(Stamp::of);
        if stamp == self.seen {
            return Look::Unchanged;
        }
        match read(&self.path) {
            Ok((seen, map)) => {
                tracing::info!(%path, kind = map.kind(), "the file of addresses was read again");
                atlas.replace(map);
                self.seen = Some(seen);
                Look::Replaced
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(%path, %error, "the file of addresses cannot be used; the one before stays in use");
                // The same damage, or absence, is told once.
                self.seen = stamp;
                Look::Refused
            }
        }
    }
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Stamp {
        Stamp {
            inode: metadata.ino(),
            bytes: metadata.len(),
            modified_ns: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<(Stamp, Map)> {
    let file = File::open(path)
        .context("it cannot be opened; name a MaxMind DB file (.mmdb), or leave the key empty")?;
    let metadata = file.metadata().context("it cannot be looked at")?;
    if !metadata.is_file() {
        bail!("it is no file; name a MaxMind DB file (.mmdb), or leave the key empty");
    }
    let mut bytes = Vec::new();
    // One more than is taken, so that what is larger shows itself without being read whole.
    file.take(ATLAS_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .context("it cannot be read")?;
    Ok((Stamp::of(&metadata), Map::read(bytes)?))
}

#[cfg(test)]
mod tests;
