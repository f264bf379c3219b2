//! The model file: trees with all that a decision needs besides, under a name that is its own hash.
//!
//! ```text
//! 8 bytes   magic
//! u32       version of the form, little-endian like the next two
//! u32       length of the manifest
//! u32       length of the trees
//! manifest  JSON
//! trees     as their algorithm writes them
//! 32 bytes  SHA-256 of everything before: the model's name
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::binding::{Binding, BindingRefusal, Definitions, write_hex};
use super::calibration::Calibration;
use super::data::{FeatureListRefusal, check_features};
use super::drift::Reference;
use super::limits::{MANIFEST_BYTES_MAX, TREE_BYTES_MAX};
use super::report::{Quality, Report};
use super::settings::SettingRefusal;
use super::threshold::{Budget, Costs, Thresholds};
use super::train::Trained;
use super::{Algorithm, Contributions, Model, TreesRefusal, decode_trees};
use crate::fact::Catalogue;
use crate::verdict::Verdict;

const MAGIC: &[u8; 8] = b"SCRIPRSK";
/// Raised when the form changes. A model of another form has to be trained or imported again.
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 8 + 4 + 4 + 4;
const HASH_BYTES: usize = 32;
/// The largest model file.
pub const ARTIFACT_BYTES_MAX: usize =
    HEADER_BYTES + MANIFEST_BYTES_MAX + TREE_BYTES_MAX + HASH_BYTES;

/// The name of a model in decisions: the hash of its file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModelHash(pub [u8; HASH_BYTES]);

/// A model that can be asked.
pub struct Artifact {
    manifest: Manifest,
    model: Box<dyn Model>,
    bytes: Vec<u8>,
    hash: ModelHash,
}

/// Everything in a model file besides its trees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub features: Vec<String>,
    /// See [`Definitions`].
    pub definitions: [u8; 32],
    pub algorithm: Algorithm,
    pub provenance: Provenance,
    pub calibration: Calibration,
    pub costs: Costs,
    pub budget: Budget,
    /// None for an imported model that was never shown labelled attempts.
    pub thresholds: Option<Thresholds>,
    pub reference: Option<Reference>,
    /// What labelled attempts said of the model.
    pub quality: Option<Quality>,
    /// None for an imported model.
    pub report: Option<Report>,
}

/// Where the trees come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Provenance {
    TrainedHere,
    Imported {
        form: Form,
        /// SHA-256 of the file that was imported.
        file: [u8; 32],
    },
}

/// How another program writes its models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    LightgbmText,
    XgboostJson,
}

/// What a model says of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// Before calibration; thresholds are about this one.
    pub score: f32,
    /// Of fraud, calibrated.
    pub probability: f64,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ArtifactRefusal {
    #[error("this is no model file of Scrip; to take a LightGBM or XGBoost model, import it")]
    Foreign,
    #[error(
        "the model file has form {found} and this program reads form {VERSION}; train or import the model again"
    )]
    Version { found: u32 },
    #[error("the model file is larger than {ARTIFACT_BYTES_MAX} bytes; train a smaller model")]
    TooLarge,
    #[error(
        "the model file is {found} bytes long and says that it has {expected}; copy it again, whole"
    )]
    Length { expected: usize, found: usize },
    #[error("the model file was changed or damaged after it was written; copy it again")]
    Damaged,
    #[error(
        "the model file does not say properly what it holds ({reason}); train or import the model again"
    )]
    Manifest { reason: String },
    #[error("the model file contradicts itself: {what}; train or import the model again")]
    Unsound { what: &'static str },
    #[error("the features do not hold: {0}")]
    Features(#[from] FeatureListRefusal),
    #[error("a setting does not hold: {0}")]
    Setting(#[from] SettingRefusal),
    #[error(transparent)]
    Trees(#[from] TreesRefusal),
}

impl Artifact {
    /// Seals what a training brought forth.
    pub fn of_training(
        trained: Trained,
        definitions: Definitions,
    ) -> Result<Artifact, ArtifactRefusal> {
        let manifest = Manifest {
            features: trained.model.features().to_vec(),
            definitions: *definitions.bytes(),
            algorithm: trained.algorithm,
            provenance: Provenance::TrainedHere,
            calibration: trained.calibration,
            costs: trained.report.settings.costs,
            budget: trained.report.settings.budget,
            thresholds: Some(trained.thresholds),
            reference: Some(trained.reference),
            quality: Some(trained.report.quality),
            report: Some(trained.report),
        };
        Artifact::seal(&manifest, &trained.trees)
    }

    /// Writes a model file and reads it, so that what serves is what is stored.
    pub fn seal(manifest: &Manifest, trees: &[u8]) -> Result<Artifact, ArtifactRefusal> {
        let text = serde_json::to_vec(manifest).map_err(manifest_refusal)?;
        if MANIFEST_BYTES_MAX < text.len() || TREE_BYTES_MAX < trees.len() {
            return Err(ArtifactRefusal::TooLarge);
        }
        let mut bytes = Vec::with_capacity(HEADER_BYTES + text.len() + trees.len() + HASH_BYTES);
        bytes.extend_from_slice(MAGIC);
        for number in [VERSION, text.len() as u32, trees.len() as u32] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend_from_slice(&text);
        bytes.extend_from_slice(trees);
        let hash = Sha256::digest(&bytes);
        bytes.extend_from_slice(&hash);
        Artifact::decode(bytes)
    }

    /// Reads a model file. Whatever the bytes, this takes memory in proportion to them and never panics.
    pub fn decode(bytes: Vec<u8>) -> Result<Artifact, ArtifactRefusal> {
        let (_, trees) = parts(&bytes)?;
        let manifest = Artifact::read_manifest(&bytes)?;
        let features = manifest.features.clone();
        let model = decode_trees(manifest.algorithm, features, trees)?;
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&bytes[bytes.len() - HASH_BYTES..]);
        Ok(Artifact {
            manifest,
            model,
            bytes,
            hash: ModelHash(hash),
        })
    }

    /// What a file says besides its trees, which are not read.
    pub fn read_manifest(bytes: &[u8]) -> Result<Manifest, ArtifactRefusal> {
        let (manifest, _) = parts(bytes)?;
        let manifest: Manifest = serde_json::from_slice(manifest).map_err(manifest_refusal)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The model file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn hash(&self) -> ModelHash {
        self.hash
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Finds the model's features among the facts. Refuses if they are not there, or mean something else now.
    pub fn bind(&self, catalogue: &Catalogue, version: u32) -> Result<Binding, BindingRefusal> {
        let now = Definitions::of(&self.manifest.features, catalogue, version)?;
        if now.bytes() != &self.manifest.definitions {
            return Err(BindingRefusal::Changed);
        }
        Binding::new(&self.manifest.features, catalogue)
    }

    /// Judges a row with a value for each of the model's features, as [`Binding::row`] gives it.
    pub fn judge(&self, row: &[f32]) -> Judged {
        let score = self.model.score(row);
        Judged {
            score,
            probability: self.manifest.calibration.apply(score),
        }
    }

    /// See [`Model::contributions`].
    pub fn contributions(&self, row: &[f32]) -> Contributions {
        self.model.contributions(row)
    }

    /// What the budget of false alarms asks for; none if the model was imported without thresholds.
    pub fn level_by_budget(&self, judged: Judged) -> Option<Verdict> {
        let thresholds = self.manifest.thresholds.as_ref()?;
        Some(thresholds.level(judged.score))
    }

    /// What the stated costs ask for, for an amount in minor units.
    pub fn level_by_costs(&self, judged: Judged, amount: i64) -> Verdict {
        self.manifest.costs.level(judged.probability, amount)
    }
}

/// The manifest and the trees of a file whose hash is right.
fn parts(bytes: &[u8]) -> Result<(&[u8], &[u8]), ArtifactRefusal> {
    if !bytes.starts_with(MAGIC) {
        return Err(ArtifactRefusal::Foreign);
    }
    if ARTIFACT_BYTES_MAX < bytes.len() {
        return Err(ArtifactRefusal::TooLarge);
    }
    let least = HEADER_BYTES + HASH_BYTES;
    if bytes.len() < least {
        return Err(ArtifactRefusal::Length {
            expected: least,
            found: bytes.len(),
        });
    }
    let number =
        |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let found = number(8);
    if found != VERSION {
        return Err(ArtifactRefusal::Version { found });
    }
    let (manifest, trees) = (number(12) as usize, number(16) as usize);
    let expected = least + manifest + trees;
    if bytes.len() != expected {
        return Err(ArtifactRefusal::Length {
            expected,
            found: bytes.len(),
        });
    }
    if MANIFEST_BYTES_MAX < manifest || TREE_BYTES_MAX < trees {
        return Err(ArtifactRefusal::TooLarge);
    }
    let (body, hash) = bytes.split_at(bytes.len() - HASH_BYTES);
    if Sha256::digest(body).as_slice() != hash {
        return Err(ArtifactRefusal::Damaged);
    }
    Ok(body[HEADER_BYTES..].split_at(manifest))
}

impl Manifest {
    fn check(&self) -> Result<(), ArtifactRefusal> {
        check_features(&self.features)?;
        self.costs.check()?;
        self.budget.check()?;
        let width = self.features.len();
        let is_reference_sound = self.reference.as_ref().is_none_or(|reference| {
            let mut histograms = reference.features.iter().chain([&reference.scores]);
            reference.features.len() == width && histograms.all(|histogram| histogram.is_sound())
        });
        let is_report_sound = self
            .report
            .as_ref()
            .is_none_or(|report| report.importance.len() == width);
        let what = if !self.calibration.is_sound() {
            "its calibration does not keep the order of scores"
        } else if self
            .thresholds
            .is_some_and(|thresholds| !thresholds.is_ordered())
        {
            "its thresholds are not in order"
        } else if !is_reference_sound {
            "its reference is not of its features"
        } else if !is_report_sound {
            "its report is not of its features"
        } else {
            return Ok(());
        };
        Err(ArtifactRefusal::Unsound { what })
    }
}

fn manifest_refusal(reason: serde_json::Error) -> ArtifactRefusal {
    ArtifactRefusal::Manifest {
        reason: reason.to_string(),
    }
}

impl fmt::Display for ModelHash {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write_hex(formatter, &self.0)
    }
}

/// A name of a model has 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a model is named by the {} hexadecimal digits of its file's SHA-256", 2 * HASH_BYTES)]
pub struct NoModelHash;

impl FromStr for ModelHash {
    type Err = NoModelHash;

    fn from_str(text: &str) -> Result<ModelHash, NoModelHash> {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut hash = [0; HASH_BYTES];
        if pairs.len() != HASH_BYTES || !rest.is_empty() {
            return Err(NoModelHash);
        }
        for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
            let value = digit(*high).zip(digit(*low)).ok_or(NoModelHash)?;
            *byte = (value.0 << 4 | value.1) as u8;
        }
        Ok(ModelHash(hash))
    }
}

impl fmt::Debug for ModelHash {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write_hex(formatter, &self.0)
    }
}

impl fmt::Debug for Artifact {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "Artifact({})", self.hash)
    }
}

#[cfg(test)]
mod tests;
