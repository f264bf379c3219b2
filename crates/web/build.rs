//! Puts the verifier of the transparency log, as WebAssembly, where this crate embeds it.
//!
//! It is the file that `SCRIP_VERIFIER_WASM` names; else it is built here, by a cargo of its own, where the toolchain has
//! the target; else there is none, and the pages say so.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script is told everything through its environment"
)]

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const MODULE_VARIABLE: &str = "SCRIP_VERIFIER_WASM";
const TARGET: &str = "wasm32-unknown-unknown";
const VERIFIER: &str = "../../libs/verifier";
/// What the module is made of, below the verifier's directory.
const SOURCES: [&str; 5] = [
    "Cargo.toml",
    "src",
    "wasm/Cargo.toml",
    "wasm/Cargo.lock",
    "wasm/src",
];

/// Of the variables that cargo reads or sets, those that say how this machine reaches registries.
const KEPT_OF_CARGO: [&str; 6] = [
    "CARGO_HOME",
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTR",
    "CARGO_SOURCE_",
    "CARGO_TERM_",
];
/// What else tells a cargo how to build: the flags and wrappers of the outer build are for another machine.
const FOREIGN: [&str; 4] = [
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "MAKEFLAGS",
];

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={MODULE_VARIABLE}");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let module = match env::var_os(MODULE_VARIABLE).filter(|path| !path.is_empty()) {
        Some(path) => Some(named(Path::new(&path))?),
        None => built(&out)?,
    };
    let module = match module {
        Some(path) => format!("Some(include_bytes!({:?}))", path.display().to_string()),
        None => "None".to_owned(),
    };
    let code = format!("const MODULE: Option<&[u8]> = {module};\n");
    let place = out.join("verifier.rs");
    fs::write(&place, code).map_err(|error| format!("cannot write {}: {error}", place.display()))
}

/// The module that somebody has built already.
fn named(path: &Path) -> Result<PathBuf, String> {
    println!("cargo::rerun-if-changed={}", path.display());
    let found = fs::canonicalize(path);
    found.map_err(|error| {
        format!(
            "{MODULE_VARIABLE} names {}, which cannot be read: {error}. Name the module that `cargo xtask wasm` prints, or unset the variable",
            path.display()
        )
    })
}

/// The module, made now; none where the toolchain cannot.
fn built(out: &Path) -> Result<Option<PathBuf>, String> {
    let rustc = variable("RUSTC")?;
    let libraries = target_libraries(&rustc)?;
    if !libraries.is_dir() {
        // Where a target is added, its directory appears beside those of the others.
        if let Some(targets) = libraries.ancestors().nth(2) {
            println!("cargo::rerun-if-changed={}", targets.display());
        }
        println!(
            "cargo::warning=the log's pages get no verifier for browsers: this toolchain cannot build for {TARGET}. Add it with `rustup target add {TARGET}`, or let {MODULE_VARIABLE} name the module that `cargo xtask wasm` builds"
        );
        return Ok(None);
    }
    for source in SOURCES {
        println!("cargo::rerun-if-changed={VERIFIER}/{source}");
    }
    // Versions and lints of the verifier stand there.
    println!("cargo::rerun-if-changed=../../Cargo.toml");
    let directory = out.join("verifier");
    let mut command = clean_cargo(&rustc)?;
    command
        .args(["build", "--release", "--locked", "--target", TARGET])
        .args(["--manifest-path", &format!("{VERIFIER}/wasm/Cargo.toml")])
        .arg("--target-dir")
        .arg(&directory);
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "the verifier for browsers was not built ({}); {MODULE_VARIABLE} may name one that was built elsewhere.\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    Ok(Some(
        directory.join(TARGET).join("release/verifier_wasm.wasm"),
    ))
}

/// A cargo that knows nothing of the build that it runs in, and has a directory and so a lock of its own.
fn clean_cargo(rustc: &OsStr) -> Result<Command, String> {
    let mut command = Command::new(variable("CARGO")?);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let is_kept = KEPT_OF_CARGO.iter().any(|kept| text.starts_with(kept));
        if FOREIGN.contains(&text.as_ref()) || (text.starts_with("CARGO") && !is_kept) {
            command.env_remove(&name);
        }
    }
    command.env("RUSTC", rustc);
    Ok(command)
}

/// Where the standard library for browsers is, or would be.
fn target_libraries(rustc: &OsStr) -> Result<PathBuf, String> {
    let mut command = Command::new(rustc);
    command.args(["--print", "target-libdir", "--target", TARGET]);
    let output = command.output();
    let output = output.map_err(|error| format!("cannot start {command:?}: {error}"))?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() || path.is_empty() {
        return Err(format!(
            "{command:?} names no directory: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    Ok(path.into())
}

fn variable(name: &str) -> Result<OsString, String> {
    env::var_os(name).ok_or_else(|| format!("cargo sets no {name}"))
}
