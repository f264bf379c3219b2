//! `scrip`: the platform as one program.

use std::process::ExitCode;

use clap::Parser;
use scrip::{cli, commands};

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
