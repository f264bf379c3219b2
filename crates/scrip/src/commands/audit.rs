//! `scrip audit`: the journal against everything that follows from it.

use std::path::{Path, PathBuf};

use anyhow::bail;
use store::audit::AuditReport;
use store::port::Store;

use crate::backend::Backend;
use crate::cli;
use crate::commands::block_on;
use crate::commands::decisions::take_again;
use crate::config::Config;

pub fn run(arguments: &cli::Audit) -> anyhow::Result<()> {
    let (data, store) = place(arguments)?;
    let report = block_on(audited(&data, &store))?;
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

async fn audited(data: &Path, url: &str) -> anyhow::Result<AuditReport> {
    let backend = Backend::existing(data, url).await?;
    let audited = async {
        let mut report = backend.audit().await?;
        add_decisions(backend.store().as_ref(), &mut report).await?;
        Ok(report)
    };
    let report = audited.await;
    backend.close();
    report
}

/// Takes every decision again. What a journal cannot give back, such as a model that this version cannot ask, is
/// counted; a record that is damaged or decides otherwise is a difference.
async fn add_decisions(store: &dyn Store, report: &mut AuditReport) -> anyhow::Result<()> {
    if !report.is_sound() {
        return Ok(());
    }
    let decisions = take_again(store).await?;
    for (sequence, why) in &decisions.different {
        report.require(false, || format!("decision of entry {}: {why}", sequence.0));
    }
    report.figure("decisions taken again", decisions.same);
    report.figure(
        "decisions that cannot be taken again",
        decisions.not_taken.len(),
    );
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
