//! `scrip`: the platform as one program.

mod cli;
mod commands;
mod config;
mod platform;
mod server;
mod shop;

use std::process::ExitCode;

use clap::Parser;

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
