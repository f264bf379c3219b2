//! (b): PostgreSQL's own measure of PostgreSQL, the TPC-B-like script of `pgbench`.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use sim::cluster::Cluster;
use tokio::process::Command;

use crate::load::Shown;

/// The database of the measure.
pub struct Pgbench<'a> {
    cluster: &'a Cluster,
    database: String,
}

impl<'a> Pgbench<'a> {
    /// Fills a database with `scale` times a hundred thousand accounts.
    pub async fn prepare(cluster: &'a Cluster, scale: u32) -> anyhow::Result<Pgbench<'a>> {
        let url = cluster.database();
        let database = url.rsplit('/').next().context("a URL has a database")?;
        let pgbench = Pgbench {
            cluster,
            database: database.to_owned(),
        };
        let arguments = ["-i".to_owned(), "-q".to_owned(), format!("-s{scale}")];
        pgbench.run(&arguments).await?;
        Ok(pgbench)
    }

    /// Runs the script with so many connections, each of which sends as soon as it is answered.
    pub async fn measure(&self, clients: usize, duration: Duration) -> anyhow::Result<Shown> {
        let logs = tempfile::tempdir_in(".")?;
        let arguments = [
            "-Mprepared".to_owned(),
            "-n".to_owned(),
            format!("-c{clients}"),
            format!("-j{}", clients.min(2)),
            format!("-T{}", duration.as_secs().max(1)),
            "-l".to_owned(),
            format!("--log-prefix={}/log", logs.path().display()),
        ];
        let output = self.run(&arguments).await?;
        let rate = output
            .lines()
            .find_map(|line| line.strip_prefix("tps = "))
            .and_then(|line| line.split_whitespace().next())
            .context("pgbench tells no rate")?;
        let rate: f64 = rate.parse()?;
        let times = times(logs.path())?;
        Ok(Shown {
            count: times.len() as u64,
            elapsed: Duration::from_secs_f64(times.len() as f64 / rate),
            processor: Duration::ZERO,
            times,
        })
    }

    async fn run(&self, arguments: &[String]) -> anyhow::Result<String> {
        let output = Command::new(self.cluster.programs().join("pgbench"))
            .args(["-U", "scrip", "-h", "127.0.0.1", "-p"])
            .arg(self.cluster.port().to_string())
            .args(arguments)
            .arg(&self.database)
            .output()
            .await
            .context("pgbench cannot be run")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "pgbench failed: {errors}");
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// The third word of each line of the logs is what a transaction took, in microseconds.
fn times(logs: &Path) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    for file in std::fs::read_dir(logs)? {
        let text = std::fs::read_to_string(file?.path())?;
        for line in text.lines() {
            let micros = line.split_whitespace().nth(2).context("a log's line")?;
            times.push(Duration::from_micros(micros.parse()?));
        }
    }
    Ok(times)
}
