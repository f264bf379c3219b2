//! `scrip`: the platform as one program.

use std::panic;
use std::process::{self, ExitCode};

use clap::Parser;
use mimalloc::MiMalloc;
use scrip::{cli, commands};

/// Allocates on many threads without their waiting for each other.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// As a shell says it of a program that SIGPIPE ended.
const NOBODY_READS: i32 = 141;

fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let cli = cli::Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("scrip: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever reads the output may close it before its end, as `head` does.
#[expect(
    clippy::disallowed_methods,
    reason = "in a panic there is nothing to return to, and the store bears an end at any moment"
)]
fn end_quietly_when_nobody_reads() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let words = panic.payload_as_str().unwrap_or_default();
        if words.starts_with("failed printing to stdout: Broken pipe") {
            process::exit(NOBODY_READS);
        }
        tell(panic);
    }));
}
