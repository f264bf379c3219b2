//! `scrip risk evaluate`: a labelled stream of payments, played through the risk engine as if live.

use evaluation::evaluate::{Request, evaluate};

use crate::cli::evaluate::Evaluate;

pub fn run(arguments: &Evaluate) -> anyhow::Result<()> {
    let evaluation = evaluate(&request(arguments))?;
    print!("{evaluation}");
    println!("scores: {}", arguments.scores.display());
    Ok(())
}

fn request(arguments: &Evaluate) -> Request {
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
