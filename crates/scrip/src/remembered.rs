//! What risk remembers, kept in a file between two starts.
//!
//! The file is a convenience: without it, or when it is damaged, the journal is read from its beginning.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use engine::risk::Risk;
use tokio_util::sync::CancellationToken;

/// How often the file is written: a crash costs reading what came since.
const WRITE_EVERY: Duration = Duration::from_secs(300);

/// The file of a data directory.
#[derive(Clone, Debug)]
pub struct Remembered {
    path: PathBuf,
}

impl Remembered {
    pub fn at(data: &Path) -> Remembered {
        Remembered {
            path: data.join("risk.memory"),
        }
    }

    /// Goes on from the file, if there is a sound one.
    pub async fn recall(&self, risk: &Arc<Risk>) {
        self.aside(risk, Remembered::read_file).await;
    }

    /// Writes the file whole, or leaves the one before.
    pub async fn write(&self, risk: &Arc<Risk>) {
        self.aside(risk, Remembered::write_file).await;
    }

    /// The file may have hundreds of megabytes: nothing else waits for it.
    async fn aside(&self, risk: &Arc<Risk>, work: fn(&Remembered, &Risk)) {
        let (this, risk) = (self.clone(), Arc::clone(risk));
        let done = tokio::task::spawn_blocking(move || work(&this, &risk)).await;
        if let Err(error) = done {
            tracing::error!(%error, "the memory of risk was neither read nor written");
        }
    }

    fn read_file(&self, risk: &Risk) {
        match fs::read(&self.path) {
            Ok(bytes) => {
                if let Err(error) = risk.restore(&bytes) {
                    tracing::info!(%error, path = %self.path.display(), "risk reads the journal from its beginning");
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(%error, path = %self.path.display(), "risk reads the journal from its beginning");
            }
        }
    }

    /// Writes the file now and then, until the stop.
    pub async fn keep(&self, risk: Arc<Risk>, stop: CancellationToken) {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(WRITE_EVERY) => {}
            }
            self.write(&risk).await;
        }
    }

    fn write_file(&self, risk: &Risk) {
        if let Err(error) = self.try_write(&risk.snapshot()) {
            tracing::warn!(%error, path = %self.path.display(), "the memory of risk was not written");
        }
    }

    fn try_write(&self, bytes: &[u8]) -> std::io::Result<()> {
        let draft = self.path.with_extension("draft");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(draft, &self.path)
    }
}
