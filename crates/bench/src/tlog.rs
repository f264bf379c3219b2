//! What the transparency log costs and reaches: payments with and without it, how soon a proof is there, how fast leaves are
//! made, how long a receipt is and takes, and what it costs to state and to prove what is owed.

mod liabilities;
mod proofs;
mod receipts;
mod witnesses;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use engine::log::sequencer::{Round, Sequencer};
use engine::log::{Log, Ports};
use ids::command::Sequence;
use scrip::platform::{Platform, RiskSetup};

use crate::figures::Figures;
use crate::load::{Shown, quantile};
use crate::payments::{self, Served};
use crate::sample::Sample;
use crate::tlog::proofs::Watched;
use crate::tlog::witnesses::Gathering;

const ORIGIN: &str = "bench.example/log";
/// Clients while payments are measured.
const CLIENTS: usize = 64;
/// How often the two platforms take turns: an even number.
const TURNS: u32 = 24;
/// Vouchers for each of them: more than can be spent.
const VOUCHERS: u64 = 700_000;

/// Measures everything: the parts need what the payments leave.
pub async fn measure(duration: Duration, figures: &mut Figures) -> anyhow::Result<()> {
    let place = tempfile::tempdir_in(".").context("cannot make a temporary directory here")?;
    let on = platform(&place.path().join("on")).await?;
    let gathering = Gathering::start(place.path(), &on.vault, ORIGIN).await?;
    let on = on.keeping_log(ORIGIN, &gathering.policy)?;
    let off_data = place.path().join("off");
    let off = platform(&off_data).await?;
    let (on, off) = (
        serve(place.path(), "on", on).await?,
        serve(place.path(), "off", off).await?,
    );
    take_turns(&on, &off, duration, figures).await?;
    receipts::measure(&on.0.platform, &gathering, figures).await?;
    catch_up(&off.0.platform, &off_data, figures).await?;
    for (sample, served) in [on, off] {
        served.stop().await?;
        let sample = Arc::into_inner(sample).context("the sample is still in use")?;
        sample.stop().await?;
    }
    gathering.stop().await;
    liabilities::measure(figures)
}

async fn platform(data: &Path) -> anyhow::Result<Platform> {
    Platform::connect_with(data, "", RiskSetup::default()).await
}

async fn serve(
    place: &Path,
    name: &str,
    platform: Platform,
) -> anyhow::Result<(Arc<Sample>, Served)> {
    let mut unused = Figures::default();
    let sample = Sample::on(platform, &place.join(name), VOUCHERS, &mut unused).await?;
    let sample = Arc::new(sample);
    let served = Served::start(&sample).await?;
    Ok((sample, served))
}

/// Payments with the log and without it in turns, and how soon their proofs are there.
async fn take_turns(
    on: &(Arc<Sample>, Served),
    off: &(Arc<Sample>, Served),
    duration: Duration,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let ports = on.0.platform.log_ports();
    let (mut logged, mut unlogged) = (Shown::default(), Shown::default());
    let mut delays = Vec::new();
    let (mut leaves, mut elapsed) = (0, Duration::ZERO);
    let mut ratios = Vec::new();
    for turn in 0..TURNS {
        let without = || payments::closed(&off.0, &off.1, CLIENTS, duration / TURNS);
        // Each goes first as often as second, so that what drifts slowly drifts for both.
        let early = if turn % 2 == 1 {
            Some(without().await?)
        } else {
            None
        };
        let watched = Watched::begin(ports.clone(), ORIGIN);
        let (before, begun) = (shown(&ports).await?, Instant::now());
        let with = payments::closed(&on.0, &on.1, CLIENTS, duration / TURNS).await?;
        leaves += shown(&ports).await? - before;
        elapsed += begun.elapsed();
        delays.extend(watched.end().await?);
        let without = match early {
            Some(early) => early,
            None => without().await?,
        };
        ratios.push(with.rate() / without.rate());
        logged.add(with);
        unlogged.add(without);
    }
    logged.put("tlog.payments.on", "requests/s", figures);
    unlogged.put("tlog.payments.off", "requests/s", figures);
    let ratio = logged.rate() / unlogged.rate();
    figures.put("tlog.payments.on_to_off", ratio, "ratio");
    ratios.sort_unstable_by(f64::total_cmp);
    for (name, ratio) in [
        ("least", ratios[0]),
        ("median", median(&ratios)),
        ("most", ratios[ratios.len() - 1]),
    ] {
        figures.put(&format!("tlog.payments.on_to_off.{name}"), ratio, "ratio");
    }
    let rate = leaves as f64 / elapsed.as_secs_f64();
    figures.put("tlog.leaves.under_load", rate, "leaves/s");
    delays.sort_unstable();
    figures.put("tlog.proof.samples", delays.len() as u64, "samples");
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
        let ms = quantile(&delays, share).as_secs_f64() * 1e3;
        figures.put(&format!("tlog.proof.{name}"), ms, "ms");
    }
    Ok(())
}

/// Of an even number of figures in their order.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    f64::midpoint(sorted[middle - 1], sorted[middle])
}

/// Makes the log of all that the platform without one has written, each round with its syncs.
async fn catch_up(platform: &Platform, data: &Path, figures: &mut Figures) -> anyhow::Result<()> {
    let ports = platform.log_ports();
    let log = Arc::new(Log::named(ORIGIN, &platform.vault)?);
    let sequencer = Sequencer::new(ports.clone(), log);
    let begun = Instant::now();
    let mut rounds = 0_u64;
    while sequencer.round().await? != Round::CaughtUp {
        rounds += 1;
    }
    let elapsed = begun.elapsed();
    let leaves = shown(&ports).await?;
    let rate = leaves as f64 / elapsed.as_secs_f64();
    figures.put("tlog.leaves.made", leaves, "leaves");
    figures.put("tlog.leaves.rounds", rounds, "rounds");
    figures.put("tlog.leaves.alone", rate, "leaves/s");
    let files = ["log.db", "log.db-wal"].map(|name| std::fs::metadata(data.join(name)));
    let bytes: u64 = files.into_iter().flatten().map(|file| file.len()).sum();
    let each = bytes as f64 / leaves as f64;
    figures.put("tlog.bytes.files_per_leaf", each, "bytes");
    let head = ports.store.head().await?;
    let runs = ports.seeds.seed_runs(Sequence(0), head).await?;
    let sealed: usize = runs.iter().map(|run| run.sealed.len()).sum();
    let each = sealed as f64 / leaves as f64;
    figures.put("tlog.bytes.seeds_per_leaf", each, "bytes");
    Ok(())
}

/// The size of the newest checkpoint that everybody sees.
async fn shown(ports: &Ports) -> anyhow::Result<u64> {
    let state = ports.log.log_state(ORIGIN).await?;
    Ok(state.published.map_or(0, |published| published.size))
}
