//! Closed and open load: many clients, each in its own task.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::task::JoinSet;

use crate::figures::Figures;
use crate::proc;

/// One client that can be asked again and again.
pub trait Client: Send + 'static {
    /// Does the next thing; answers how many requests that was.
    fn step(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// What a load showed.
#[derive(Default)]
pub struct Shown {
    pub count: u64,
    pub elapsed: Duration,
    /// Processor time of the whole process, load generator included.
    pub processor: Duration,
    pub times: Vec<Duration>,
}

/// How long to load, and how long before that.
#[derive(Clone, Copy)]
struct Time {
    /// What begins in this time is done but not counted.
    warm_up: Duration,
    duration: Duration,
}

/// Each client asks again as soon as it is answered.
pub async fn closed<C: Client>(clients: Vec<C>, duration: Duration) -> anyhow::Result<Shown> {
    closed_after(clients, Duration::ZERO, duration).await
}

/// The same, behind a while in which nothing is counted.
pub async fn closed_after<C: Client>(
    clients: Vec<C>,
    warm_up: Duration,
    duration: Duration,
) -> anyhow::Result<Shown> {
    run(clients, Time { warm_up, duration }, None).await
}

/// The clients together ask `rate` times a second, whatever the answers take; times count from when the
/// request was due, so that a stall shows in every request that it delayed.
pub async fn open<C: Client>(
    clients: Vec<C>,
    duration: Duration,
    rate: f64,
) -> anyhow::Result<Shown> {
    let interval = Duration::from_secs_f64(clients.len() as f64 / rate);
    let time = Time {
        warm_up: Duration::ZERO,
        duration,
    };
    run(clients, time, Some(interval)).await
}

async fn run<C: Client>(
    clients: Vec<C>,
    time: Time,
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
            while start.elapsed() < time.warm_up + time.duration {
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
                if time.warm_up <= begin - start {
                    times.push(begin.elapsed());
                }
            }
            anyhow::Ok(times)
        });
    }
    barrier.wait().await;
    tokio::time::sleep(time.warm_up).await;
    let start = Instant::now();
    let processor = proc::processor_time();
    let mut times = Vec::new();
    while let Some(task) = tasks.join_next().await {
        times.extend(task.context("a client ended in a panic")??);
    }
    Ok(Shown {
        count: times.len() as u64,
        elapsed: start.elapsed(),
        processor: proc::processor_time().saturating_sub(processor),
        times,
    })
}

impl Shown {
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// Adds another load of the same kind.
    pub fn add(&mut self, other: Shown) {
        self.count += other.count;
        self.elapsed += other.elapsed;
        self.processor += other.processor;
        self.times.extend(other.times);
    }

    /// Adds a load of the same kind that went on at the same time.
    pub fn join(&mut self, other: Shown) {
        let elapsed = self.elapsed.max(other.elapsed);
        self.add(other);
        self.elapsed = elapsed;
    }

    /// Prints rate, latencies and processor time under a name; the unit is that of the rate.
    pub fn put(&mut self, name: &str, unit: &'static str, figures: &mut Figures) {
        self.times.sort_unstable();
        figures.put(&format!("{name}.rate"), self.rate(), unit);
        let each = self.processor.as_secs_f64() * 1e6 / self.count as f64;
        figures.put(&format!("{name}.processor_time"), each, "us");
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
