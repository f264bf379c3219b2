//! How long it takes from the commit of an entry until everybody can prove it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use engine::log::Ports;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How often head and checkpoint are looked at, which is also how exact the times are.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Looks at the journal's head and at the newest checkpoint again and again.
pub struct Watched {
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<Vec<Duration>>>,
}

impl Watched {
    pub fn begin(ports: Ports, origin: &'static str) -> Watched {
        let stop = CancellationToken::new();
        let task = tokio::spawn(watch(ports, origin, stop.clone()));
        Watched { stop, task }
    }

    /// The times of every head that was seen, once all of them are proved.
    pub async fn end(self) -> anyhow::Result<Vec<Duration>> {
        self.stop.cancel();
        self.task.await?
    }
}

async fn watch(
    ports: Ports,
    origin: &'static str,
    stop: CancellationToken,
) -> anyhow::Result<Vec<Duration>> {
    let mut waiting: VecDeque<(u64, Instant)> = VecDeque::new();
    let mut delays = Vec::new();
    let mut seen = ports.store.head().await?.0;
    while !stop.is_cancelled() || !waiting.is_empty() {
        tokio::time::sleep(LOOK_EVERY).await;
        let head = ports.store.head().await?.0;
        if seen < head && !stop.is_cancelled() {
            seen = head;
            waiting.push_back((head, Instant::now()));
        }
        let state = ports.log.log_state(origin).await?;
        let shown = state.published.map_or(0, |published| published.size);
        while let Some((_, since)) = waiting.pop_front_if(|(head, _)| *head <= shown) {
            delays.push(since.elapsed());
        }
    }
    Ok(delays)
}
