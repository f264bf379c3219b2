//! `cargo xtask bench`: what the platform reaches on this machine, in one run.
//!
//! Every figure is printed as `name: value unit`. The load generator runs in the same process on the same
//! cores, for the echo and for the payments alike, so that the ratio of the two says what the platform costs.

mod echo;
mod engine_load;
mod figures;
mod http_client;
mod load;
mod payments;
mod postgres;
mod proc;
mod risk;
mod sample;
mod sync;
mod tlog;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Parser, ValueEnum};
use evaluation::measure::{PARTS, Pythons};
use mimalloc::MiMalloc;

use figures::Figures;
use postgres::Plan;
use sample::Sample;
use scrip::platform::RiskSetup;

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures the platform.
#[derive(Debug, Parser)]
struct Arguments {
    /// What to measure besides the platform as a whole.
    #[arg(value_enum)]
    subject: Option<Subject>,
    /// What stores: the embedded store, or a PostgreSQL of the measurement's own.
    #[arg(long, value_enum, default_value_t = StoreKind::Embedded)]
    store: StoreKind,
    /// Vouchers that are live while the measurements run; 5,000,000 embedded and 200,000 in PostgreSQL if left out.
    #[arg(long)]
    vouchers: Option<u64>,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Numbers of clients to measure with.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64, 256])]
    clients: Vec<usize>,
    /// Entries that the journal has at least when the starts are measured.
    #[arg(long, default_value_t = 10_000_000)]
    entries: u64,
    /// Only these parts: sync, engine, payments; of PostgreSQL: nodes, single, pgbench; of risk: memory, backtest, guessing,
    /// new-kind, retraining, handbook, foreign, payments.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Where to keep the data; a temporary directory if left out.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Write the figures to this file as JSON as well.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Risk: a Python with LightGBM, for the baseline; without one there is none.
    #[arg(long, env = "SCRIP_TEST_TREES_PYTHON")]
    trees_python: Option<PathBuf>,
    /// Risk: a Python with `synccfd` and `fraudtwin`; without one their streams are left out.
    #[arg(long, env = "SCRIP_TEST_STREAMS_PYTHON")]
    streams_python: Option<PathBuf>,
    /// PostgreSQL: the directory of its programs.
    #[arg(
        long,
        env = "SCRIP_TEST_POSTGRES",
        default_value = "/usr/lib/postgresql/15/bin"
    )]
    programs: PathBuf,
    /// PostgreSQL: merchants who are not the hot one alone.
    #[arg(long, default_value_t = 1_000)]
    merchants: u32,
    /// PostgreSQL: how often the things that are compared take turns.
    #[arg(long, default_value_t = 3)]
    turns: u32,
    /// PostgreSQL: the scale of `pgbench`.
    #[arg(long, default_value_t = 50)]
    scale: u32,
    /// What this process does as a node of a measurement.
    #[arg(long, hide = true)]
    node: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// What judging costs and reaches: decisions, payments with and without it, memory, back-tests, and streams against a
    /// baseline.
    Risk,
    /// What the transparency log costs and reaches: payments with and without it, how soon proofs are there, leaves a second,
    /// receipts, statements of what is owed.
    Tlog,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StoreKind {
    Embedded,
    Postgres,
}

const VOUCHERS_EMBEDDED: u64 = 5_000_000;
const VOUCHERS_POSTGRES: u64 = 200_000;

impl Arguments {
    /// The parts of what is measured; what `--only` names must be among them.
    fn parts(&self) -> Vec<&'static str> {
        match (self.subject, self.store) {
            (Some(Subject::Risk), _) => [&["memory", "backtest", "payments"], &PARTS[..]].concat(),
            (Some(Subject::Tlog), _) => Vec::new(),
            (None, StoreKind::Postgres) => vec!["nodes", "single", "pgbench"],
            (None, StoreKind::Embedded) => vec!["sync", "engine", "payments"],
        }
    }

    fn check(&self) -> anyhow::Result<()> {
        let parts = self.parts();
        match self
            .only
            .iter()
            .find(|only| !parts.contains(&only.as_str()))
        {
            Some(unknown) => bail!(
                "--only: there is no part {unknown:?} here, but {}",
                parts.join(", ")
            ),
            None => Ok(()),
        }
    }

    fn plan(&self) -> Plan {
        Plan {
            programs: self.programs.clone(),
            vouchers: self.vouchers.unwrap_or(VOUCHERS_POSTGRES),
            merchants: self.merchants,
            clients: self.clients.clone(),
            duration: Duration::from_secs(self.seconds),
            turns: self.turns.max(1),
            scale: self.scale,
            only: self.only.clone(),
        }
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    arguments.check()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    if let Some(task) = &arguments.node {
        return runtime.block_on(postgres::node::run(task));
    }
    let mut figures = Figures::default();
    runtime.block_on(measure(&arguments, &mut figures))?;
    if let Some(path) = &arguments.json {
        std::fs::write(path, figures.to_json()?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

async fn measure(arguments: &Arguments, figures: &mut Figures) -> anyhow::Result<()> {
    let wanted =
        |part: &str| arguments.only.is_empty() || arguments.only.iter().any(|only| only == part);
    let duration = Duration::from_secs(arguments.seconds);
    if arguments.subject == Some(Subject::Risk) {
        let pythons = Pythons {
            trees: arguments.trees_python.clone(),
            streams: arguments.streams_python.clone(),
        };
        return risk::measure(duration, wanted, &pythons, figures).await;
    }
    if arguments.subject == Some(Subject::Tlog) {
        return tlog::measure(duration, figures).await;
    }
    if arguments.store == StoreKind::Postgres {
        return postgres::measure(arguments.plan(), figures).await;
    }
    let temporary = tempfile::tempdir_in(".").context("cannot make a temporary directory here")?;
    let data = arguments
        .data
        .clone()
        .unwrap_or_else(|| temporary.path().join("data"));
    figures.put(
        "cores",
        std::thread::available_parallelism()?.get() as u64,
        "cores",
    );
    if wanted("sync") {
        sync::measure(temporary.path(), duration, figures)?;
    }
    if wanted("engine") || wanted("payments") {
        let sample = Arc::new(
            Sample::prepare(
                &data,
                arguments.vouchers.unwrap_or(VOUCHERS_EMBEDDED),
                RiskSetup::default(),
                figures,
            )
            .await?,
        );
        if wanted("engine") {
            engine_load::measure(&sample, &arguments.clients, duration, figures).await?;
        }
        if wanted("payments") {
            payments::measure(&sample, &arguments.clients, duration, figures).await?;
        }
        engine_load::fill(&sample, arguments.entries).await?;
        Arc::into_inner(sample)
            .context("the sample is still in use")?
            .finish(figures)
            .await?;
    }
    Ok(())
}
