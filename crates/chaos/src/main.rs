//! `chaos`: the whole system under failures, on one machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use chaos::compose;
use chaos::fault::Fault;
use chaos::run::{self, Plan};
use chaos::sandbox::{self, Sandbox};
use clap::{Parser, Subcommand, ValueEnum};

/// Drives payments against three nodes behind a balancer, over PostgreSQL with a replica, breaks everything in turn, and
/// judges what clients were told.
#[derive(Parser)]
struct Arguments {
    /// How often everything breaks.
    #[arg(long, default_value_t = 1)]
    rounds: u32,
    /// What breaks; everything when left out.
    #[arg(long, value_delimiter = ',')]
    faults: Vec<Fault>,
    /// The order of failures, and what clients do, as far as time allows.
    #[arg(long)]
    seed: Option<u64>,
    /// The directory `deploy` of the project.
    #[arg(long, default_value = "deploy")]
    deploy: PathBuf,
    /// The program `scrip`; the one beside this program when left out.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where files and logs go; a directory that is thrown away when left out.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Set by the program itself, which starts once more in the sandbox.
    #[arg(long, hide = true)]
    within: bool,
    #[command(subcommand)]
    of: Option<Of>,
}

#[derive(Subcommand)]
enum Of {
    /// Bring the compose file up with the engine that is here, pay while nodes and databases are killed, judge, and take it
    /// down.
    Compose,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match (&arguments.of, arguments.within, &arguments.directory) {
        (Some(Of::Compose), _, _) => run_compose(&arguments),
        (None, true, Some(directory)) => run_within(&arguments, directory),
        (None, _, _) => run_outside(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run_outside(arguments: &Arguments) -> anyhow::Result<()> {
    if let Some(obstacle) = sandbox::obstacle() {
        bail!("links can be cut in network namespaces alone: {obstacle}");
    }
    let mut again: Vec<String> = std::env::args().skip(1).collect();
    let kept = tempfile::tempdir().context("a directory for the files of the run")?;
    if arguments.directory.is_none() {
        again.push(format!("--directory={}", kept.path().display()));
    }
    again.push("--within".to_owned());
    let status = sandbox::run_within(&again)?;
    if !status.success() {
        bail!("the run ended with {status}");
    }
    Ok(())
}

fn run_compose(arguments: &Arguments) -> anyhow::Result<()> {
    let deploy = deploy(arguments)?;
    let run = compose::run(&deploy, seed(arguments));
    conclude(&tokio::runtime::Runtime::new()?.block_on(run)?)
}

fn run_within(arguments: &Arguments, directory: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    let sandbox = Sandbox::enter(directory)?;
    let beside = std::env::current_exe()?.with_file_name("scrip");
    let program = arguments.program.clone().unwrap_or(beside);
    let every = Fault::value_variants().to_vec();
    let plan = Plan {
        deploy: &deploy(arguments)?,
        program: &program.canonicalize().with_context(|| {
            format!("there is no program {}; build it first", program.display())
        })?,
        rounds: arguments.rounds,
        seed: seed(arguments),
        faults: if arguments.faults.is_empty() {
            &every
        } else {
            &arguments.faults
        },
    };
    let faults = tokio::runtime::Runtime::new()?.block_on(run::run(&sandbox, &plan))?;
    conclude(&faults).with_context(|| format!("logs are in {}", directory.display()))
}

fn deploy(arguments: &Arguments) -> anyhow::Result<PathBuf> {
    let deploy = arguments.deploy.canonicalize();
    deploy.context("there is no directory `deploy`")
}

fn seed(arguments: &Arguments) -> u64 {
    let drawn = || u64::from(std::process::id());
    arguments.seed.unwrap_or_else(drawn)
}

fn conclude(faults: &[String]) -> anyhow::Result<()> {
    for fault in faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} things are wrong", faults.len());
    }
    println!("every history is right and no money is missing");
    Ok(())
}
