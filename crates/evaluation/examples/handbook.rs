//! Figures on the handbook's stream: `cargo run --release -p evaluation --example handbook -- SEED DELAY_DAYS`.

use evaluation::handbook::{Handbook, START, simulate};
use evaluation::run::{Periods, RunSettings, run};
use ids::time::Span;
use risk::entity::EntityHasher;
use risk::metrics::{by_scenario, figures};
use risk::model::settings::Settings;
use risk::profile::store::ProfileSettings;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let seed: u64 = arguments[1].parse().expect("a seed");
    let delay: i64 = arguments[2].parse().expect("days");
    let hasher = EntityHasher::new([1, 2]);
    let payments = simulate(&Handbook::whole(seed));
    let events: Vec<_> = payments.iter().map(|p| p.event(&hasher)).collect();
    let day = |number: i64| START.plus(Span::DAY.times(number));
    let periods = Periods {
        train_from: day(82),
        train_until: day(122),
        test_from: day(129),
        test_until: day(183),
        label_delay: Span::DAY.times(delay),
    };
    let started = std::time::Instant::now();
    let mut training = Settings {
        threads: 2,
        ..Settings::default()
    };
    for pair in &arguments[3..] {
        let (name, value) = pair.split_once('=').expect("name=value");
        match name {
            "trees" => training.trees_max = value.parse().expect("n"),
            "rate" => training.learning_rate = value.parse().expect("n"),
            "depth" => training.depth = value.parse().expect("n"),
            "leaf" => training.leaf_weight_min = value.parse().expect("n"),
            "l2" => training.l2 = value.parse().expect("n"),
            "rows" => training.row_share = value.parse().expect("n"),
            "columns" => training.feature_share = value.parse().expect("n"),
            "bins" => training.bins = value.parse().expect("n"),
            "patience" => training.patience = value.parse().expect("n"),
            _ => panic!("{name}"),
        }
    }
    let settings = RunSettings {
        profiles: ProfileSettings {
            entities_max: 1_000_000,
            ahead_of_utc: Span(0),
        },
        training,
        seed: 1,
    };
    let scenario = |place: usize| u32::from(payments[place].scenario);
    let run = run(events.iter(), scenario, &periods, &settings).expect("a run");
    let judged: Vec<_> = run.tested.iter().map(|tested| tested.judged).collect();
    let all = figures(&judged);
    println!("{} payments, {:?}, {} trees", payments.len(), started.elapsed(), run.trained.report.trees);
    println!("recall .1 {:.3} .5 {:.3} 1 {:.3} AP {:.3} AUC {:.3} payers {:.3}", all.recall[0], all.recall[1], all.recall[2], all.average_precision, all.auc, all.payer_precision);
    for (kind, figures) in by_scenario(&judged) {
        println!("  {kind}: {} frauds, recall .1 {:.3} .5 {:.3} 1 {:.3}", figures.frauds, figures.recall[0], figures.recall[1], figures.recall[2]);
    }
    let mut importance: Vec<_> = evaluation::run::feature_names().into_iter().zip(run.trained.report.importance.iter().copied()).collect();
    importance.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (name, gain) in importance.iter().take(25) {
        println!("  {name} {gain:.4}");
    }
}
