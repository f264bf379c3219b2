//! `scrip witness`: a witness of transparency logs, by itself; nothing of the platform is opened.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use witness::routes::{Served, router};
use witness::witness::{KeyChoice, Setup, Witness, public_key};

use crate::cli::witness as cli;
use crate::commands::serve::stop_signal;
use crate::commands::{block_on, start_log};
use crate::config::{Log, LogFormat};
use crate::server::{self, Server};

/// A log asks every few seconds, and few people look.
const CONNECTIONS_MAX: usize = 256;

pub fn run(arguments: cli::Witness) -> anyhow::Result<()> {
    let key = match &arguments.key {
        Some(path) => KeyChoice::File { path: path.clone() },
        None => KeyChoice::Own {
            name: arguments.name.clone(),
        },
    };
    if arguments.print_key {
        println!("{}", public_key(&arguments.data, key)?);
        return Ok(());
    }
    start_log(&Log {
        level: "info".to_owned(),
        format: LogFormat::Text,
        ..Log::default()
    });
    block_on(serve(arguments, key))
}

async fn serve(arguments: cli::Witness, key: KeyChoice) -> anyhow::Result<()> {
    let tls = match (&arguments.tls_certificate, &arguments.tls_key) {
        (Some(certificate), Some(key)) => Some(server::acceptor(certificate, key)?),
        _ => None,
    };
    let witness = Witness::open(Setup {
        directory: arguments.data,
        key,
        logs: arguments.logs,
    })?;
    let listener = server::bind(arguments.listen).await?;
    let address = listener.local_addr()?;
    let stop = stop_signal()?;
    tracing::info!(%address, key = %witness.public_key(), "the witness is ready");
    let server = Server {
        listener,
        tls,
        connections_max: server::connections_within_limit(CONNECTIONS_MAX),
        drain: Duration::ZERO,
        figures: Arc::default(),
    };
    let served = Served {
        witness: Arc::new(witness),
        now,
    };
    server.run(router(served), stop).await;
    tracing::info!("the witness has stopped");
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the binary, which reads the clock"
)]
fn now() -> SystemTime {
    SystemTime::now()
}
