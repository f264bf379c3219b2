//! One node: a process of its own with an engine over the database, and its clients.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::webhook::address::TargetPolicy;
use scrip::platform::Platform;
use serde::{Deserialize, Serialize};

use crate::engine_load::{EngineClient, Keys, Shops};
use crate::load::{self, Shown};
use crate::sample::Pins;

/// Where a node finds what it needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeSetup {
    pub url: String,
    /// Where the keys are.
    pub data: PathBuf,
    pub vouchers: u64,
}

/// One load.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NodeLoad {
    pub clients: usize,
    pub merchants: u32,
    /// The voucher with which this node begins.
    pub first_voucher: u64,
    pub warm_up: Duration,
    pub duration: Duration,
}

/// What a node tells of a load.
#[derive(Debug, Serialize, Deserialize)]
pub struct NodeReport {
    elapsed: Duration,
    processor: Duration,
    times: Vec<u32>,
}

/// What a node says when it can begin.
pub const READY: &str = "ready";

/// Serves until its input ends: each line is a load, and is answered by a line with a report.
pub async fn run(setup: &str) -> anyhow::Result<()> {
    let setup: NodeSetup = serde_json::from_str(setup)?;
    let platform = Platform::connect(&setup.data, &setup.url).await?;
    let background = platform
        .start_background(TargetPolicy::PublicOnly, None)
        .await?;
    say(READY)?;
    while let Some(line) = tokio::task::spawn_blocking(|| std::io::stdin().lines().next()).await? {
        let line = line?;
        let report = load(&platform, setup.vouchers, &serde_json::from_str(&line)?).await?;
        say(&serde_json::to_string(&report)?)?;
    }
    background.stop(&platform).await;
    platform.close()
}

async fn load(platform: &Platform, vouchers: u64, load: &NodeLoad) -> anyhow::Result<NodeReport> {
    let pins = Arc::new(Pins::new(vouchers, load.first_voucher)?);
    let client = |number: usize| {
        let shops = Shops {
            count: load.merchants,
            // A step that shares no factor with a thousand, so that clients and nodes meet at all merchants.
            next: (number as u32 * 37 + load.first_voucher as u32) % load.merchants,
        };
        EngineClient::new(platform, &pins, shops, Keys::Random)
    };
    let clients: Vec<EngineClient> = (0..load.clients).map(client).collect();
    let shown = load::closed_after(clients, load.warm_up, load.duration).await?;
    Ok(NodeReport::of(&shown))
}

fn say(line: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}

impl NodeReport {
    fn of(shown: &Shown) -> NodeReport {
        let micros = |time: &Duration| u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
        NodeReport {
            elapsed: shown.elapsed,
            processor: shown.processor,
            times: shown.times.iter().map(micros).collect(),
        }
    }

    pub fn into_shown(self) -> Shown {
        let micros = |time: u32| Duration::from_micros(time.into());
        Shown {
            count: self.times.len() as u64,
            elapsed: self.elapsed,
            processor: self.processor,
            times: self.times.into_iter().map(micros).collect(),
        }
    }
}
