//! The project's own commands, run as `cargo xtask COMMAND`.
//!
//! Reading order: `tidy` holds the house rules as checks, `tools` installs what the tests need,
//! `tasks` strings cargo commands together, `mutants` tests the simulation, `process` and `workspace` are what all of them stand on.

mod mutants;
mod process;
mod tasks;
mod tidy;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Checks, tests and measures Scrip."
)]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Check the house rules: crate edges, file and function lengths, manifests, snapshots.
    Tidy,
    /// Install what the tests need, build the binary and run every test.
    ///
    /// Example: cargo xtask test -- refund_never_exceeds
    Test {
        /// Passed on to `cargo test`, after its own arguments.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Install what the tests need and print where it lies, as shell `export` lines.
    ///
    /// Example: eval "$(cargo xtask tools)" && cargo test -p checkout
    Tools,
    /// Build the verifier of the transparency log for browsers, and print where the module lies.
    Wasm,
    /// Compile the contract that checkpoints are anchored in, and print where its code lies.
    Contract,
    /// Everything a change has to pass: formatting, clippy, tidy, dependencies, tests.
    Ci,
    /// Measure speed; the arguments are those of the `bench` crate.
    ///
    /// Example: cargo xtask bench --json figures.json
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Feed random bytes to the parsers of outside bytes.
    ///
    /// Example: cargo xtask fuzz --seconds 600 amount
    Fuzz {
        /// Seconds to spend on each target.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// One target; all of them when left out.
        target: Option<String>,
    },
    /// Kill the server at random moments under load and check every acknowledged answer.
    ///
    /// Example: cargo xtask chaos --rounds 500
    Chaos {
        /// How many times the server is killed and started again.
        #[arg(long, default_value_t = 200)]
        rounds: u32,
        /// Instead of that, simulate several nodes with so many seeds.
        #[arg(long, conflicts_with = "rounds")]
        seeds: Option<u64>,
        #[command(subcommand)]
        of: Option<Chaos>,
    },
    /// Bring up deploy/compose with docker or podman, pay while its parts are killed, judge, and take it down.
    Compose,
    /// Put bugs into a copy of the program, and say after how many seeds the simulation finds each.
    ///
    /// Example: cargo xtask mutants refund-cap
    Mutants {
        /// Seeds after which a bug counts as not found.
        #[arg(long, default_value_t = 10_000)]
        seeds: u64,
        /// One bug; all of them when left out.
        name: Option<String>,
    },
}

#[derive(Subcommand)]
enum Chaos {
    /// Break three nodes, their balancer and PostgreSQL with a replica in every way, and judge what clients were told.
    /// The arguments are those of the `chaos` crate.
    ///
    /// Example: cargo xtask chaos failover --rounds 3 --faults kill-primary,fill-disk
    Failover {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(CommandLine::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    let root = workspace::root();
    match task {
        Task::Tidy => tidy::run(&root),
        Task::Test { arguments } => tasks::test(&root, &arguments),
        Task::Tools => tasks::print_tools(&root),
        Task::Wasm => tasks::wasm(&root),
        Task::Contract => tasks::contract(&root),
        Task::Ci => tasks::ci(&root),
        Task::Bench { arguments } => tasks::bench(&root, &arguments),
        Task::Fuzz { seconds, target } => tasks::fuzz(&root, seconds, target.as_deref()),
        Task::Chaos { rounds, seeds, of } => match (of, seeds) {
            (Some(Chaos::Failover { arguments }), _) => tasks::chaos_failover(&root, &arguments),
            (None, Some(seeds)) => tasks::simulate(&root, seeds),
            (None, None) => tasks::chaos(&root, rounds),
        },
        Task::Compose => tasks::compose(&root),
        Task::Mutants { seeds, name } => mutants::run(&root, seeds, name.as_deref()),
    }
}
