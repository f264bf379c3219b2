//! How long a receipt is, and how long its verification takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use accounting::entry::Actor;
use anyhow::Context;
use engine::log::Log;
use engine::log::receipts::{Reader, Receipts};
use ids::command::Sequence;
use scrip::platform::Platform;
use verifier::checkpoint::Clock;
use verifier::policy::Policy;
use verifier::receipt::Receipt;

use crate::figures::Figures;
use crate::tlog::ORIGIN;
use crate::tlog::witnesses::{Gathering, seconds};

/// Receipts that are made, each of another entry, and how often each is verified.
const RECEIPTS: u64 = 200;
const TIMES: u32 = 10;

pub async fn measure(
    platform: &Platform,
    gathering: &Gathering,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let ports = platform.log_ports();
    let head = ports.store.head().await?.0;
    let log = Arc::new(Log::named(ORIGIN, &platform.vault)?);
    let receipts = Receipts::new(ports.clone(), log);
    let mut texts = Vec::new();
    let mut making = Duration::ZERO;
    let places = (0..).map(|step| Sequence(1 + step * (head / RECEIPTS / 4).max(1)));
    for place in places.take_while(|place| place.0 <= head) {
        let found = ports.store.entries_at(&[place]).await?;
        let entry = found.first().context("the journal has no gap")?;
        if !matches!(entry.actor(), Actor::Merchant(_)) {
            continue;
        }
        let begun = Instant::now();
        let receipt = receipts.of(entry, Reader::Merchant).await?;
        making += begun.elapsed();
        texts.push(receipt.context("every entry is proved")?.to_string());
    }
    anyhow::ensure!(!texts.is_empty(), "the shop has done something");
    let policy = std::fs::read_to_string(&gathering.policy)?;
    let policy = Policy::parse(&policy).map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let clock = Clock {
        now: seconds(),
        age_seconds_max: None,
    };
    let begun = Instant::now();
    for _ in 0..TIMES {
        for text in &texts {
            let verified = Receipt::verify(text.as_bytes(), &policy, clock);
            verified.map_err(|failure| anyhow::anyhow!("{failure}"))?;
        }
    }
    let count = texts.len() as f64;
    let each = begun.elapsed().as_secs_f64() * 1e6 / count / f64::from(TIMES);
    let bytes: usize = texts.iter().map(String::len).sum();
    figures.put("tlog.receipt.bytes", bytes as f64 / count, "bytes");
    let made = making.as_secs_f64() * 1e6 / count;
    figures.put("tlog.receipt.making", made, "us");
    figures.put("tlog.receipt.verification", each, "us");
    Ok(())
}
