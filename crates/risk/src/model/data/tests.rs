use super::*;
use ids::time::Span;
use proptest::prelude::*;

const HOUR: i64 = Span::HOUR.0;

fn example(attempted_at: i64, label_known_at: i64) -> Example {
    Example {
        attempted_at: Timestamp(attempted_at),
        label_known_at: Timestamp(label_known_at),
        label: Label::Good,
        weight: 1.0,
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("a.b{at}")).collect()
}

#[test]
fn a_label_that_was_not_known_yet_does_not_enter() {
    let mut set = TrainingSet::new(names(1)).unwrap();
    set.push(&[1.0], example(0, 5 * HOUR)).unwrap();
    set.push(&[2.0], example(HOUR, 2 * HOUR)).unwrap();
    set.push(&[3.0], example(3 * HOUR, Timestamp::NEVER.0))
        .unwrap();
    let known = set.known_at(Timestamp(4 * HOUR));
    assert_eq!(known.rows(), [1]);
    assert_eq!(known.unknown(), 2);
    let known = set.known_at(Timestamp(5 * HOUR));
    assert_eq!(known.rows(), [0, 1]);
}

#[test]
fn rows_that_cannot_be_are_refused() {
    let mut set = TrainingSet::new(names(2)).unwrap();
    let width = set.push(&[1.0], example(0, 0));
    assert_eq!(
        width,
        Err(RowRefusal::Width {
            expected: 2,
            found: 1
        })
    );
    for weight in [0.0, -1.0, f32::NAN, f32::INFINITY, 1_001.0] {
        let heavy = Example {
            weight,
            ..example(0, 0)
        };
        let refused = set.push(&[1.0, 1.0], heavy);
        assert!(
            matches!(refused, Err(RowRefusal::Weight { .. })),
            "{weight}"
        );
    }
    let early = set.push(&[1.0, 1.0], example(10, 9));
    assert!(matches!(early, Err(RowRefusal::LabelBeforeAttempt { .. })));
    assert_eq!(set.rows(), 0);
}

#[test]
fn infinite_values_are_unknown() {
    let mut set = TrainingSet::new(names(3)).unwrap();
    set.push(&[f32::INFINITY, f32::NEG_INFINITY, 4.0], example(0, 0))
        .unwrap();
    assert!(set.values(0)[..2].iter().all(|value| value.is_nan()));
    assert_eq!(set.values(0)[2], 4.0);
}

#[test]
fn feature_lists_that_name_nothing_or_too_much_are_refused() {
    let check = |features: Vec<String>| TrainingSet::new(features).map(|_| ());
    assert_eq!(check(vec![]), Err(FeatureListRefusal::Count { found: 0 }));
    assert_eq!(
        check(names(513)),
        Err(FeatureListRefusal::Count { found: 513 })
    );
    assert_eq!(
        check(vec!["a.b".into(), String::new()]),
        Err(FeatureListRefusal::Name { place: 1 })
    );
    assert_eq!(
        check(vec!["x".repeat(129)]),
        Err(FeatureListRefusal::Name { place: 0 })
    );
    let twice = check(vec!["a.b".into(), "c.d".into(), "a.b".into()]);
    assert_eq!(twice, Err(FeatureListRefusal::Twice { name: "a.b".into() }));
    assert_eq!(check(names(512)), Ok(()));
}

proptest! {
    #[test]
    fn whatever_is_known_was_known_and_stands_in_order(
        rows in prop::collection::vec((0i64..100, 0i64..50), 0..60),
        moment in 0i64..150,
    ) {
        let mut set = TrainingSet::new(names(1)).unwrap();
        for (attempted_at, delay) in &rows {
            set.push(&[0.0], example(*attempted_at, attempted_at + delay)).unwrap();
        }
        let known = set.known_at(Timestamp(moment));
        let known_rows = rows.iter().filter(|(at, delay)| at + delay <= moment).count();
        prop_assert_eq!(known.rows().len(), known_rows);
        prop_assert_eq!(known.unknown(), rows.len() - known_rows);
        for row in known.rows() {
            prop_assert!(set.example(*row).label_known_at <= Timestamp(moment));
        }
        for pair in known.rows().windows(2) {
            prop_assert!(set.example(pair[0]).attempted_at <= set.example(pair[1]).attempted_at);
        }
    }
}
