use ids::time::Span;
use risk::metrics::{by_scenario, figures};
use risk::model::settings::Settings;
use risk::profile::store::ProfileSettings;

use super::*;
use crate::run::{Periods, RunSettings, run};

fn small(seed: u64) -> Frauds {
    Frauds {
        payers: 1_500,
        days: 60,
        seed,
    }
}

#[test]
fn one_seed_gives_one_stream_in_order_with_every_scheme_in_both_halves() {
    let events = simulate(&small(1));
    assert!(events == simulate(&small(1)));
    assert!(events.is_sorted_by_key(|simulated| simulated.event.at()));
    let middle = START.plus(Span::DAY.times(30));
    for scheme in Scheme::ALL {
        let of_scheme = events
            .iter()
            .filter(|event| event.scenario == scheme as u32);
        let (old, new): (Vec<_>, Vec<_>) = of_scheme.partition(|one| one.event.at() < middle);
        assert!(old.len() > 10 && new.len() > 10, "{scheme:?}");
    }
}

/// Trained on the old ways alone, the engine meets the new ones, whose labels enter the profiles after a day.
#[test]
fn most_frauds_are_found_although_the_fraudsters_have_changed_their_ways() {
    let simulated = simulate(&small(2));
    let events: Vec<StreamEvent> = simulated.iter().map(|one| one.event.clone()).collect();
    let day = |number: i64| START.plus(Span::DAY.times(number));
    let periods = Periods {
        train_from: day(5),
        train_until: day(33),
        test_from: day(34),
        test_until: day(60),
        label_delay: Span::DAY,
        retrain_every: None,
    };
    let settings = RunSettings {
        profiles: ProfileSettings {
            entities_max: 200_000,
            ahead_of_utc: Span::HOUR,
        },
        training: Settings {
            threads: 2,
            ..Settings::default()
        },
        seed: 1,
    };
    let scenario = |place: usize| simulated[place].scenario;
    let run = run(events.iter(), scenario, &periods, &settings).expect("a run");
    let judged: Vec<_> = run.tested.iter().map(|tested| tested.judged).collect();
    let all = figures(&judged);
    println!("{all}");
    for (scenario, figures) in by_scenario(&judged) {
        println!("scenario: {scenario}\n{figures}");
    }
    assert!(all.recall[1] > 0.6, "{all}");
    assert!(all.auc > 0.95, "{all}");
}
