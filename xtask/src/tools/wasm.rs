//! Builds the verifier for WebAssembly.
//!
//! A compiler that has the target's standard library builds it at once. Elsewhere Debian's compiler for browsers does,
//! whose package of sources makes the standard library too; nothing is fetched that a package registry does not have.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::debian;
use crate::process;

const TARGET: &str = "wasm32-unknown-unknown";
const MANIFEST: &str = "libs/verifier/wasm/Cargo.toml";
const BUILD_DIRECTORY: &str = "target/wasm";

const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "cargo-web"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
/// Comes with the sources alone.
const DEBIAN_SOURCES: &str = "/usr/lib/rustlib/src/rust/library/Cargo.lock";

/// Returns the path of the module.
pub fn build(root: &Path) -> anyhow::Result<PathBuf> {
    let mut command = if has_target()? {
        Command::new("cargo")
    } else {
        debian_cargo()?
    };
    command.current_dir(root).args([
        "build",
        "--quiet",
        "--release",
        "--locked",
        "--target",
        TARGET,
        "--manifest-path",
        MANIFEST,
        "--target-dir",
        BUILD_DIRECTORY,
    ]);
    process::run_installer(&mut command)?;
    Ok(root
        .join(BUILD_DIRECTORY)
        .join(TARGET)
        .join("release/verifier_wasm.wasm"))
}

/// Whether this toolchain builds the module, as the build script of `web` then does by itself.
pub fn has_target() -> anyhow::Result<bool> {
    let libraries = process::read(Command::new("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))?;
    Ok(Path::new(libraries.trim()).is_dir())
}

/// Debian's cargo, told to build the standard library too. `RUSTC_BOOTSTRAP` admits that to a stable compiler; the
/// linker is that of the project's own toolchain.
fn debian_cargo() -> anyhow::Result<Command> {
    if !Path::new(DEBIAN_SOURCES).is_file() || !Path::new(DEBIAN_CARGO).is_file() {
        debian::install_packages(&DEBIAN_PACKAGES)?;
    }
    let mut command = Command::new(DEBIAN_CARGO);
    command
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?)
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
    Ok(command)
}

fn linker() -> anyhow::Result<PathBuf> {
    let sysroot = process::read(Command::new("rustc").args(["--print", "sysroot"]))?;
    let version = process::read(Command::new("rustc").arg("-vV"))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("`rustc -vV` names no host")?;
    Ok(Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(host)
        .join("bin/rust-lld"))
}
