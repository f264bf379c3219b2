use super::*;
use crate::model::stream::Dice;
use proptest::prelude::*;

fn values(dice: &mut Dice, count: usize, shape: impl Fn(&mut Dice) -> f32) -> Vec<f32> {
    (0..count).map(|_| shape(dice)).collect()
}

fn weighed(values: &[f32]) -> Vec<(f32, f64)> {
    values.iter().map(|value| (*value, 1.0)).collect()
}

fn plain(dice: &mut Dice) -> f32 {
    if dice.share() < 0.1 {
        f32::NAN
    } else {
        dice.share() as f32
    }
}

/// A monitor of one feature and the score, after some attempts.
fn after(reference: &[f32], now: &[f32]) -> DriftReport {
    let histogram = Histogram::of(&weighed(reference));
    let reference = Reference {
        features: vec![histogram.clone()],
        scores: histogram,
    };
    let mut drift = Drift::new(reference, now.len() as u64);
    for value in now {
        drift.observe(&[*value], *value);
    }
    drift.report()
}

#[test]
fn the_same_spread_is_fine_and_another_is_not() {
    let mut dice = Dice(1);
    let reference = values(&mut dice, 20_000, plain);
    let same = after(&reference, &values(&mut dice, 5_000, plain));
    assert_eq!(same.standing(), Standing::Fine);
    assert!(same.scores.psi.unwrap() < 0.02);
    let moved = after(
        &reference,
        &values(&mut dice, 5_000, |dice| plain(dice) * 0.8),
    );
    assert_eq!(moved.standing(), Standing::Alarm);
    let nudged = after(
        &reference,
        &values(&mut dice, 5_000, |dice| plain(dice).powf(1.6)),
    );
    assert_eq!(nudged.standing(), Standing::Watch);
    let unknown = after(
        &reference,
        &values(&mut dice, 5_000, |dice| {
            if dice.share() < 0.4 {
                f32::NAN
            } else {
                plain(dice)
            }
        }),
    );
    assert_eq!(unknown.features[0].standing, Standing::Alarm);
}

#[test]
fn few_attempts_say_nothing() {
    let mut dice = Dice(1);
    let reference = values(&mut dice, 20_000, plain);
    let report = after(&reference, &vec![0.5; ROWS_MIN as usize - 1]);
    assert_eq!(report.standing(), Standing::TooFew);
    assert_eq!(report.scores.psi, None);
    let report = after(&reference, &vec![0.5; ROWS_MIN as usize]);
    assert_eq!(report.standing(), Standing::Alarm);
}

#[test]
fn a_value_that_nearly_all_have_still_shows_a_shift() {
    let mut reference = vec![0.0; 9_900];
    reference.extend([1.0; 100]);
    let report = after(
        &reference,
        &[[0.0; 3].as_slice(), &[2.0; 2]].concat().repeat(400),
    );
    assert_eq!(report.standing(), Standing::Alarm);
}

#[test]
fn the_window_forgets() {
    let mut dice = Dice(1);
    let histogram = Histogram::of(&weighed(&values(&mut dice, 20_000, plain)));
    let reference = Reference {
        features: vec![histogram.clone()],
        scores: histogram,
    };
    let mut drift = Drift::new(reference, 2_000);
    for _ in 0..2_000 {
        drift.observe(&[0.99], 0.99);
    }
    assert_eq!(drift.report().standing(), Standing::Alarm);
    for _ in 0..2_000 {
        let value = plain(&mut dice);
        drift.observe(&[value], value);
    }
    assert_eq!(drift.report().standing(), Standing::Fine);
    assert_eq!(drift.report().rows, 2_000);
}

proptest! {
    #[test]
    fn every_spread_is_sound_and_never_less_than_nothing_from_another(
        reference in prop::collection::vec(prop::num::f32::ANY, 0..200),
        now in prop::collection::vec(prop::num::f32::ANY, 0..30),
    ) {
        let histogram = Histogram::of(&weighed(&reference));
        prop_assert!(histogram.is_sound());
        let text = serde_json::to_string(&histogram).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Histogram>(&text).unwrap(), &histogram);
        let report = after(&reference, &now.repeat(40));
        if let Some(psi) = report.scores.psi {
            prop_assert!(0.0 <= psi && psi.is_finite());
        }
    }
}
