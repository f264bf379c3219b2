//! Independent peers from npm and PyPI: foreign code that checks ours, never part of the product.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::process;

/// paysafecard's own client, the accessibility checker, and the reference verifier of webhook signatures.
const NPM_PACKAGES: [&str; 3] = [
    "paysafecard@1.0.0",
    "axe-core@4.14.1",
    "standardwebhooks@1.1.1",
];

/// Drives the HTTP API from its OpenAPI document.
const PYTHON_PACKAGES: [&str; 1] = ["schemathesis==4.32.5"];

/// Written last into an installation, with the list it was made from: absent or different means install again.
const STAMP: &str = "installed.txt";

/// Returns the `node_modules` directory.
pub fn install_npm_packages(directory: &Path) -> anyhow::Result<PathBuf> {
    install_once(directory, &NPM_PACKAGES, || {
        process::run_installer(
            Command::new("npm")
                .args([
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--no-save",
                    "--ignore-scripts",
                    "--prefix",
                ])
                .arg(directory)
                .args(NPM_PACKAGES),
        )
    })?;
    Ok(directory.join("node_modules"))
}

/// Returns the `schemathesis` program.
pub fn install_schemathesis(directory: &Path) -> anyhow::Result<PathBuf> {
    install_once(directory, &PYTHON_PACKAGES, || {
        process::run_installer(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(directory),
        )?;
        process::run_installer(
            Command::new(directory.join("bin/python"))
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-input",
                ])
                .args(PYTHON_PACKAGES),
        )
    })?;
    Ok(directory.join("bin/schemathesis"))
}

fn install_once(
    directory: &Path,
    packages: &[&str],
    install: impl FnMut() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let stamp = directory.join(STAMP);
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    std::fs::create_dir_all(directory)
        .with_context(|| format!("could not create {}", directory.display()))?;
    process::with_retries(&packages.join(" "), install)?;
    std::fs::write(&stamp, wanted).with_context(|| format!("could not write {}", stamp.display()))
}
