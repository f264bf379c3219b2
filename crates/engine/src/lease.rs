//! Work that one node does at a time, as long as it holds the lease for it.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use store::lease::{Held, Holder, LeaseName, Leases, Renewal};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// How long a lease lasts: after a node has died, its work rests as long.
pub const SPAN: Duration = Duration::from_secs(6);
/// How long after a lease was asked for its holder asks again.
pub const RENEW_AFTER: Duration = Duration::from_secs(2);
/// Work is told to stop this long before the lease ends, and should have stopped by then.
pub const MARGIN: Duration = Duration::from_secs(2);
/// How often a node without the lease asks for it, and how soon after a failure.
pub const PAUSE: Duration = Duration::from_millis(500);

/// Of whom the leases are, and when to stop.
#[derive(Clone)]
pub struct Node {
    pub leases: Arc<dyn Leases>,
    pub holder: Holder,
    pub stop: CancellationToken,
    pub held: Arc<HeldLeases>,
}

/// The leases that a node holds, for whoever watches it.
#[derive(Debug, Default)]
pub struct HeldLeases(Mutex<BTreeSet<LeaseName>>);

impl HeldLeases {
    pub fn contains(&self, name: LeaseName) -> bool {
        self.0.lock().contains(&name)
    }
}

impl Node {
    /// Starts the work whenever this node gets the lease, and stops it before the lease is lost. The work ends soon after
    /// its token is cancelled. Returns when the node stops.
    pub async fn work_while_held<W: Future<Output = ()>>(
        self,
        name: LeaseName,
        mut start: impl FnMut(CancellationToken) -> W,
    ) {
        while !self.stop.is_cancelled() {
            // Measured from before the question, so that the lease ends here before it ends there.
            let asked_at = Instant::now();
            match self.leases.acquire(name, self.holder, SPAN).await {
                Ok(Some(token)) => {
                    let held = Held {
                        name,
                        holder: self.holder,
                        token,
                    };
                    tracing::info!(lease = name.as_str(), "this node takes the work over");
                    self.held.0.lock().insert(name);
                    self.hold(held, asked_at, &mut start).await;
                }
                Ok(None) => {}
                Err(failure) => {
                    let source = std::error::Error::source(&failure);
                    tracing::warn!(lease = name.as_str(), %failure, ?source, "no lease can be had");
                }
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => {}
                () = sleep(PAUSE) => {}
            }
        }
    }

    async fn hold<W: Future<Output = ()>>(
        &self,
        held: Held,
        asked_at: Instant,
        start: &mut impl FnMut(CancellationToken) -> W,
    ) {
        let stop = self.stop.child_token();
        let mut work = pin!(start(stop.clone()));
        let mut ends_at = asked_at + SPAN - MARGIN;
        let mut renew_at = asked_at + RENEW_AFTER;
        loop {
            let renewal = async {
                sleep_until(renew_at).await;
                let asked_at = Instant::now();
                (asked_at, self.leases.renew(held, SPAN).await)
            };
            // The end comes first: a node that stood still must not go on with what is no longer its work.
            tokio::select! {
                biased;
                () = sleep_until(ends_at) => {
                    tracing::warn!(lease = held.name.as_str(), "the lease was not renewed in time; the work stops");
                    self.held.0.lock().remove(&held.name);
                    stop.cancel();
                    work.await;
                    break;
                }
                () = &mut work => break,
                (asked_at, renewed) = renewal => match renewed {
                    Ok(Renewal::Prolonged) => {
                        ends_at = asked_at + SPAN - MARGIN;
                        renew_at = asked_at + RENEW_AFTER;
                    }
                    Ok(Renewal::Lost) => {
                        tracing::warn!(lease = held.name.as_str(), "the lease is lost; the work stops");
                        self.held.0.lock().remove(&held.name);
                        stop.cancel();
                        work.await;
                        break;
                    }
                    Err(_) => renew_at = Instant::now() + PAUSE,
                },
            }
        }
        self.held.0.lock().remove(&held.name);
        if let Err(failure) = self.leases.release(held).await {
            tracing::debug!(%failure, "the lease ends by itself");
        }
    }
}
