//! `scrip serve`, and the part of it that `scrip demo` shares.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use api::state::{ApiState, Services};
use api::webhook::address::TargetPolicy;
use axum::Router;
use axum::middleware::from_fn;
use checkout::routes::CheckoutState;
use engine::service::contact::Letters;
use telemetry::http_figures::HttpFigures;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::{CancellationToken, DropGuard};
use web::client_address::Network;

use crate::anchored::AnchorSettings;
use crate::cli;
use crate::commands::{block_on, start_log};
use crate::config::Config;
use crate::health::{self, Health};
use crate::platform::Platform;
use crate::server::{self, Server};
use crate::stated;

/// Connections for metrics at a time.
const METRICS_CONNECTIONS_MAX: usize = 64;

/// How the platform is reached, and whom it believes.
pub struct Edge {
    /// Scheme, host and port; no path.
    pub base_url: String,
    pub trusted_proxies: Vec<Network>,
    /// Where merchants may have their messages sent.
    pub targets: TargetPolicy,
    /// Whether owners of vouchers are written to.
    pub letters: Letters,
    /// Fires when the server is told to stop; from then on it says that it is not ready.
    pub stop: CancellationToken,
}

pub fn run(arguments: &cli::Serve) -> anyhow::Result<()> {
    let config = Config::load(&arguments.config, std::env::vars())?;
    start_log(&config.log);
    block_on(serve(config))
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let tls = if config.tls.certificate.as_os_str().is_empty() {
        None
    } else {
        Some(server::acceptor(&config.tls.certificate, &config.tls.key)?)
    };
    let trusted_proxies = config
        .trusted_proxies
        .iter()
        .map(|text| network(text))
        .collect::<Result<_, _>>()?;
    let listener = server::bind(config.listen).await?;
    let metrics_listener = bind_metrics(&config).await?;
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let base_url = match config.public_url.trim_end_matches('/') {
        "" => format!("{scheme}://{address}"),
        url => url.to_owned(),
    };
    let platform = Platform::connect_with(&config.data, &config.store, config.risk.setup()).await?;
    let platform = platform
        .limiting_guesses(config.guard_limits()?)
        .locating(&config.risk.atlas)?
        .keeping_log(&config.log.origin, &config.log.policy)?
        .stating_every(config.log.liabilities_hours)
        .anchoring(AnchorSettings::of(&config.anchors)?);
    let targets = if config.webhooks.allow_private_targets {
        TargetPolicy::PrivateAllowed
    } else {
        TargetPolicy::PublicOnly
    };
    let server = config.mail.server()?;
    let post = server.map(|server| platform.post(server, &base_url));
    let letters = match post {
        Some(_) => Letters::Sent,
        None => Letters::NotSent,
    };
    let background = platform.start_background(targets, post).await?;
    let stop = stop_signal()?;
    let edge = Edge {
        base_url: base_url.clone(),
        trusted_proxies,
        targets,
        letters,
        stop: stop.clone(),
    };
    let router = router(&platform, &edge);
    let figures = Arc::<HttpFigures>::default();
    let measured = metrics_listener.map(|listener| tell_metrics(&platform, listener, &figures));
    let measured = measured.transpose()?;
    tracing::info!(%address, %base_url, "scrip is ready");
    let server = Server {
        listener,
        tls,
        connections_max: server::connections_within_limit(config.connections_max),
        drain: Duration::from_secs(config.drain_seconds),
        figures,
    };
    let standing = tokio::spawn(platform.watch_standing(stop.clone()));
    server.run(router, stop).await;
    drop(measured);
    background.stop(&platform).await;
    platform.close()?;
    standing.await.context("the watch ended in a panic")??;
    tracing::info!("scrip has stopped");
    Ok(())
}

async fn bind_metrics(config: &Config) -> anyhow::Result<Option<TcpListener>> {
    Ok(match config.metrics_address()? {
        Some(address) => Some(server::bind(address).await.context("metrics")?),
        None => None,
    })
}

/// Tells metrics until the guard is dropped, which is when the node has finished what it had: how it stops is told as well.
pub fn tell_metrics(
    platform: &Platform,
    listener: TcpListener,
    figures: &Arc<HttpFigures>,
) -> anyhow::Result<DropGuard> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "metrics are told at /metrics");
    let server = Server {
        listener,
        tls: None,
        connections_max: METRICS_CONNECTIONS_MAX,
        drain: Duration::ZERO,
        figures: Arc::default(),
    };
    let stop = CancellationToken::new();
    let telemetry = platform.telemetry(Arc::clone(figures));
    let router = telemetry::routes::router(telemetry);
    tokio::spawn(server.run(router, stop.clone()));
    Ok(stop.drop_guard())
}

fn network(text: &str) -> anyhow::Result<Network> {
    text.parse()
        .with_context(|| format!("trusted_proxies: `{text}` is not a network such as 10.0.0.0/8"))
}

/// All routes of the platform.
pub fn router(platform: &Platform, edge: &Edge) -> Router {
    let state = ApiState::new(Services {
        merchants: platform.merchants(),
        distributors: platform.distributors(),
        analysts: platform.analysts(),
        eraser: platform.eraser(),
        vault: Arc::clone(&platform.vault),
        clock: Arc::clone(&platform.clock),
        outbox: platform.outbox_port(),
        base_url: edge.base_url.as_str().into(),
        targets: edge.targets,
        liabilities: platform.liabilities(),
        letters: edge.letters,
    });
    let api = api::routing::router(state);
    let pages = checkout::routes::router(CheckoutState {
        payers: platform.payers(),
        merchants: platform.merchants(),
        vault: Arc::clone(&platform.vault),
        liabilities: platform.liabilities(),
        letters: edge.letters,
        base_url: edge.base_url.as_str().into(),
        trusted_proxies: edge.trusted_proxies.clone(),
    });
    let health = health::router(Health {
        store: platform.store_port(),
        shared: platform.shared_store(),
        stop: edge.stop.clone(),
    });
    let router = pages.merge(api).merge(health);
    let router = match platform.published_log() {
        Some(log) => router.merge(explorer::router(log, &edge.base_url)),
        None => router,
    };
    let router = match platform.liabilities() {
        Some(desk) => router.merge(stated::router(desk)),
        None => router,
    };
    router.layer(from_fn(web::route_name::name))
}

/// Fires on SIGTERM and on Ctrl-C. The second of either ends the process at once: whoever sends it does not want to wait
/// for balancers and for what is under way. That is a crash like any other, and no harm to what was acknowledged.
pub fn stop_signal() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let fired = stop.clone();
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        fired.cancel();
        let by = tokio::select! {
            _ = terminate.recv() => SignalKind::terminate(),
            _ = interrupt.recv() => SignalKind::interrupt(),
        };
        // Not even a line in the log: whoever reads that may be what is waited for.
        end_at_once(by);
    });
    Ok(stop)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the process has to end even if what it waits for never comes"
)]
fn end_at_once(by: SignalKind) -> ! {
    // As a shell tells that a signal ended a program.
    std::process::exit(128 + by.as_raw_value())
}
