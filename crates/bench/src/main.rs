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
mod proc;
mod sample;
mod sync;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use mimalloc::MiMalloc;

use figures::Figures;
use sample::Sample;

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures the embedded platform.
#[derive(Debug, Parser)]
struct Arguments {
    /// Vouchers that are live while the measurements run.
    #[arg(long, default_value_t = 5_000_000)]
    vouchers: u64,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Numbers of clients to measure with.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64, 256])]
    clients: Vec<usize>,
    /// Entries that the journal has at least when the starts are measured.
    #[arg(long, default_value_t = 10_000_000)]
    entries: u64,
    /// Only these parts: sync, engine, payments.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Where to keep the data; a temporary directory if left out.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Write the figures to this file as JSON as well.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
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
        let sample = Arc::new(Sample::prepare(&data, arguments.vouchers, figures).await?);
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
