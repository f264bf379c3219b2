//! `scrip`: the platform as one program.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use scrip::{cli, commands};

/// Allocates on many threads without their waiting for each other.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scrip: {error:#}");
            ExitCode::FAILURE
        }
    }
}
