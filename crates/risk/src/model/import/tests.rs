use super::*;
use crate::fact::{FactType, Kind};
use crate::model::data::{Example, TrainingSet};
use crate::model::limits::FEATURE_NAME_BYTES_MAX;
use crate::model::stream::{self, Dice, quick_settings, training_set};
use crate::model::train::train;
use crate::verdict::Verdict;
use ids::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

fn catalogue_of(names: &[String]) -> Catalogue {
    let fact = |name: &String| FactType {
        name: name.clone(),
        kind: Kind::Number,
        unit: "attempts",
        meaning: String::new(),
    };
    Catalogue::new(names.iter().map(fact).collect())
}

fn catalogue() -> Catalogue {
    catalogue_of(&stream::feature_names())
}

/// A small model in LightGBM's form: the first value splits, unknown goes left.
const LIGHTGBM: &str = "tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=stream.value_1 stream.value_0
feature_infos=[0:1] [0:1]

Tree=0
num_leaves=2
num_cat=0
split_feature=1
split_gain=10
threshold=0.5
decision_type=10
left_child=-1
right_child=-2
leaf_value=-2 1
leaf_weight=10 10
leaf_count=10 10
internal_value=0
internal_weight=20
internal_count=20
is_linear=0
shrinkage=1


end of trees

parameters:
[boosting: gbdt]
[objective: binary]
end of parameters
";

/// One of our own models, in XGBoost's form.
static XGBOOST: LazyLock<Value> = LazyLock::new(|| {
    let set = training_set(6_000, 1);
    let trained = train(&set.known_at(Timestamp::NEVER), &quick_settings(), 5).unwrap();
    let trees = BoostedModel::decode(&trained.trees, ModelFormat::Binary).unwrap();
    let json = trees.encode(ModelFormat::XgboostJson).unwrap();
    let mut document: Value = serde_json::from_slice(&json).unwrap();
    document["learner"]["feature_names"] = json!(stream::feature_names());
    document
});

fn xgboost(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = XGBOOST.clone();
    change(&mut document);
    serde_json::to_vec(&document).unwrap()
}

fn read(file: &[u8]) -> Result<Imported, ImportRefusal> {
    Imported::read(file, &catalogue())
}

fn refusal(file: &[u8]) -> ImportRefusal {
    read(file).err().expect("the file is not to be taken")
}

fn definitions(imported: &Imported) -> Definitions {
    Definitions::of(imported.features(), &catalogue(), 1).unwrap()
}

fn sigmoid(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

#[test]
fn a_model_as_it_came_keeps_its_probabilities_and_asks_only_for_costs() {
    let imported = read(LIGHTGBM.as_bytes()).unwrap();
    let definitions = definitions(&imported);
    let artifact = imported
        .as_it_came(definitions, Costs::default(), Budget::default())
        .unwrap();
    // In the model's own order of features.
    for (row, log_odds) in [
        ([0.9, 0.1], -2.0),
        ([0.1, 0.9], 1.0),
        ([0.9, f32::NAN], -2.0),
    ] {
        let judged = artifact.judge(&row);
        assert!((judged.score - sigmoid(log_odds)).abs() < 1e-6);
        assert_eq!(judged.probability, f64::from(judged.score));
        assert_eq!(artifact.level_by_budget(judged), None);
    }
    let certain = artifact.judge(&[0.1, 0.9]);
    assert_eq!(artifact.level_by_costs(certain, 100_000), Verdict::Block);
    let Provenance::Imported { form, file } = artifact.manifest().provenance.clone() else {
        panic!("it was imported");
    };
    assert_eq!(form, Form::LightgbmText);
    assert_eq!(file.as_slice(), Sha256::digest(LIGHTGBM).as_slice());
}

#[test]
fn rows_give_an_imported_model_calibration_thresholds_and_reference() {
    let imported = read(&xgboost(|_| ())).unwrap();
    let definitions = definitions(&imported);
    // Rows whose columns stand in another order, and one more.
    let known = training_set(20_000, 2);
    let mut names = stream::feature_names();
    names.reverse();
    names.push("more.there".into());
    let mut set = TrainingSet::new(names).unwrap();
    for row in 0..known.rows() {
        let mut values = known.values(row).to_vec();
        values.reverse();
        values.push(f32::NAN);
        set.push(&values, *known.example(row)).unwrap();
    }
    let artifact = imported
        .judged_by(
            &set.known_at(Timestamp::NEVER),
            definitions,
            Costs::default(),
            Budget::default(),
        )
        .unwrap();
    let manifest = artifact.manifest();
    assert!(0.8 < manifest.quality.unwrap().auc.unwrap());
    assert_eq!(
        manifest.reference.as_ref().unwrap().features.len(),
        stream::FEATURES
    );
    let test = training_set(20_000, 3);
    let said: f64 = (0..test.rows())
        .map(|row| artifact.judge(test.values(row)).probability)
        .sum();
    let truth: f64 = (0..test.rows())
        .map(|row| stream::fraud_share(test.values(row)))
        .sum();
    assert!((0.85..1.15).contains(&(said / truth)), "{said} for {truth}");
    let alarmed = |row: &usize| {
        let level = artifact.level_by_budget(artifact.judge(test.values(*row)));
        level.unwrap() != Verdict::Allow
    };
    let goods = (0..test.rows()).filter(|row| test.example(*row).label == Label::Good);
    let share = goods.filter(alarmed).count() as f64 / test.rows() as f64;
    assert!((0.002..0.01).contains(&share), "{share}");
}

#[test]
fn a_model_of_other_features_is_refused_with_their_names() {
    let renamed = LIGHTGBM.replace("stream.value_1", "stream.other");
    let names = "stream.other".to_owned();
    let unknown = BindingRefusal::Unknown { names, count: 1 };
    assert_eq!(refusal(renamed.as_bytes()), ImportRefusal::Binding(unknown));
    let twice = LIGHTGBM.replace("stream.value_1", "stream.value_0");
    assert!(matches!(
        refusal(twice.as_bytes()),
        ImportRefusal::Features(_)
    ));
    let none = LIGHTGBM.replace("feature_names=stream.value_1 stream.value_0\n", "");
    assert_eq!(refusal(none.as_bytes()), ImportRefusal::NoNames);
    let one = LIGHTGBM.replace("feature_names=stream.value_1 ", "feature_names=");
    assert!(matches!(refusal(one.as_bytes()), ImportRefusal::Trees(_)));
    let nameless = xgboost(|document| document["learner"]["feature_names"] = json!([]));
    assert_eq!(refusal(&nameless), ImportRefusal::NoNames);
    let seven = xgboost(|document| {
        document["learner"]["feature_names"] = json!(stream::feature_names()[1..])
    });
    assert_eq!(
        refusal(&seven),
        ImportRefusal::Trees(TreesRefusal::FeatureCount { named: 7, found: 8 })
    );
    let many: Vec<String> = (0..513).map(|at| format!("stream.value_{at}")).collect();
    let many = xgboost(|document| document["learner"]["feature_names"] = json!(many));
    let count = FeatureListRefusal::Count { found: 513 };
    assert_eq!(refusal(&many), ImportRefusal::Features(count));
    let long = xgboost(|document| {
        document["learner"]["feature_names"][0] = json!("x".repeat(FEATURE_NAME_BYTES_MAX + 1));
    });
    assert!(matches!(refusal(&long), ImportRefusal::Features(_)));
}

#[test]
fn files_that_are_no_such_models_are_refused() {
    assert_eq!(refusal(b""), ImportRefusal::UnknownForm);
    assert_eq!(refusal(b"PK\x03\x04"), ImportRefusal::UnknownForm);
    assert_eq!(refusal(b"{\"trees\": []}"), ImportRefusal::UnknownForm);
    assert_eq!(
        refusal(&vec![b' '; IMPORT_BYTES_MAX + 1]),
        ImportRefusal::TooLarge
    );
    let deep = [b"{\"learner\":".to_vec(), vec![b'['; 1 << 20]].concat();
    assert!(matches!(refusal(&deep), ImportRefusal::Document { .. }));
    let other =
        xgboost(|document| document["learner"]["objective"]["name"] = json!("reg:squarederror"));
    assert!(matches!(
        refusal(&other),
        ImportRefusal::Trees(TreesRefusal::NotServed { .. })
    ));
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let imported = || read(LIGHTGBM.as_bytes()).unwrap();
    let judge = |set: &TrainingSet, budget| {
        let imported = imported();
        let definitions = definitions(&imported);
        imported
            .judged_by(
                &set.known_at(Timestamp::NEVER),
                definitions,
                Costs::default(),
                budget,
            )
            .err()
    };
    let mut few = TrainingSet::new(stream::feature_names()).unwrap();
    let mut dice = Dice(1);
    for _ in 0..100 {
        let example = Example {
            attempted_at: Timestamp(0),
            label_known_at: Timestamp(0),
            label: Label::Good,
            weight: 1.0,
        };
        few.push(&stream::row(&mut dice), example).unwrap();
    }
    let refused = judge(&few, Budget::default());
    assert_eq!(
        refused,
        Some(ImportRefusal::TooFewRows {
            frauds: 0,
            goods: 100
        })
    );
    let other = TrainingSet::new(vec!["stream.value_1".into()]).unwrap();
    let names = "stream.value_0".to_owned();
    let refused = judge(&other, Budget::default());
    assert_eq!(
        refused,
        Some(ImportRefusal::RowsWithout { names, count: 1 })
    );
    let budget = Budget {
        alarm_share: 2.0,
        ..Budget::default()
    };
    assert!(matches!(
        judge(&few, budget),
        Some(ImportRefusal::Setting(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_models_are_refused_or_serve(
        is_xgboost in any::<bool>(),
        at in any::<prop::sample::Index>(),
        patch in prop::collection::vec(any::<u8>(), 0..8),
        cut in 0usize..8,
    ) {
        let mut file = if is_xgboost { xgboost(|_| ()) } else { LIGHTGBM.as_bytes().to_vec() };
        let at = at.index(file.len());
        let end = file.len().min(at + cut);
        file.splice(at..end, patch);
        if let Ok(imported) = read(&file) {
            let width = imported.features().len();
            for row in [vec![f32::NAN; width], vec![0.5; width], vec![f32::MAX; width]] {
                prop_assert!((0.0..=1.0).contains(&imported.model.score(&row)));
                imported.model.contributions(&row);
            }
        }
    }
}
