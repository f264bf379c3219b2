//! `scrip demo`: the platform with sample data and a shop, from nothing.

mod sample;

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Actor;
use anyhow::Context;
use api::webhook::address::TargetPolicy;
use engine::service::contact::Letters;
use serde::{Deserialize, Serialize};
use telemetry::http_figures::HttpFigures;
use tokio::net::TcpListener;

use crate::cli;
use crate::commands::serve::{Edge, router, stop_signal, tell_metrics};
use crate::platform::Platform;
use crate::server::{self, Server};
use crate::shop::{self, Shop};

/// The file with what a visitor of the demo needs.
const DEMO_FILE: &str = "demo.json";
/// The name of the demo's transparency log.
const LOG_ORIGIN: &str = "scrip-demo.example/log";
/// How often it is stated what is owed.
const STATED_EVERY_HOURS: u32 = 24;
/// Connections that the demo accepts at a time.
const CONNECTIONS_MAX: usize = 10_000;

/// What `demo.json` holds. These are play-money secrets, written down so that one can try everything.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DemoFile {
    pub base_url: String,
    pub api_key: String,
    pub distributor_key: String,
    /// Empty in a file from before there was one.
    #[serde(default)]
    pub operator_key: String,
    pub shop_url: String,
    /// Empty in a file from before there was one.
    #[serde(default)]
    pub metrics_url: String,
    pub webhook_secret: String,
    pub vouchers: Vec<SampleVoucher>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SampleVoucher {
    pub pin: String,
    pub serial: String,
    pub amount: String,
    pub currency: String,
}

pub async fn run(arguments: cli::Demo) -> anyhow::Result<()> {
    let listener = server::bind(arguments.listen).await?;
    let address = listener.local_addr()?;
    let shop_listener = bind_behind(address).await?;
    let shop_address = shop_listener.local_addr()?;
    let metrics_listener = bind_behind(shop_address).await?;
    let base_url = format!("http://{address}");
    let shop_url = format!("http://{shop_address}");
    let metrics_url = format!("http://{}/metrics", metrics_listener.local_addr()?);

    let platform = Platform::open(&arguments.data)?
        .keeping_log(LOG_ORIGIN, Path::new(""))?
        .stating_every(STATED_EVERY_HOURS);
    let path = arguments.data.join(DEMO_FILE);
    let sample = match read(&path)? {
        Some(sample) => DemoFile {
            base_url: base_url.clone(),
            shop_url: shop_url.clone(),
            metrics_url,
            ..sample
        },
        None => DemoFile {
            metrics_url,
            ..sample::create(&platform, &base_url, &shop_url).await?
        },
    };
    state_once(&platform).await?;
    let background = platform
        .start_background(TargetPolicy::PrivateAllowed, None)
        .await?;
    let stop = stop_signal()?;
    let edge = Edge {
        base_url,
        trusted_proxies: Vec::new(),
        targets: TargetPolicy::PrivateAllowed,
        letters: Letters::NotSent,
        stop: stop.clone(),
    };
    let figures = Arc::<HttpFigures>::default();
    let _measured = tell_metrics(&platform, metrics_listener, &figures)?;
    let connections_max = server::connections_within_limit(CONNECTIONS_MAX) / 2;
    let pages = Server {
        listener,
        tls: None,
        connections_max,
        drain: Duration::ZERO,
        figures: Arc::clone(&figures),
    };
    let pages = tokio::spawn(pages.run(router(&platform, &edge), stop.clone()));

    let sample = shop::register_webhook(sample).await?;
    write(&path, &sample)?;
    let shop = shop::router(Shop::new(&sample)?);
    let shop_server = Server {
        listener: shop_listener,
        tls: None,
        connections_max,
        drain: Duration::ZERO,
        figures: Arc::default(),
    };
    let shop_server = tokio::spawn(shop_server.run(shop, stop.clone()));
    print(&sample, &path);

    pages.await.context("the server ended in a panic")?;
    shop_server.await.context("the shop ended in a panic")?;
    background.stop(&platform).await;
    platform.close()
}

/// So that whoever looks at a voucher can check at once that it is counted.
async fn state_once(platform: &Platform) -> anyhow::Result<()> {
    let publisher = platform.publisher();
    if publisher.ports().newest().await?.is_none() {
        publisher.publish(Actor::Operator).await?;
    }
    Ok(())
}

/// The port behind another one, or any free one.
async fn bind_behind(taken: SocketAddr) -> anyhow::Result<TcpListener> {
    let next = SocketAddr::new(taken.ip(), taken.port().saturating_add(1));
    match TcpListener::bind(next).await {
        Ok(listener) => Ok(listener),
        Err(_) => server::bind(SocketAddr::new(taken.ip(), 0)).await,
    }
}

fn read(path: &Path) -> anyhow::Result<Option<DemoFile>> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).with_context(|| {
            format!(
                "{} is damaged; delete it to get new sample data",
                path.display()
            )
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Replaces the file in one step, so that a crash leaves the old one or the new one.
fn write(path: &Path, sample: &DemoFile) -> anyhow::Result<()> {
    let partial = path.with_extension("json.partial");
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)?;
        file.write_all(&serde_json::to_vec_pretty(sample)?)?;
        file.sync_all()?;
        std::fs::rename(&partial, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn print(sample: &DemoFile, path: &Path) {
    println!(
        "Scrip is running. Stop it with Ctrl-C; a second start goes on where this one stops.\n"
    );
    println!("base_url:        {}", sample.base_url);
    println!(
        "shop_url:        {}   <- buy something here",
        sample.shop_url
    );
    println!("api_key:         {}", sample.api_key);
    println!("distributor_key: {}", sample.distributor_key);
    println!("operator_key:    {}", sample.operator_key);
    println!("metrics_url:     {}", sample.metrics_url);
    println!("webhook_secret:  {}\n", sample.webhook_secret);
    println!("vouchers:");
    for voucher in &sample.vouchers {
        let groups: Vec<&str> = (0..4)
            .filter_map(|group| voucher.pin.get(group * 4..group * 4 + 4))
            .collect();
        println!(
            "  {}   {:>7} {}   serial {}",
            groups.join(" "),
            voucher.amount,
            voucher.currency,
            voucher.serial
        );
    }
    println!("\nAll of this is in {} as well.", path.display());
    println!("Documentation for shops: {}/docs", sample.base_url);
    println!(
        "Public log, for which nobody but this demo vouches: {}/log/",
        sample.base_url
    );
}
