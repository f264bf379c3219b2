//! Models of LightGBM and XGBoost must say here what they say at home.

use std::path::{Path, PathBuf};
use std::process::Command;

use risk::fact::{Catalogue, FactType, Kind};
use risk::model::artifact::{Artifact, Form};
use risk::model::binding::Definitions;
use risk::model::import::Imported;
use risk::model::threshold::{Budget, Costs};
use serde::Deserialize;

/// The most by which a probability may differ: one side adds up single, the other double precision.
const DIFFERENCE_MAX: f64 = 1e-5;
const FEATURES: usize = 12;

#[derive(Deserialize)]
struct Expected {
    rows: Vec<Vec<Option<f32>>>,
    lightgbm: Vec<f64>,
    xgboost: Vec<f64>,
    /// The last value of each row is the base.
    xgboost_contributions: Vec<Vec<f32>>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests find their tools through variables"
)]
fn trees_python() -> PathBuf {
    let name = "SCRIP_TEST_TREES_PYTHON";
    let place = std::env::var_os(name);
    PathBuf::from(
        place.unwrap_or_else(|| panic!("{name} is not set: run the tests with `cargo xtask test`")),
    )
}

/// Has the peers train, and returns the directory with their models and what they expect.
fn trained_by_peers(seed: u64) -> (PathBuf, Expected) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("trees-{seed}"));
    std::fs::create_dir_all(&directory).expect("the directory can be made");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/trees.py");
    let output = Command::new(trees_python())
        .arg(script)
        .arg(&directory)
        .arg(seed.to_string())
        .output()
        .expect("the interpreter starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "seed {seed}: {errors}");
    let expected = std::fs::read(directory.join("expected.json")).expect("the script wrote it");
    let expected = serde_json::from_slice(&expected).expect("the script wrote this form");
    (directory, expected)
}

fn catalogue() -> Catalogue {
    let fact = |column| FactType {
        name: format!("peer.value_{column}"),
        kind: Kind::Number,
        unit: "",
        meaning: "A value of a peer.".into(),
    };
    Catalogue::new((0..FEATURES).map(fact).collect())
}

fn imported(file: &Path) -> Artifact {
    let bytes = std::fs::read(file).expect("the peer wrote it");
    let imported = Imported::read(&bytes, &catalogue()).expect("the model can be taken over");
    let definitions = Definitions::of(imported.features(), &catalogue(), 1);
    imported
        .as_it_came(
            definitions.expect("all are facts"),
            Costs::default(),
            Budget::default(),
        )
        .expect("the model can be sealed")
}

fn assert_scores(artifact: &Artifact, expected: &[f64], rows: &[Vec<f32>], form: Form) {
    let mut distinct: Vec<u32> = Vec::new();
    for (row, expected) in rows.iter().zip(expected) {
        let judged = artifact.judge(row);
        let difference = (judged.probability - expected).abs();
        assert!(
            difference < DIFFERENCE_MAX,
            "{form:?}: {judged:?} for {expected} of {row:?}"
        );
        distinct.push(judged.score.to_bits());
    }
    distinct.sort_unstable();
    distinct.dedup();
    assert!(
        rows.len() / 2 < distinct.len(),
        "scores that say nothing prove nothing"
    );
}

#[test]
fn models_of_lightgbm_and_xgboost_say_what_they_say_at_home() {
    for seed in [1, 2] {
        let (directory, expected) = trained_by_peers(seed);
        let unknown = |value: &Option<f32>| value.unwrap_or(f32::NAN);
        let rows: Vec<Vec<f32>> = expected
            .rows
            .iter()
            .map(|row| row.iter().map(unknown).collect())
            .collect();
        let lightgbm = imported(&directory.join("lightgbm.txt"));
        assert_scores(&lightgbm, &expected.lightgbm, &rows, Form::LightgbmText);
        let xgboost = imported(&directory.join("xgboost.json"));
        assert_scores(&xgboost, &expected.xgboost, &rows, Form::XgboostJson);
        for (row, expected) in rows.iter().zip(&expected.xgboost_contributions) {
            let reasons = xgboost.contributions(row);
            for (said, expected) in reasons.features.iter().zip(expected) {
                assert!(
                    (said - expected).abs() < 1e-3,
                    "{said} for {expected} of {row:?}"
                );
            }
            assert!((reasons.base - expected[FEATURES]).abs() < 1e-3);
        }
    }
}
