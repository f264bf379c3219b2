//! Cargo sub-commands, installed from source into the target directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;

pub const CARGO_DENY: CargoTool = CargoTool {
    name: "cargo-deny",
    version: "0.20.2",
};
pub const CARGO_FUZZ: CargoTool = CargoTool {
    name: "cargo-fuzz",
    version: "0.13.2",
};

pub struct CargoTool {
    name: &'static str,
    version: &'static str,
}

impl CargoTool {
    /// The program's path. Each version has a directory of its own, so a new pin never runs the old program.
    pub fn install(&self, root: &Path) -> anyhow::Result<PathBuf> {
        let directory = root
            .join(super::DIRECTORY)
            .join(format!("{}-{}", self.name, self.version));
        let program = directory.join("bin").join(self.name);
        if program.is_file() {
            return Ok(program);
        }
        process::with_retries(self.name, || {
            process::run_installer(
                Command::new("cargo")
                    .args(["install", "--locked", "--version", self.version, "--root"])
                    .arg(&directory)
                    .arg(self.name),
            )
        })?;
        Ok(program)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo's own home is told only through its environment"
)]
pub fn cargo_home() -> Option<PathBuf> {
    let explicit = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    explicit.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}
