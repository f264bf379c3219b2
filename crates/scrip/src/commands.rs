//! What each sub-command does.

mod audit;
mod backup;
mod decisions;
pub mod demo;
mod evaluate;
mod liabilities;
mod log;
mod migrate_store;
mod parties;
mod payments;
mod people;
mod risk;
pub mod serve;
mod vouchers;
mod witness;

use std::future::Future;
use std::io::IsTerminal;

use anyhow::Context;
use telemetry::lines::CountLines;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::cli::{Cli, Command};
use crate::config::{Log, LogFormat};

pub fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Demo(arguments) => {
            start_log(&Log {
                level: "warn".to_owned(),
                format: LogFormat::Text,
                ..Log::default()
            });
            block_on(demo::run(arguments))
        }
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Merchant(arguments) => quietly(parties::save_merchant(arguments)),
        Command::Distributor(arguments) => quietly(parties::save_distributor(arguments)),
        Command::Product(arguments) => quietly(parties::save_product(arguments)),
        Command::RevokeKey(arguments) => quietly(parties::revoke_key(arguments)),
        Command::Vouchers(arguments) => quietly(vouchers::run(arguments)),
        Command::Anchors(arguments) => quietly(log::anchors::prepare(arguments)),
        Command::ErasePayer(arguments) => quietly(people::erase_payer(arguments)),
        Command::ResumePayment(arguments) => quietly(payments::resume(arguments)),
        Command::Operator(arguments) => quietly(people::operator(arguments)),
        Command::Reviews(arguments) => quietly(people::reviews(arguments)),
        Command::Risk(arguments) => quietly(risk::run(arguments)),
        Command::Backup(arguments) => backup::backup(&arguments),
        Command::Restore(arguments) => backup::restore(&arguments),
        Command::MigrateStore(arguments) => quietly(migrate_store::run(arguments)),
        Command::Audit(arguments) => audit::run(&arguments),
        Command::Liabilities(place) => quietly(liabilities::state(place)),
        Command::Verify(arguments) => quietly(log::verify(arguments)),
        Command::Mirror(arguments) => quietly(log::mirror(arguments)),
        Command::LogKey(arguments) => log::print_key(&arguments),
        Command::Witness(arguments) => witness::run(arguments),
    }
}

/// Sends log lines to standard error, and counts them.
pub fn start_log(log: &Log) {
    let filter = EnvFilter::new(&log.level);
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let written: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Text => Box::new(lines.with_filter(filter)),
        LogFormat::Json => Box::new(lines.json().with_filter(filter)),
    };
    // A second start in one process, as tests do, keeps the first.
    let _ = tracing_subscriber::registry()
        .with(written)
        .with(CountLines.with_filter(LevelFilter::WARN))
        .try_init();
}

pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads of the program could not be started")?
        .block_on(work)
}

/// A command that reports its result itself and logs warnings alone.
fn quietly(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    start_log(&Log {
        level: "warn".to_owned(),
        format: LogFormat::Text,
        ..Log::default()
    });
    block_on(work)
}
