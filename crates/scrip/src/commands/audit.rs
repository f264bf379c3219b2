//! `scrip audit`: the journal against everything that follows from it.

use std::path::PathBuf;

use anyhow::bail;

use crate::cli;
use crate::config::Config;

pub fn run(arguments: &cli::Audit) -> anyhow::Result<()> {
    let data = data_directory(arguments)?;
    if !data.is_dir() {
        bail!("there is no data directory {}", data.display());
    }
    let report = store_sqlite::audit::audit(&data)?;
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

fn data_directory(arguments: &cli::Audit) -> anyhow::Result<PathBuf> {
    match (&arguments.data, &arguments.config) {
        (Some(data), _) => Ok(data.clone()),
        (None, Some(config)) => Ok(Config::load(config, std::env::vars())?.data),
        (None, None) => Ok(PathBuf::from("./scrip-data")),
    }
}
