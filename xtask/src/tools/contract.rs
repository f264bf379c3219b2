//! Compiles the contract that checkpoints are anchored in, with `solc` from npm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::{DIRECTORY, registry};
use crate::process;

const SOURCE_DIRECTORY: &str = "crates/anchors/contract";
const SOURCE: &str = "CheckpointAnchor.sol";
const BUILD_DIRECTORY: &str = "target/contract";
/// As `solcjs` names what comes of the source.
const COMPILED: &str = "CheckpointAnchor_sol_CheckpointAnchor.bin";

/// Returns the file with the code that deploys the contract, in hexadecimal.
pub fn build(root: &Path) -> anyhow::Result<PathBuf> {
    let node_modules = registry::install_npm_packages(&root.join(DIRECTORY).join("npm"))?;
    compile(root, &node_modules)
}

pub fn compile(root: &Path, node_modules: &Path) -> anyhow::Result<PathBuf> {
    let directory = root.join(BUILD_DIRECTORY);
    let compiled = directory.join(COMPILED);
    let source = root.join(SOURCE_DIRECTORY).join(SOURCE);
    if is_newer(&compiled, &source) {
        return Ok(compiled);
    }
    fs::create_dir_all(&directory)?;
    // Where the compiler runs, and by which name it knows the source, is written into the code.
    process::run_installer(
        Command::new(node_modules.join(".bin/solcjs"))
            .current_dir(root.join(SOURCE_DIRECTORY))
            .args(["--optimize", "--bin", "--output-dir"])
            .arg(&directory)
            .arg(SOURCE),
    )?;
    fs::metadata(&compiled).context("the compiler wrote no code; see what it says above")?;
    Ok(compiled)
}

fn is_newer(made: &Path, source: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    modified(source) < modified(made)
}
