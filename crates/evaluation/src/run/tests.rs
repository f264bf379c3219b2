use risk::entity::EntityHasher;

use super::*;
use crate::handbook::{Handbook, START, simulate};

fn scores(retrain_every: Option<Span>) -> (Vec<(i64, f32)>, usize) {
    let payments = simulate(&Handbook {
        cards: 250,
        terminals: 400,
        days: 60,
        radius: 5.0,
        cards_stolen_from: 0,
        seed: 5,
    });
    let hasher = EntityHasher::new([1, 2]);
    let events: Vec<_> = payments.iter().map(|one| one.event(&hasher)).collect();
    let day = |number: i64| START.plus(Span::DAY.times(number));
    let periods = Periods {
        train_from: day(5),
        train_until: day(35),
        test_from: day(40),
        test_until: day(60),
        label_delay: Span::DAY,
        retrain_every,
    };
    let settings = RunSettings {
        profiles: ProfileSettings {
            entities_max: 10_000,
            ahead_of_utc: Span(0),
        },
        training: Settings {
            trees_max: 30,
            ..Settings::default()
        },
        seed: 1,
    };
    let run = run(events.iter(), |_| 0, &periods, &settings).expect("a run");
    let first = START.0.div_euclid(Span::DAY.0);
    let score = |tested: &Tested| (tested.judged.day - first, tested.judged.score);
    (run.tested.iter().map(score).collect(), run.trainings)
}

#[test]
fn later_trainings_change_what_comes_after_them_and_nothing_before() {
    let (once, trainings) = scores(None);
    assert_eq!(trainings, 1);
    let (again, trainings) = scores(Some(Span::DAY.times(8)));
    // On days 40, 48 and 56.
    assert_eq!(trainings, 3);
    assert_eq!(once.len(), again.len());
    let (mut same, mut other) = (0, 0);
    for (once, again) in once.iter().zip(&again) {
        if once.0 < 48 {
            assert_eq!(once, again);
        } else if once.1 == again.1 {
            same += 1;
        } else {
            other += 1;
        }
    }
    assert!(same < other, "{same} {other}");
}
