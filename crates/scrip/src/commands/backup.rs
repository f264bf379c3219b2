//! Backup and restore of a data directory.

use std::path::Path;

use anyhow::{Context, bail};

use crate::cli;

/// The file that holds the keys.
const KEY_FILE: &str = "vault.key";
/// The file that says which keys the data belongs to.
const KEY_ID_FILE: &str = "vault.id";
/// What visitors of a demo need.
const DEMO_FILE: &str = "demo.json";

pub fn backup(arguments: &cli::Backup) -> anyhow::Result<()> {
    let data = &arguments.directory.data;
    if !arguments.directory.store.is_empty() {
        bail!(
            "the data is in PostgreSQL: copy it with pg_basebackup or pg_dump, and keep {} beside the copy",
            data.join(KEY_FILE).display()
        );
    }
    store_sqlite::backup::backup(data, &arguments.target)?;
    println!(
        "backed up {} to {}",
        data.display(),
        arguments.target.display()
    );
    if arguments.without_key {
        copy(data, &arguments.target, &[KEY_ID_FILE])?;
        println!(
            "the backup does not hold the key file: put {KEY_FILE} into the directory after a restore"
        );
    } else {
        copy(data, &arguments.target, &[KEY_FILE, KEY_ID_FILE, DEMO_FILE])?;
        println!("the backup holds the key file: keep it as safe as the original");
    }
    Ok(())
}

pub fn restore(arguments: &cli::Restore) -> anyhow::Result<()> {
    if !arguments.backup.join(KEY_ID_FILE).exists() {
        bail!(
            "{} is not a backup: it has no {KEY_ID_FILE}",
            arguments.backup.display()
        );
    }
    store_sqlite::backup::restore(&arguments.backup, &arguments.data)?;
    copy(
        &arguments.backup,
        &arguments.data,
        &[KEY_FILE, KEY_ID_FILE, DEMO_FILE],
    )?;
    println!(
        "restored {} from {}",
        arguments.data.display(),
        arguments.backup.display()
    );
    println!(
        "its transparency log is closed, as what it signed after the backup is not in it: give `origin` below [log] a new name"
    );
    println!(
        "run `scrip audit --data {}` to check it",
        arguments.data.display()
    );
    Ok(())
}

/// Copies those of the files that exist.
fn copy(source: &Path, target: &Path, names: &[&str]) -> anyhow::Result<()> {
    for name in names {
        let file = source.join(name);
        if file.exists() {
            // The copy keeps the mode, so the key stays readable for its owner alone.
            std::fs::copy(&file, target.join(name))
                .with_context(|| format!("cannot copy {}", file.display()))?;
        }
    }
    Ok(())
}
