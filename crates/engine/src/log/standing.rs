//! Whether a node may promise: what the storage says of the log, looked at again and again, and what its own sequencer found.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use store::failure::Failure;
use store::log::{LogStorage, Standing};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::log::Log;

/// How soon a node learns that another one has stopped the log, or found it sound again.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What a node knows of the log. It promises only what it believes will be kept.
#[derive(Debug, Default)]
pub(super) struct Known {
    goes_on: AtomicBool,
    doubt: Mutex<Doubt>,
}

/// What the node's own sequencer found is true before the storage says it.
#[derive(Debug, Default)]
struct Doubt {
    is_open: bool,
    /// How often there was a doubt: what was read before the last is not believed.
    count: u64,
}

impl Known {
    pub fn goes_on(&self) -> bool {
        self.goes_on.load(Ordering::Relaxed)
    }

    /// Ends promises until the doubt is settled and the standing learned anew.
    pub fn doubt(&self) {
        let mut doubt = self.doubt.lock();
        doubt.is_open = true;
        doubt.count += 1;
        self.goes_on.store(false, Ordering::Relaxed);
    }

    /// From now on the storage says how it stands.
    pub fn settle(&self) {
        self.doubt.lock().is_open = false;
    }

    async fn learn(&self, storage: &dyn LogStorage, origin: &str) -> Result<Standing, Failure> {
        let before = self.doubt.lock().count;
        let standing = storage.log_state(origin).await?.standing;
        let doubt = self.doubt.lock();
        let is_sure = !doubt.is_open && doubt.count == before;
        let goes_on = is_sure && standing == Standing::Open;
        self.goes_on.store(goes_on, Ordering::Relaxed);
        Ok(standing)
    }
}

impl Log {
    /// Lets promises be given from now on, if the log goes on here, and ends them if it does not. A closed one has perhaps
    /// promised and signed something else elsewhere; a stopped one does not take what is promised.
    pub async fn learn_standing(&self, storage: &dyn LogStorage) -> Result<Standing, Failure> {
        self.known.learn(storage, self.origin()).await
    }

    /// Learns the standing again and again until the stop. No promise is given before the first time.
    pub async fn follow_standing(&self, storage: &dyn LogStorage, stop: CancellationToken) {
        let mut last = None;
        loop {
            match self.learn_standing(storage).await {
                Ok(standing) => {
                    self.tell(last, standing);
                    last = Some(standing);
                }
                // What was known holds: a storage that does not answer takes no entries that could be promised.
                Err(failure) => {
                    tracing::debug!(error = %failure, "the log's standing is not known")
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// What has changed is told once.
    fn tell(&self, last: Option<Standing>, standing: Standing) {
        if last == Some(standing) {
            return;
        }
        let origin = self.origin();
        match (last, standing) {
            (None, Standing::Open) => {}
            (Some(_), Standing::Open) => {
                tracing::info!(
                    origin,
                    "the transparency log goes on, and promises are given again"
                );
            }
            (_, Standing::Stopped | Standing::Closed) => {
                tracing::warn!(
                    origin,
                    ?standing,
                    "the transparency log does not go on, and nothing is promised; payments go on"
                );
            }
        }
    }
}
