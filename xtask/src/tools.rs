//! What the tests need from outside, installed once and found through environment variables.
//!
//! Everything except the browser goes below `target/test-tools/`, with pinned versions; a step whose result is already
//! there is skipped, so only the first run needs a network.

mod cargo_tool;
mod contract;
mod debian;
mod registry;
mod wasm;

use std::path::{Path, PathBuf};

pub use cargo_tool::{CARGO_DENY, CARGO_FUZZ};
pub use contract::build as build_contract;
pub use debian::install_postgres;
pub use wasm::build as build_wasm;

const DIRECTORY: &str = "target/test-tools";

/// The places of everything that a test may ask for.
pub struct TestTools {
    node_modules: PathBuf,
    schemathesis: PathBuf,
    trees_python: PathBuf,
    mail_python: PathBuf,
    witness_python: PathBuf,
    datadog_python: PathBuf,
    object_store: PathBuf,
    chromedriver: PathBuf,
    chromium: PathBuf,
    postgres: PathBuf,
    verifier: PathBuf,
    /// The same, where the program cannot be built with it otherwise.
    embedded_verifier: Option<PathBuf>,
    anvil: PathBuf,
    contract: PathBuf,
}

impl TestTools {
    pub fn install(root: &Path) -> anyhow::Result<Self> {
        let directory = root.join(DIRECTORY);
        let programs = debian::install()?;
        let node_modules = registry::install_npm_packages(&directory.join("npm"))?;
        let verifier = wasm::build(root)?;
        Ok(Self {
            anvil: node_modules.join("@foundry-rs/anvil-linux-amd64/bin/anvil"),
            contract: contract::compile(root, &node_modules)?,
            node_modules,
            schemathesis: registry::install_schemathesis(&directory.join("python"))?,
            trees_python: registry::install_trees_python(&directory.join("python-trees"))?,
            mail_python: registry::install_mail_python(&directory.join("python-mail"))?,
            witness_python: registry::install_witness_python(&directory.join("python-witness"))?,
            datadog_python: registry::install_datadog_python(&directory.join("python-datadog"))?,
            object_store: registry::install_object_store(&directory.join("python-objects"))?,
            chromedriver: programs.chromedriver,
            chromium: programs.chromium,
            postgres: programs.postgres,
            embedded_verifier: (!wasm::has_target()?).then(|| verifier.clone()),
            verifier,
        })
    }

    /// The environment variables under which tests find the tools, and builds the verifier that they embed.
    pub fn variables(&self) -> Vec<(&'static str, &Path)> {
        let mut variables = vec![
            ("SCRIP_TEST_NODE_MODULES", self.node_modules.as_path()),
            ("SCRIP_TEST_SCHEMATHESIS", self.schemathesis.as_path()),
            ("SCRIP_TEST_TREES_PYTHON", self.trees_python.as_path()),
            ("SCRIP_TEST_MAIL_PYTHON", self.mail_python.as_path()),
            ("SCRIP_TEST_WITNESS_PYTHON", self.witness_python.as_path()),
            ("SCRIP_TEST_DATADOG_PYTHON", self.datadog_python.as_path()),
            ("SCRIP_TEST_OBJECT_STORE", self.object_store.as_path()),
            ("SCRIP_TEST_CHROMEDRIVER", self.chromedriver.as_path()),
            ("SCRIP_TEST_CHROMIUM", self.chromium.as_path()),
            ("SCRIP_TEST_POSTGRES", self.postgres.as_path()),
            ("SCRIP_TEST_VERIFIER", self.verifier.as_path()),
            ("SCRIP_TEST_ANVIL", self.anvil.as_path()),
            ("SCRIP_TEST_ANCHOR_CONTRACT", self.contract.as_path()),
        ];
        let embedded = self.embedded_verifier.as_deref();
        variables.extend(embedded.map(|verifier| ("SCRIP_VERIFIER_WASM", verifier)));
        variables
    }
}

/// The Pythons that the measurement of risk needs, under the variables where it looks for them; without a `python3.12` on
/// the path it goes without the simulators.
pub fn install_risk_pythons(root: &Path) -> anyhow::Result<Vec<(&'static str, PathBuf)>> {
    let directory = root.join(DIRECTORY);
    let trees = registry::install_trees_python(&directory.join("python-trees"))?;
    let mut pythons = vec![("SCRIP_TEST_TREES_PYTHON", trees)];
    if registry::has_streams_interpreter() {
        let streams = registry::install_streams_python(&directory.join("python-streams"))?;
        pythons.push(("SCRIP_TEST_STREAMS_PYTHON", streams));
    }
    Ok(pythons)
}

/// Whether `cargo deny fetch` has been run on this machine.
pub fn has_advisory_database() -> bool {
    let directory = cargo_tool::cargo_home().map(|home| home.join("advisory-dbs"));
    // A fetch that failed leaves the directory, without a database in it.
    let entries = directory.and_then(|directory| std::fs::read_dir(directory).ok());
    entries.is_some_and(|entries| {
        entries
            .filter_map(Result::ok)
            .any(|entry| entry.path().is_dir())
    })
}
