//! Closed and open load: many clients, each in its own task.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::task::JoinSet;

use crate::figures::Figures;

/// One client that can be asked again and again.
pub trait Client: Send + 'static {
    /// Does the next thing; answers how many requests that was.
    fn step(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// What a load showed.
pub struct Shown {
    pub count: u64,
    pub elapsed: Duration,
    times: Vec<Duration>,
}

/// Each client asks again as soon as it is answered.
pub async fn closed<C: Client>(clients: Vec<C>, duration: Duration) -> anyhow::Result<Shown> {
    run(clients, duration, None).await
}

/// The clients together ask `rate` times a second, whatever the answers take; times count from when the
/// request was due, so that a stall shows in every request that it delayed.
pub async fn open<C: Client>(
    clients: Vec<C>,
    duration: Duration,
    rate: f64,
) -> anyhow::Result<Shown> {
    let interval = Duration::from_secs_f64(clients.len() as f64 / rate);
    run(clients, duration, Some(interval)).await
}

async fn run<C: Client>(
    clients: Vec<C>,
    duration: Duration,
    interval: Option<Duration>,
) -> anyhow::Result<Shown> {
    let barrier = Arc::new(tokio::sync::Barrier::new(clients.len() + 1));
    let count = clients.len() as u32;
    let mut tasks = JoinSet::new();
    for (number, mut client) in clients.into_iter().enumerate() {
        let barrier = Arc::clone(&barrier);
        tasks.spawn(async move {
            let mut times = Vec::with_capacity(1 << 16);
            barrier.wait().await;
            let start = Instant::now();
            let mut due =
                start + interval.map_or(Duration::ZERO, |span| span * number as u32 / count);
            while start.elapsed() < duration {
                let begin = match interval {
                    None => Instant::now(),
                    Some(span) => {
                        tokio::time::sleep_until(due.into()).await;
                        let begin = due;
                        due += span;
                        begin
                    }
                };
                client.step().await?;
                times.push(begin.elapsed());
            }
            anyhow::Ok(times)
        });
    }
    barrier.wait().await;
    let start = Instant::now();
    let mut times = Vec::new();
    while let Some(task) = tasks.join_next().await {
        times.extend(task.context("a client ended in a panic")??);
    }
    let elapsed = start.elapsed();
    times.sort_unstable();
    Ok(Shown {
        count: times.len() as u64,
        elapsed,
        times,
    })
}

impl Shown {
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// Prints rate and latencies under a name.
    pub fn put(&self, name: &str, unit: &'static str, figures: &mut Figures) {
        figures.put(&format!("{name}.rate"), self.rate(), unit);
        for (label, share) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)] {
            figures.put(
                &format!("{name}.{label}"),
                quantile(&self.times, share).as_secs_f64() * 1e3,
                "ms",
            );
        }
    }
}

/// The time that this share of the sorted times does not exceed.
pub fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let place = (sorted.len() as f64 * share) as usize;
    sorted
        .get(place.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}
