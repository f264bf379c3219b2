//! Backup and restore of a data directory.

use std::path::Path;

use anyhow::{Context, bail};

use crate::cli;

/// Files beside the databases that a data directory cannot do without.
const SMALL_FILES: [&str; 3] = ["vault.key", "vault.id", "demo.json"];

pub fn backup(arguments: &cli::Backup) -> anyhow::Result<()> {
    let data = &arguments.directory.data;
    store_sqlite::backup::backup(data, &arguments.target)?;
    copy_small_files(data, &arguments.target)?;
    println!(
        "backed up {} to {}",
        data.display(),
        arguments.target.display()
    );
    println!("the backup holds the key file: keep it as safe as the original");
    Ok(())
}

pub fn restore(arguments: &cli::Restore) -> anyhow::Result<()> {
    if !arguments.backup.join("vault.key").exists() {
        bail!(
            "{} is not a backup: it has no vault.key",
            arguments.backup.display()
        );
    }
    store_sqlite::backup::restore(&arguments.backup, &arguments.data)?;
    copy_small_files(&arguments.backup, &arguments.data)?;
    println!(
        "restored {} from {}",
        arguments.data.display(),
        arguments.backup.display()
    );
    println!(
        "run `scrip audit --data {}` to check it",
        arguments.data.display()
    );
    Ok(())
}

fn copy_small_files(source: &Path, target: &Path) -> anyhow::Result<()> {
    for name in SMALL_FILES {
        let file = source.join(name);
        if file.exists() {
            // The copy keeps the mode, so the key stays readable for its owner alone.
            std::fs::copy(&file, target.join(name))
                .with_context(|| format!("cannot copy {}", file.display()))?;
        }
    }
    Ok(())
}
