//! The tasks that string cargo commands together.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::tools::{self, TestTools};
use crate::{process, tidy};

/// Installs the test tools, builds the binary once and runs every test of the workspace.
pub fn test(root: &Path, arguments: &[String]) -> anyhow::Result<()> {
    let tools = TestTools::install(root)?;
    process::run(
        cargo(root)
            .args(["build", "--package", "scrip"])
            .envs(tools.variables()),
    )?;
    process::run(
        cargo(root)
            .args(["test", "--workspace", "--no-fail-fast"])
            .args(arguments)
            .envs(tools.variables()),
    )
}

pub fn print_tools(root: &Path) -> anyhow::Result<()> {
    for (name, path) in TestTools::install(root)?.variables() {
        println!("export {name}='{}'", path.display());
    }
    Ok(())
}

pub fn wasm(root: &Path) -> anyhow::Result<()> {
    println!("{}", tools::build_wasm(root)?.display());
    Ok(())
}

pub fn contract(root: &Path) -> anyhow::Result<()> {
    println!("{}", tools::build_contract(root)?.display());
    Ok(())
}

/// The whole gate, cheapest check first.
pub fn ci(root: &Path) -> anyhow::Result<()> {
    process::run(cargo(root).args(["fmt", "--all", "--check"]))?;
    tidy::run(root)?;
    process::run(cargo(root).args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
    ]))?;
    check_dependencies(root)?;
    test(root, &[])
}

/// Licences, sources and bans always; advisories only where their database already lies on this machine, because the
/// gate must give the same answer without a network.
fn check_dependencies(root: &Path) -> anyhow::Result<()> {
    let cargo_deny = tools::CARGO_DENY.install(root)?;
    process::run(
        Command::new(&cargo_deny)
            .current_dir(root)
            .args(["check", "bans", "licenses", "sources"]),
    )?;
    if !tools::has_advisory_database() {
        eprintln!(
            "advisories not checked: no advisory database on this machine (cargo deny fetch)"
        );
        return Ok(());
    }
    process::run(Command::new(&cargo_deny).current_dir(root).args([
        "--offline",
        "check",
        "advisories",
    ]))
}

/// The `bench` crate prints every figure itself; it is always built with optimisation, or the figures mean nothing.
pub fn bench(root: &Path, arguments: &[String]) -> anyhow::Result<()> {
    if !root.join("crates/bench").is_dir() {
        bail!("there is no crate `bench` in crates/");
    }
    let mut bench = cargo(root);
    bench.args(["run", "--release", "--package", "bench", "--"]);
    if arguments
        .iter()
        .any(|argument| argument.contains("postgres"))
    {
        bench.env("SCRIP_TEST_POSTGRES", tools::install_postgres()?);
    }
    if arguments.first().is_some_and(|subject| subject == "risk") {
        for (name, python) in tools::install_risk_pythons(root)? {
            bench.env(name, python);
        }
    }
    process::run(bench.args(arguments))
}

/// Runs one fuzz target, or each in turn.
///
/// libFuzzer's instrumentation needs unstable compiler flags. `RUSTC_BOOTSTRAP` lets the pinned stable compiler take
/// them, so that what is fuzzed is built by the compiler that builds the release. Found inputs stay below `target/`;
/// an input worth keeping goes by hand into `fuzz/seeds/TARGET/`.
pub fn fuzz(root: &Path, seconds: u32, target: Option<&str>) -> anyhow::Result<()> {
    if !root.join("fuzz/Cargo.toml").is_file() {
        bail!("there are no fuzz targets: fuzz/Cargo.toml is missing");
    }
    let cargo_fuzz = tools::CARGO_FUZZ.install(root)?;
    match target {
        Some(target) => fuzz_target(root, &cargo_fuzz, seconds, target),
        None => {
            let listing = process::read(Command::new(&cargo_fuzz).current_dir(root).arg("list"))?;
            listing
                .lines()
                .try_for_each(|target| fuzz_target(root, &cargo_fuzz, seconds, target))
        }
    }
}

fn fuzz_target(root: &Path, cargo_fuzz: &Path, seconds: u32, target: &str) -> anyhow::Result<()> {
    let corpus = root.join("target/fuzz/corpus").join(target);
    let artifacts = root.join("target/fuzz/artifacts").join(target);
    for directory in [&corpus, &artifacts] {
        std::fs::create_dir_all(directory)
            .with_context(|| format!("could not create {}", directory.display()))?;
    }
    let mut command = Command::new(cargo_fuzz);
    command.current_dir(root).env("RUSTC_BOOTSTRAP", "1").args([
        "run",
        "--target-dir",
        "target/fuzz/build",
        target,
    ]);
    command.arg(&corpus);
    let seeds = root.join("fuzz/seeds").join(target);
    if seeds.is_dir() {
        command.arg(seeds);
    }
    command.args(["--", &format!("-max_total_time={seconds}"), "-timeout=10"]);
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    process::run(&mut command)
}

/// The long crash tests are ordinary tests of `scrip`, ignored by default because they take minutes.
/// A filter that matches nothing counts as success for cargo, so the tests are listed first.
pub fn chaos(root: &Path, rounds: u32) -> anyhow::Result<()> {
    let listing = process::read(chaos_tests(root).arg("--list"))?;
    if !listing.lines().any(|line| line.ends_with(": test")) {
        bail!("there is no ignored test with `chaos` in its name in crates/scrip/tests/it");
    }
    process::run(
        chaos_tests(root)
            .arg("--nocapture")
            .env("SCRIP_CHAOS_ROUNDS", rounds.to_string()),
    )
}

/// Runs the simulation of several nodes with many seeds, built with optimisation.
pub fn simulate(root: &Path, seeds: u64) -> anyhow::Result<()> {
    let mut command = cargo(root);
    command.args([
        "test",
        "--release",
        "--package",
        "sim",
        "--test",
        "it",
        "--",
    ]);
    command.args(["simulation::every_seed", "--nocapture"]);
    process::run(command.env("SCRIP_SIM_SEEDS", seeds.to_string()))
}

/// The `chaos` crate runs the whole system in namespaces of its own; it finds the program beside itself.
pub fn chaos_failover(root: &Path, arguments: &[String]) -> anyhow::Result<()> {
    TestTools::install(root)?;
    process::run(cargo(root).args([
        "build",
        "--release",
        "--package",
        "scrip",
        "--package",
        "chaos",
    ]))?;
    process::run(
        Command::new(root.join("target/release/chaos"))
            .current_dir(root)
            .args(arguments),
    )
}

/// The `chaos` crate runs the compose file of `deploy/` too; images are built by the engine that is here.
pub fn compose(root: &Path) -> anyhow::Result<()> {
    process::run(cargo(root).args(["run", "--package", "chaos", "--", "compose"]))
}

fn chaos_tests(root: &Path) -> Command {
    let mut command = cargo(root);
    command.args([
        "test",
        "--release",
        "--package",
        "scrip",
        "--test",
        "it",
        "--",
    ]);
    command.args(["--ignored", "chaos"]);
    command
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root);
    command
}
