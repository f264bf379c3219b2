//! Leases of a storage, all of them: whoever has them knows that no node works there, and no second move.

use std::sync::Arc;

use store::failure::Failure;
use store::lease::{Held, Holder, LeaseName, Leases, Renewal};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use vault::random::random_bytes;

use engine::lease::{MARGIN, PAUSE, RENEW_AFTER, SPAN};

/// Every lease of a storage, renewed until this is released or dropped.
pub struct AllLeases {
    leases: Arc<dyn Leases>,
    held: Vec<Held>,
    renewal: JoinHandle<()>,
    lost: CancellationToken,
}

impl AllLeases {
    /// Takes them all; none if somebody else has one, in which case the others are free again.
    pub async fn take(leases: Arc<dyn Leases>) -> Result<Option<AllLeases>, Failure> {
        let holder = Holder(random_bytes());
        let asked_at = Instant::now();
        let mut held = Vec::new();
        for name in LeaseName::ALL {
            match leases.acquire(name, holder, SPAN).await {
                Ok(Some(token)) => held.push(Held {
                    name,
                    holder,
                    token,
                }),
                other => {
                    release(&*leases, &held).await;
                    return other.map(|_| None);
                }
            }
        }
        let lost = CancellationToken::new();
        let renewal = tokio::spawn(renew(
            Arc::clone(&leases),
            held.clone(),
            asked_at,
            lost.clone(),
        ));
        Ok(Some(AllLeases {
            leases,
            held,
            renewal,
            lost,
        }))
    }

    /// Takes them, if need be as soon as those of a program that died have ended.
    pub async fn take_in_time(leases: Arc<dyn Leases>) -> Result<Option<AllLeases>, Failure> {
        let until = Instant::now() + SPAN + PAUSE;
        loop {
            let taken = AllLeases::take(Arc::clone(&leases)).await?;
            if taken.is_some() || until < Instant::now() {
                return Ok(taken);
            }
            sleep(PAUSE).await;
        }
    }

    /// Returns when one of them could not be renewed in time: others may work there from then on.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    pub async fn release(self) {
        self.renewal.abort();
        release(&*self.leases, &self.held).await;
    }
}

impl Drop for AllLeases {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

async fn renew(
    leases: Arc<dyn Leases>,
    held: Vec<Held>,
    asked_at: Instant,
    lost: CancellationToken,
) {
    let mut ends_at = asked_at + SPAN - MARGIN;
    let mut pause = RENEW_AFTER;
    while Instant::now() < ends_at {
        sleep(pause).await;
        let asked_at = Instant::now();
        let mut renewed = 0;
        for one in &held {
            match leases.renew(*one, SPAN).await {
                Ok(Renewal::Prolonged) => renewed += 1,
                Ok(Renewal::Lost) => {
                    lost.cancel();
                    return;
                }
                Err(_) => break,
            }
        }
        if renewed == held.len() {
            ends_at = asked_at + SPAN - MARGIN;
            pause = RENEW_AFTER;
        } else {
            pause = PAUSE;
        }
    }
    lost.cancel();
}

async fn release(leases: &dyn Leases, held: &[Held]) {
    for one in held {
        if let Err(failure) = leases.release(*one).await {
            tracing::debug!(%failure, "the lease ends by itself");
        }
    }
}

#[cfg(test)]
mod tests;
