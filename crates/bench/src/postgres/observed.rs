//! What a load takes the server: processor time, and log towards the disk.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use tokio_postgres::NoTls;

use crate::figures::Figures;
use crate::proc;

/// Watches one server.
pub struct Observer {
    client: tokio_postgres::Client,
    postmaster: u32,
}

/// What was seen between two looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Observed {
    elapsed: Duration,
    /// Of all processes of the server.
    processor: Duration,
    wal_bytes: i64,
    /// Of full pages within the log.
    wal_pages: i64,
    wal_syncs: i64,
    waits: Waits,
}

/// How many connections were seen doing what, all samples together.
#[derive(Clone, Copy, Debug, Default)]
struct Waits {
    samples: i64,
    /// For a row that another transaction has changed: among nodes that is the journal's head.
    lock: i64,
    /// For the log to be written and synced.
    log: i64,
    /// Not at all: they run, or would if a core were free.
    none: i64,
}

/// How often it is looked what connections wait for.
const SAMPLE_PAUSE: Duration = Duration::from_millis(25);
const WAITS: &str = "SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'),
        count(*) FILTER (WHERE wait_event IN ('WALSync', 'WALWrite')), count(*) FILTER (WHERE wait_event IS NULL)
    FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()";

/// Counters that only grow.
const COUNTERS: &str = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint, wal_fpi, wal_sync FROM pg_stat_wal";

impl Observer {
    /// Watches the server whose data is in this directory.
    pub async fn start(url: &str, data: &Path) -> anyhow::Result<Observer> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let file = std::fs::read_to_string(data.join("postmaster.pid"))
            .context("the server's process is not known")?;
        let postmaster = file.lines().next().unwrap_or_default().trim().parse()?;
        Ok(Observer { client, postmaster })
    }

    /// Waits for the warm-up and for the load, and tells what the latter took.
    pub async fn during(&self, warm_up: Duration, load: Duration) -> anyhow::Result<Observed> {
        tokio::time::sleep(warm_up).await;
        let before = self.look().await?;
        let waits = self.sample(load).await?;
        let after = self.look().await?;
        Ok(Observed {
            elapsed: load,
            processor: after.processor.saturating_sub(before.processor),
            wal_bytes: after.wal_bytes - before.wal_bytes,
            wal_pages: after.wal_pages - before.wal_pages,
            wal_syncs: after.wal_syncs - before.wal_syncs,
            waits,
        })
    }

    async fn sample(&self, duration: Duration) -> anyhow::Result<Waits> {
        let end = tokio::time::Instant::now() + duration;
        let statement = self.client.prepare(WAITS).await?;
        let mut waits = Waits::default();
        while tokio::time::Instant::now() + SAMPLE_PAUSE < end {
            tokio::time::sleep(SAMPLE_PAUSE).await;
            let row = self.client.query_one(&statement, &[]).await?;
            waits.add(Waits {
                samples: 1,
                lock: row.try_get(0)?,
                log: row.try_get(1)?,
                none: row.try_get(2)?,
            });
        }
        tokio::time::sleep_until(end).await;
        Ok(waits)
    }

    async fn look(&self) -> anyhow::Result<Observed> {
        let row = self.client.query_one(COUNTERS, &[]).await?;
        Ok(Observed {
            elapsed: Duration::ZERO,
            processor: proc::processor_time_of_family(self.postmaster),
            wal_bytes: row.try_get(0)?,
            wal_pages: row.try_get(1)?,
            wal_syncs: row.try_get(2)?,
            waits: Waits::default(),
        })
    }
}

impl Waits {
    fn add(&mut self, other: Waits) {
        self.samples += other.samples;
        self.lock += other.lock;
        self.log += other.log;
        self.none += other.none;
    }
}

impl Observed {
    pub fn add(&mut self, other: Observed) {
        self.elapsed += other.elapsed;
        self.processor += other.processor;
        self.wal_bytes += other.wal_bytes;
        self.wal_pages += other.wal_pages;
        self.wal_syncs += other.wal_syncs;
        self.waits.add(other.waits);
    }

    /// Prints what each command of a load took.
    pub fn put(&self, name: &str, rate: f64, figures: &mut Figures) {
        let count = rate * self.elapsed.as_secs_f64();
        let micros = self.processor.as_secs_f64() * 1e6 / count;
        figures.put(&format!("{name}.server_processor_time"), micros, "us");
        let bytes = self.wal_bytes as f64 / count;
        figures.put(&format!("{name}.wal_per_command"), bytes, "bytes");
        let pages = self.wal_pages as f64 / count;
        figures.put(&format!("{name}.wal_pages_per_command"), pages, "pages");
        let syncs = self.wal_syncs as f64 / self.elapsed.as_secs_f64();
        figures.put(&format!("{name}.wal_syncs"), syncs, "syncs/s");
        let waits = self.waits;
        let kinds = [
            ("waiting_for_lock", waits.lock),
            ("waiting_for_log", waits.log),
            ("running", waits.none),
        ];
        for (kind, seen) in kinds {
            let mean = seen as f64 / waits.samples.max(1) as f64;
            figures.put(&format!("{name}.{kind}"), mean, "connections");
        }
    }
}
