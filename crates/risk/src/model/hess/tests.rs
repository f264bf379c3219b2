use super::*;
use crate::model::data::TrainingSet;
use crate::model::stream::{self, Dice, quick_settings, training_set};
use crate::model::train::train;
use ids::time::Timestamp;

fn trained(set: &TrainingSet) -> (Vec<String>, Vec<u8>) {
    let trained = train(&set.known_at(Timestamp::NEVER), &quick_settings(), 5).unwrap();
    (set.features().to_vec(), trained.trees)
}

#[test]
fn a_row_scores_the_same_bits_after_every_decoding() {
    let (features, bytes) = trained(&training_set(6_000, 1));
    let one = HessboostModel::decode(features.clone(), &bytes).unwrap();
    assert!(one.encode().unwrap() == bytes);
    let other = HessboostModel::decode(features, &one.encode().unwrap()).unwrap();
    let mut dice = Dice(3);
    for _ in 0..500 {
        let row = stream::row(&mut dice);
        assert_eq!(one.score(&row).to_bits(), other.score(&row).to_bits());
    }
}

#[test]
fn contributions_add_up_to_the_score() {
    let (features, bytes) = trained(&training_set(6_000, 1));
    let model = HessboostModel::decode(features, &bytes).unwrap();
    let mut dice = Dice(3);
    for _ in 0..100 {
        let row = stream::row(&mut dice);
        let reasons = model.contributions(&row);
        let sum = reasons.base + reasons.features.iter().sum::<f32>();
        let score = model.score(&row);
        assert!(((score / (1.0 - score)).ln() - sum).abs() < 1e-3);
        assert_eq!(reasons.features[7], 0.0);
        let strongest = reasons.strongest(3);
        assert!(strongest.len() <= 3);
        assert!(
            strongest
                .iter()
                .all(|feature| 0.0 < reasons.features[*feature])
        );
    }
}

#[test]
fn infinite_values_score_as_unknown_ones() {
    let (features, bytes) = trained(&training_set(6_000, 1));
    let model = HessboostModel::decode(features, &bytes).unwrap();
    let mut row = stream::row(&mut Dice(3));
    row[0] = f32::NAN;
    let unknown = (model.score(&row), model.contributions(&row));
    for infinite in [f32::INFINITY, f32::NEG_INFINITY] {
        row[0] = infinite;
        assert_eq!((model.score(&row), model.contributions(&row)), unknown);
    }
}

#[test]
#[should_panic(expected = "a value for each feature")]
fn a_row_of_another_width_is_a_bug() {
    let (features, bytes) = trained(&training_set(6_000, 1));
    HessboostModel::decode(features, &bytes)
        .unwrap()
        .score(&[0.0; 3]);
}

#[test]
fn trees_of_other_features_and_packed_trees_are_refused() {
    let (features, bytes) = trained(&training_set(6_000, 1));
    let refused = HessboostModel::decode(features[1..].to_vec(), &bytes).err();
    assert_eq!(
        refused,
        Some(TreesRefusal::FeatureCount { named: 7, found: 8 })
    );
    let packed = zstd::bulk::compress(&bytes, 3).unwrap();
    let refused = HessboostModel::decode(features.clone(), &packed).err();
    assert!(matches!(refused, Some(TreesRefusal::Unreadable { .. })));
    let refused = HessboostModel::decode(features, &vec![0; TREE_BYTES_MAX + 1]).err();
    assert!(matches!(
        refused,
        Some(TreesRefusal::TooLarge {
            what: "bytes of trees",
            ..
        })
    ));
}
