use super::*;
use crate::model::stream::Dice;
use proptest::prelude::*;

fn scored(rows: &[(u16, bool, u8)]) -> Vec<Scored> {
    rows.iter()
        .map(|(score, is_fraud, weight)| Scored {
            score: f32::from(*score) / 65_535.0,
            is_fraud: *is_fraud,
            weight: f64::from(*weight),
        })
        .collect()
}

fn rows(most: usize) -> impl Strategy<Value = Vec<(u16, bool, u8)>> {
    prop::collection::vec((any::<u16>(), any::<bool>(), 1u8..4), 1..most)
}

/// Rows whose true probability is the square of their score.
fn squared(count: usize, seed: u64) -> Vec<Scored> {
    let mut dice = Dice(seed);
    (0..count)
        .map(|_| {
            let score = dice.share();
            Scored {
                score: score as f32,
                is_fraud: dice.share() < score * score,
                weight: 1.0,
            }
        })
        .collect()
}

#[test]
fn a_curve_finds_the_true_probability() {
    let calibration = Calibration::fit(&squared(40_000, 7));
    assert!(matches!(calibration, Calibration::Isotonic { .. }));
    for score in [0.1f32, 0.3, 0.5, 0.7, 0.9] {
        let said = calibration.apply(score);
        let truth = f64::from(score * score);
        assert!((said - truth).abs() < 0.06, "{score}: {said} for {truth}");
    }
}

#[test]
fn few_frauds_get_two_numbers_that_are_about_right() {
    let calibration = Calibration::fit(&squared(200, 3));
    let Calibration::Platt { slope, .. } = calibration else {
        panic!("{calibration:?}");
    };
    assert!(0.5 < slope && slope < 4.0, "{slope}");
    assert!((calibration.apply(0.5) - 0.25).abs() < 0.12);
}

#[test]
fn scores_that_lie_about_the_order_lead_to_one_probability() {
    let upside_down: Vec<(u16, bool, u8)> = (0..60).map(|at| (at * 1_000, at < 20, 1)).collect();
    let calibration = Calibration::fit(&scored(&upside_down));
    assert!((calibration.apply(0.1) - 1.0 / 3.0).abs() < 0.01);
    assert_eq!(calibration.apply(0.1), calibration.apply(0.9));
}

#[test]
fn rows_of_one_kind_change_nothing() {
    for is_fraud in [true, false] {
        let rows: Vec<(u16, bool, u8)> = (0..300).map(|at| (at, is_fraud, 1)).collect();
        assert_eq!(Calibration::fit(&scored(&rows)), Calibration::Identity);
    }
}

#[test]
fn a_curve_that_falls_or_leaves_the_range_is_unsound() {
    let knots = |points: &[(f64, f64)]| Calibration::Isotonic {
        knots: points
            .iter()
            .map(|(score, probability)| Knot {
                score: *score,
                probability: *probability,
            })
            .collect(),
    };
    assert!(knots(&[(0.1, 0.2), (0.3, 0.2)]).is_sound());
    assert!(!knots(&[]).is_sound());
    assert!(!knots(&[(0.1, 0.2), (0.1, 0.3)]).is_sound());
    assert!(!knots(&[(0.1, 0.2), (0.2, 0.1)]).is_sound());
    assert!(!knots(&[(0.1, 1.2)]).is_sound());
    assert!(!knots(&[(-0.1, 0.2)]).is_sound());
    assert!(
        !Calibration::Platt {
            slope: -1.0,
            offset: 0.0
        }
        .is_sound()
    );
    assert!(
        !Calibration::Platt {
            slope: f64::NAN,
            offset: 0.0
        }
        .is_sound()
    );
    assert!(
        !Calibration::Platt {
            slope: 1.0,
            offset: f64::INFINITY
        }
        .is_sound()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_fit_is_sound_and_keeps_the_order_of_scores(
        rows in rows(800), one in 0.0f32..=1.0, other in 0.0f32..=1.0,
    ) {
        let calibration = Calibration::fit(&scored(&rows));
        prop_assert!(calibration.is_sound(), "{:?}", calibration);
        let (low, high) = (one.min(other), one.max(other));
        let (below, above) = (calibration.apply(low), calibration.apply(high));
        prop_assert!(below <= above, "{} {} for {} {}", below, above, low, high);
        prop_assert!((0.0..=1.0).contains(&below) && (0.0..=1.0).contains(&above));
        if let Calibration::Isotonic { knots } = &calibration {
            for knot in knots {
                let near = [knot.score as f32, (knot.score as f32).next_up(), (knot.score as f32).next_down()];
                let said = near.map(|score| calibration.apply(score));
                prop_assert!(said[2] <= said[0] && said[0] <= said[1]);
            }
        }
    }
}
