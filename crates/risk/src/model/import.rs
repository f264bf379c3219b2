//! Models that another program trained on the same features: LightGBM's text and XGBoost's JSON.

use hessboost::model::{BoostedModel, ModelFormat};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::artifact::{Artifact, ArtifactRefusal, Form, Manifest, Provenance};
use super::binding::{BindingRefusal, Definitions, listed};
use super::calibration::Calibration;
use super::data::{FeatureListRefusal, Known, Label, check_features};
use super::hess::HessboostModel;
use super::limits::{FEATURES_MAX, IMPORT_BYTES_MAX};
use super::quality::{Ranking, Scored};
use super::report::Quality;
use super::settings::{JUDGES_MIN, SettingRefusal};
use super::threshold::{Budget, Costs, Thresholds};
use super::train::reference;
use super::{Algorithm, Model, TreesRefusal};
use crate::fact::Catalogue;

/// Trees that were taken over.
pub struct Imported {
    model: HessboostModel,
    trees: Vec<u8>,
    form: Form,
    file: [u8; 32],
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ImportRefusal {
    #[error("the file is larger than {IMPORT_BYTES_MAX} bytes; train a smaller model")]
    TooLarge,
    #[error(
        "the file is neither a LightGBM text model nor an XGBoost JSON model; \
         save it with save_model(\"model.txt\") or save_model(\"model.json\")"
    )]
    UnknownForm,
    #[error(
        "the XGBoost model is no proper JSON of its kind ({reason}); save it again with save_model(\"model.json\")"
    )]
    Document { reason: String },
    #[error(
        "the model does not name its features; train it from a table whose columns have the names of facts"
    )]
    NoNames,
    #[error("the features do not hold: {0}")]
    Features(#[from] FeatureListRefusal),
    #[error(transparent)]
    Binding(#[from] BindingRefusal),
    #[error(transparent)]
    Trees(#[from] TreesRefusal),
    #[error(
        "{count} features of the model are not in the labelled rows ({names}); give rows with all of them"
    )]
    RowsWithout { names: String, count: usize },
    #[error(
        "too little to calibrate by: {frauds} frauds and {goods} good rows, of each {JUDGES_MIN} are needed; \
         give more rows, or none and take the model's own probabilities"
    )]
    TooFewRows { frauds: usize, goods: usize },
    #[error("a setting does not hold: {0}")]
    Setting(#[from] SettingRefusal),
    #[error(transparent)]
    Artifact(#[from] ArtifactRefusal),
}

impl Imported {
    /// Reads a model whose features are all facts of the catalogue. All of its trees count.
    pub fn read(file: &[u8], catalogue: &Catalogue) -> Result<Imported, ImportRefusal> {
        if IMPORT_BYTES_MAX < file.len() {
            return Err(ImportRefusal::TooLarge);
        }
        let (form, format, features) = match ModelFormat::detect(file) {
            Some(format @ ModelFormat::LightgbmText) => {
                (Form::LightgbmText, format, lightgbm_names(file))
            }
            Some(format @ ModelFormat::XgboostJson) => {
                (Form::XgboostJson, format, xgboost_names(file)?)
            }
            _ => return Err(ImportRefusal::UnknownForm),
        };
        if features.is_empty() {
            return Err(ImportRefusal::NoNames);
        }
        check_features(&features)?;
        super::binding::Binding::new(&features, catalogue)?;
        let trees =
            BoostedModel::decode(file, format).map_err(|reason| TreesRefusal::Unreadable {
                reason: reason.to_string(),
            })?;
        let trees = HessboostModel::new(features.clone(), trees)?.encode()?;
        // What was read from our own form is what serves.
        let model = HessboostModel::decode(features, &trees)?;
        Ok(Imported {
            model,
            trees,
            form,
            file: Sha256::digest(file).into(),
        })
    }

    pub fn features(&self) -> &[String] {
        self.model.features()
    }

    /// The model as it came: its own probabilities, and no thresholds.
    pub fn as_it_came(
        &self,
        definitions: Definitions,
        costs: Costs,
        budget: Budget,
    ) -> Result<Artifact, ImportRefusal> {
        let manifest = self.manifest(definitions, costs, budget);
        Ok(Artifact::seal(&manifest, &self.trees)?)
    }

    /// The model with calibration, thresholds and reference from labelled rows. It must not have been trained on them.
    pub fn judged_by(
        &self,
        known: &Known,
        definitions: Definitions,
        costs: Costs,
        budget: Budget,
    ) -> Result<Artifact, ImportRefusal> {
        budget.check()?;
        let scored = self.score(known)?;
        let frauds = scored.iter().filter(|row| row.is_fraud).count();
        let goods = scored.len() - frauds;
        if frauds < JUDGES_MIN || goods < JUDGES_MIN {
            return Err(ImportRefusal::TooFewRows { frauds, goods });
        }
        let ranking = Ranking::new(scored.clone());
        let thresholds = Thresholds::within(&budget, &ranking);
        let columns = self.columns(known)?;
        let mut spread = reference(known, known.judging_rows(), &scored);
        spread.features = columns
            .iter()
            .map(|column| spread.features[*column].clone())
            .collect();
        let manifest = Manifest {
            calibration: Calibration::fit(&scored),
            thresholds: Some(thresholds),
            reference: Some(spread),
            quality: Some(Quality::of(&ranking, &thresholds)),
            ..self.manifest(definitions, costs, budget)
        };
        Ok(Artifact::seal(&manifest, &self.trees)?)
    }

    fn manifest(&self, definitions: Definitions, costs: Costs, budget: Budget) -> Manifest {
        Manifest {
            features: self.model.features().to_vec(),
            definitions: *definitions.bytes(),
            algorithm: Algorithm::Hessboost,
            provenance: Provenance::Imported {
                form: self.form,
                file: self.file,
            },
            calibration: Calibration::Identity,
            costs,
            budget,
            thresholds: None,
            reference: None,
            quality: None,
            report: None,
        }
    }

    /// Where the model's features stand in labelled rows.
    fn columns(&self, known: &Known) -> Result<Vec<usize>, ImportRefusal> {
        let place = |name: &String| {
            known
                .set()
                .features()
                .iter()
                .position(|other| other == name)
        };
        let features = self.model.features();
        let absent: Vec<&String> = features
            .iter()
            .filter(|name| place(name).is_none())
            .collect();
        if !absent.is_empty() {
            return Err(ImportRefusal::RowsWithout {
                names: listed(&absent),
                count: absent.len(),
            });
        }
        Ok(features.iter().filter_map(place).collect())
    }

    fn score(&self, known: &Known) -> Result<Vec<Scored>, ImportRefusal> {
        let columns = self.columns(known)?;
        let mut room = [f32::NAN; FEATURES_MAX];
        let score = |row: &usize| {
            let (values, example) = (known.set().values(*row), known.set().example(*row));
            for (value, column) in room.iter_mut().zip(&columns) {
                *value = values[*column];
            }
            Scored {
                score: self.model.score(&room[..columns.len()]),
                is_fraud: example.label == Label::Fraud,
                weight: f64::from(example.weight),
            }
        };
        Ok(known.judging_rows().iter().map(score).collect())
    }
}

/// The names in the header line of a text model; none if there is no such line.
fn lightgbm_names(file: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(file);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("feature_names="));
    let names = line.unwrap_or_default().split_ascii_whitespace();
    names.take(FEATURES_MAX + 1).map(str::to_owned).collect()
}

#[derive(Deserialize)]
struct XgboostDocument {
    learner: XgboostLearner,
}

#[derive(Deserialize)]
struct XgboostLearner {
    #[serde(default)]
    feature_names: Vec<String>,
}

fn xgboost_names(file: &[u8]) -> Result<Vec<String>, ImportRefusal> {
    let document: XgboostDocument =
        serde_json::from_slice(file).map_err(|reason| ImportRefusal::Document {
            reason: reason.to_string(),
        })?;
    Ok(document.learner.feature_names)
}

#[cfg(test)]
mod tests;
