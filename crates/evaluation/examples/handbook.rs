//! Figures on the handbook's stream: `cargo run --release -p evaluation --example handbook -- SEED LABEL_DELAY_DAYS`.
//!
//! Trains on days 82 to 121 and tests from day 129 to the end.

use std::error::Error;

use evaluation::evaluate::ENTITIES_MAX;
use evaluation::handbook::{Handbook, START, simulate};
use evaluation::run::{Periods, RunSettings, feature_names, run};
use ids::time::Span;
use risk::entity::EntityHasher;
use risk::metrics::{by_scenario, figures};
use risk::model::settings::Settings;
use risk::profile::store::ProfileSettings;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed: u64 = arguments.next().ok_or("no seed")?.parse()?;
    let delay_days: i64 = arguments.next().ok_or("no label delay")?.parse()?;
    let hasher = EntityHasher::new([1, 2]);
    let payments = simulate(&Handbook::whole(seed));
    let events: Vec<_> = payments
        .iter()
        .map(|payment| payment.event(&hasher))
        .collect();
    let day = |number: i64| START.plus(Span::DAY.times(number));
    let periods = Periods {
        train_from: day(82),
        train_until: day(122),
        test_from: day(129),
        test_until: day(183),
        label_delay: Span::DAY.times(delay_days),
    };
    let settings = RunSettings {
        profiles: ProfileSettings {
            entities_max: ENTITIES_MAX,
            ahead_of_utc: Span(0),
        },
        training: Settings {
            threads: 2,
            ..Settings::default()
        },
        seed: 1,
    };
    let scenario = |place: usize| u32::from(payments[place].scenario);
    let run = run(events.iter(), scenario, &periods, &settings)?;
    let judged: Vec<_> = run.tested.iter().map(|tested| tested.judged).collect();
    println!("payments: {}", payments.len());
    println!("model: {} trees", run.trained.report.trees);
    println!("{}", figures(&judged));
    for (kind, figures) in by_scenario(&judged) {
        println!("scenario: {kind}\n{figures}");
    }
    let importance = run.trained.report.importance.iter();
    let mut importance: Vec<_> = feature_names().into_iter().zip(importance).collect();
    importance.sort_by(|one, other| other.1.total_cmp(one.1));
    for (name, gain) in importance.iter().take(15) {
        println!("gain of {name}: {:.2} %", *gain * 100.0);
    }
    Ok(())
}
