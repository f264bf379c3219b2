use super::*;
use crate::model::Algorithm;
use crate::model::settings::Settings;
use crate::model::stream::{self, Dice, quick_settings, training_set};
use crate::model::train::train;
use ids::time::Timestamp;
use serde_json::{Value, json};

fn trained() -> (Vec<String>, Vec<u8>) {
    let set = training_set(6_000, 1);
    let settings = Settings {
        algorithm: Algorithm::Forust,
        ..quick_settings()
    };
    let trained = train(&set.known_at(Timestamp::NEVER), &settings, 5).unwrap();
    (set.features().to_vec(), trained.trees)
}

#[test]
fn scores_are_those_of_the_crate_itself() {
    let (features, bytes) = trained();
    let booster = GradientBooster::from_json(std::str::from_utf8(&bytes).unwrap()).unwrap();
    let model = ForustModel::decode(features, &bytes).unwrap();
    assert!(model.encode().unwrap().len() == bytes.len());
    let mut dice = Dice(3);
    for _ in 0..300 {
        let row = stream::row(&mut dice);
        let wide: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
        let log_odds = booster.predict(&forust_ml::Matrix::new(&wide, 1, wide.len()), false)[0];
        let expected = 1.0 / (1.0 + (-log_odds).exp());
        assert!((f64::from(model.score(&row)) - expected).abs() < 1e-6);
    }
}

#[test]
fn contributions_add_up_to_the_score() {
    let (features, bytes) = trained();
    let model = ForustModel::decode(features, &bytes).unwrap();
    let mut dice = Dice(3);
    for _ in 0..100 {
        let row = stream::row(&mut dice);
        let reasons = model.contributions(&row);
        let sum = reasons.base + reasons.features.iter().sum::<f32>();
        let score = model.score(&row);
        assert!(((score / (1.0 - score)).ln() - sum).abs() < 1e-3);
    }
}

/// What the crate's reader would take and then run in circles with, or off the end of.
#[test]
fn trees_that_lead_nowhere_are_refused() {
    let (features, bytes) = trained();
    let sound: Value = serde_json::from_slice(&bytes).unwrap();
    let check = |change: &dyn Fn(&mut Value)| {
        let mut damaged = sound.clone();
        change(&mut damaged);
        ForustModel::decode(features.clone(), &serde_json::to_vec(&damaged).unwrap()).err()
    };
    assert_eq!(check(&|_| ()), None);
    type Change = dyn Fn(&mut Value);
    let changes: [&Change; 9] = [
        &|model| model["trees"][0]["nodes"][0]["left_child"] = json!(0),
        &|model| model["trees"][0]["nodes"][1]["left_child"] = json!(0),
        &|model| model["trees"][0]["nodes"][0]["right_child"] = json!(100_000),
        &|model| model["trees"][0]["nodes"][0]["missing_node"] = json!(100_000),
        &|model| model["trees"][0]["nodes"][0]["split_feature"] = json!(8),
        &|model| model["trees"][0]["nodes"] = json!([]),
        &|model| model["trees"] = json!([]),
        &|model| model["prediction_iteration"] = json!(10_000),
        &|model| model["objective_type"] = json!("SquaredLoss"),
    ];
    for (place, change) in changes.iter().enumerate() {
        assert!(check(change).is_some(), "change {place}");
    }
}
