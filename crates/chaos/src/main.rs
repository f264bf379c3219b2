//! `chaos`: the whole system under failures, on one machine.

use std::path::PathBuf;
use std::process::ExitCode;

use chaos::cluster::Cluster;
use chaos::sandbox::{self, Sandbox};
use clap::Parser;

/// Drives payments against three nodes, a balancer and PostgreSQL with a replica while it breaks them.
#[derive(Parser)]
struct Arguments {
    /// The directory `deploy` of the project.
    #[arg(long, default_value = "deploy")]
    deploy: PathBuf,
    /// The program `scrip`; the one beside this program when left out.
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where files and logs go; a directory that is thrown away when left out.
    #[arg(long)]
    directory: Option<PathBuf>,
    #[arg(long, hide = true)]
    within: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if !arguments.within {
        if let Some(obstacle) = sandbox::obstacle() {
            anyhow::bail!("no sandbox: {obstacle}");
        }
        let mut again: Vec<String> = std::env::args().skip(1).collect();
        let kept;
        if arguments.directory.is_none() {
            kept = tempfile::tempdir()?;
            again.push(format!("--directory={}", kept.path().display()));
        }
        again.push("--within".to_owned());
        let status = sandbox::run_within(&again)?;
        return Ok(if status.success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    let directory = arguments.directory.clone().unwrap_or_default();
    std::fs::create_dir_all(&directory)?;
    let sandbox = Sandbox::enter(&directory)?;
    let program = arguments
        .program
        .clone()
        .unwrap_or(std::env::current_exe()?.with_file_name("scrip"));
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let began = std::time::Instant::now();
        let mut chance = rand::SeedableRng::seed_from_u64(1);
        let cluster = Cluster::start(
            &sandbox,
            &arguments.deploy.canonicalize()?,
            &program,
            &mut chance,
        )
        .await?;
        println!("databases {:?}", began.elapsed());
        let parties = cluster.open().await?;
        println!("open {:?} {parties:?}", began.elapsed());
        Ok(ExitCode::SUCCESS)
    })
}
