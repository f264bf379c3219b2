//! `scrip risk`: what judges payments, without a platform.

use evaluation::evaluate::{Request, evaluate};

use crate::cli;

pub fn run(arguments: &cli::Risk) -> anyhow::Result<()> {
    match arguments {
        cli::Risk::Evaluate(arguments) => {
            let evaluation = evaluate(&request(arguments))?;
            print!("{evaluation}");
            println!("scores: {}", arguments.scores.display());
            Ok(())
        }
    }
}

fn request(arguments: &cli::Evaluate) -> Request {
    Request {
        events: arguments.events.clone(),
        mapping: arguments.mapping.clone(),
        train_from: arguments.train_from,
        train_until: arguments.train_until,
        test_from: arguments.test_from,
        test_until: arguments.test_until,
        label_delay: arguments.label_delay,
        scores: arguments.scores.clone(),
        threads: usize::from(arguments.threads),
        seed: arguments.seed,
    }
}
