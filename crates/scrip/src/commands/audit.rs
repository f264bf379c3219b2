//! `scrip audit`: the journal against everything that follows from it.

use std::path::{Path, PathBuf};

use anyhow::bail;
use store::audit::AuditReport;
use store_postgres::store::PostgresStore;
use store_postgres::target::Target;

use crate::cli;
use crate::commands::block_on;
use crate::config::Config;

pub fn run(arguments: &cli::Audit) -> anyhow::Result<()> {
    let (data, store) = place(arguments)?;
    let report = if store.is_empty() {
        audit_directory(&data)?
    } else {
        block_on(audit_database(&store))?
    };
    for (name, value) in &report.figures {
        println!("{name}: {value}");
    }
    for difference in &report.differences {
        println!("DIFFERENCE: {difference}");
    }
    match report.differences.len() {
        0 => {
            println!("everything agrees with the journal");
            Ok(())
        }
        count => bail!(
            "{count} differences: do not go on with this data; restore a backup or ask for help"
        ),
    }
}

fn audit_directory(data: &Path) -> anyhow::Result<AuditReport> {
    if !data.is_dir() {
        bail!("there is no data directory {}", data.display());
    }
    Ok(store_sqlite::audit::audit(data)?)
}

async fn audit_database(url: &str) -> anyhow::Result<AuditReport> {
    let store = PostgresStore::open_existing(&Target::parse(url)?).await?;
    let report = store_postgres::audit::audit(&store).await;
    store.close();
    Ok(report?)
}

/// The data directory, and the URL of the database where there is one.
fn place(arguments: &cli::Audit) -> anyhow::Result<(PathBuf, String)> {
    match (&arguments.data, &arguments.config) {
        (Some(data), _) => Ok((data.clone(), String::new())),
        (None, Some(config)) => {
            let config = Config::load(config, std::env::vars())?;
            Ok((config.data, config.store))
        }
        (None, None) => Ok((PathBuf::from("./scrip-data"), String::new())),
    }
}
