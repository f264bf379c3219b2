//! A stream of attempts for tests, whose fraud follows a known rule with noise.

use ids::time::{Span, Timestamp};

use super::data::{Example, Label, TrainingSet};
use super::settings::Settings;

pub const FEATURES: usize = 8;

/// SplitMix64: the same numbers for the same seed, everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

pub fn feature_names() -> Vec<String> {
    (0..FEATURES)
        .map(|at| format!("stream.value_{at}"))
        .collect()
}

pub fn row(dice: &mut Dice) -> Vec<f32> {
    let mut row: Vec<f32> = (0..FEATURES).map(|_| dice.share() as f32).collect();
    // The fourth is unknown now and then, the last two are steps, and one says nothing at all.
    if dice.share() < 0.3 {
        row[3] = f32::NAN;
    }
    row[6] = (row[6] * 5.0).floor();
    row[7] = 1.0;
    row
}

/// The probability that a row is a fraud.
pub fn fraud_share(row: &[f32]) -> f64 {
    let known = if row[3].is_nan() {
        0.4
    } else {
        f64::from(row[3])
    };
    let risk = -7.5
        + 4.5 * f64::from(row[0])
        + 3.0 * f64::from(row[1] * row[2])
        + 2.5 * known * known
        + 0.4 * f64::from(row[6]);
    1.0 / (1.0 + (-risk).exp())
}

pub fn label(dice: &mut Dice, row: &[f32]) -> Label {
    if dice.share() < fraud_share(row) {
        Label::Fraud
    } else {
        Label::Good
    }
}

/// Attempts a minute apart whose labels are known after two days.
pub fn training_set(rows: usize, seed: u64) -> TrainingSet {
    let mut set = TrainingSet::new(feature_names()).expect("the names are good");
    let mut dice = Dice(seed);
    for minute in 0..rows {
        let values = row(&mut dice);
        let attempted_at = Timestamp(0).plus(Span::MINUTE.times(minute as i64));
        let example = Example {
            attempted_at,
            label_known_at: attempted_at.plus(Span::DAY.times(2)),
            label: label(&mut dice, &values),
            weight: 1.0,
        };
        set.push(&values, example).expect("the row is good");
    }
    set
}

pub fn quick_settings() -> Settings {
    Settings {
        trees_max: 60,
        patience: 10,
        learning_rate: 0.15,
        depth: 4,
        bins: 64,
        ..Settings::default()
    }
}
