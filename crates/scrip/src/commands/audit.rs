//! `scrip audit`: the journal against everything that follows from it.

use std::path::{Path, PathBuf};

use anyhow::bail;
use engine::risk::replaying::Mismatch;
use risk::decision::values::Schema;
use risk::feature;
use store::audit::AuditReport;
use store::port::Store;
use store_postgres::store::PostgresStore;
use store_postgres::target::Target;
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;

use crate::cli;
use crate::commands::block_on;
use crate::commands::decisions::take_again;
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
    let mut report = store_sqlite::audit::audit(data)?;
    let store = SqliteStore::open(data, Options::default())?;
    let judged = block_on(add_decisions(store.as_ref(), &mut report));
    store.close();
    judged?;
    Ok(report)
}

async fn audit_database(url: &str) -> anyhow::Result<AuditReport> {
    let store = PostgresStore::open_existing(&Target::parse(url)?).await?;
    let report = async {
        let mut report = store_postgres::audit::audit(&store).await?;
        add_decisions(store.as_ref(), &mut report).await?;
        anyhow::Ok(report)
    };
    let report = report.await;
    store.close();
    report
}

/// Takes every decision again. What a journal cannot give back, such as a model that this version cannot ask, is
/// counted; a record that is damaged or decides otherwise is a difference.
async fn add_decisions(store: &dyn Store, report: &mut AuditReport) -> anyhow::Result<()> {
    if !report.is_sound() {
        return Ok(());
    }
    let schema = Schema::new(feature::catalogue())?;
    let decisions = take_again(store, schema).await?;
    let mut not_asked = 0_u64;
    for (sequence, why) in decisions.different {
        match why {
            Mismatch::NoRules | Mismatch::NoModel => not_asked += 1,
            Mismatch::Record(_) | Mismatch::Decision(_) => {
                report.require(false, || format!("decision of entry {}: {why}", sequence.0));
            }
        }
    }
    report.figure("decisions taken again", decisions.same);
    report.figure("decisions that cannot be taken again", not_asked);
    Ok(())
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
