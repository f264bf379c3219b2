//! What a model is trained from: rows with the moment at which their label became known.

use ids::time::Timestamp;

use super::limits::{FEATURE_NAME_BYTES_MAX, FEATURES_MAX, ROWS_MAX, VALUES_MAX, WEIGHT_MAX};

/// What an attempt turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    Fraud,
    Good,
}

/// What a row is besides its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Example {
    pub attempted_at: Timestamp,
    /// When the label became known; never before the attempt.
    pub label_known_at: Timestamp,
    pub label: Label,
    /// How many attempts the row stands for: 1, or the inverse of the share that was let through of those that would
    /// have been blocked. Greater than 0 and at most [`WEIGHT_MAX`].
    pub weight: f32,
}

/// Labelled rows, whose values are those of the moment of the attempt. An unknown value is NaN.
#[derive(Clone, Debug)]
pub struct TrainingSet {
    features: Vec<String>,
    /// Row after row.
    values: Vec<f32>,
    examples: Vec<Example>,
    /// Later attempts are here only if they turned out to be frauds: they teach, and do not judge.
    judges_until: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeatureListRefusal {
    #[error("a model needs 1 to {FEATURES_MAX} features, and this list has {found}")]
    Count { found: usize },
    #[error(
        "the feature name at place {place} is empty or longer than {FEATURE_NAME_BYTES_MAX} bytes"
    )]
    Name { place: usize },
    #[error("the feature {name} is listed twice; list it once")]
    Twice { name: String },
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RowRefusal {
    #[error("the row has {found} values and the training set {expected} features")]
    Width { expected: usize, found: usize },
    #[error("the weight {weight} is not above 0 and at most {WEIGHT_MAX}")]
    Weight { weight: f32 },
    #[error("the label was known at {label_known_at:?}, before the attempt at {attempted_at:?}")]
    LabelBeforeAttempt {
        attempted_at: Timestamp,
        label_known_at: Timestamp,
    },
    #[error("the training set is full with {rows} rows; leave out the oldest")]
    Full { rows: usize },
}

/// Checks that a list can name the features of a model.
pub fn check_features(features: &[String]) -> Result<(), FeatureListRefusal> {
    if features.is_empty() || FEATURES_MAX < features.len() {
        return Err(FeatureListRefusal::Count {
            found: features.len(),
        });
    }
    let is_nameless = |name: &String| name.is_empty() || FEATURE_NAME_BYTES_MAX < name.len();
    if let Some(place) = features.iter().position(is_nameless) {
        return Err(FeatureListRefusal::Name { place });
    }
    let mut sorted: Vec<&String> = features.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(FeatureListRefusal::Twice {
            name: pair[0].clone(),
        }),
        None => Ok(()),
    }
}

impl TrainingSet {
    pub fn new(features: Vec<String>) -> Result<TrainingSet, FeatureListRefusal> {
        check_features(&features)?;
        Ok(TrainingSet {
            features,
            values: Vec::new(),
            examples: Vec::new(),
            judges_until: Timestamp::NEVER,
        })
    }

    pub fn features(&self) -> &[String] {
        &self.features
    }

    pub fn rows(&self) -> usize {
        self.examples.len()
    }

    pub fn values(&self, row: usize) -> &[f32] {
        let width = self.features.len();
        &self.values[row * width..(row + 1) * width]
    }

    pub fn example(&self, row: usize) -> &Example {
        &self.examples[row]
    }

    /// Says until when attempts are here whatever became of them. Of later ones only what is known early is here, mostly
    /// frauds: trees learn from them, but by them no share of anything is measured.
    pub fn judge_until(&mut self, moment: Timestamp) {
        self.judges_until = moment;
    }

    /// Adds a row. Infinite values are taken as unknown.
    pub fn push(&mut self, values: &[f32], example: Example) -> Result<(), RowRefusal> {
        if values.len() != self.features.len() {
            return Err(RowRefusal::Width {
                expected: self.features.len(),
                found: values.len(),
            });
        }
        if !(0.0 < example.weight && example.weight <= WEIGHT_MAX) {
            return Err(RowRefusal::Weight {
                weight: example.weight,
            });
        }
        if example.label_known_at < example.attempted_at {
            return Err(RowRefusal::LabelBeforeAttempt {
                attempted_at: example.attempted_at,
                label_known_at: example.label_known_at,
            });
        }
        if ROWS_MAX <= self.examples.len() || VALUES_MAX < self.values.len() + values.len() {
            return Err(RowRefusal::Full {
                rows: self.examples.len(),
            });
        }
        let known = values
            .iter()
            .map(|value| if value.is_finite() { *value } else { f32::NAN });
        self.values.extend(known);
        self.examples.push(example);
        Ok(())
    }

    /// The rows whose label was known at a moment. Only these can be trained from, so nothing that came later enters.
    pub fn known_at(&self, moment: Timestamp) -> Known<'_> {
        let mut rows: Vec<usize> = (0..self.rows())
            .filter(|row| self.examples[*row].label_known_at <= moment)
            .collect();
        // Sorting is stable, so rows of the same moment stay in the order in which they came.
        rows.sort_by_key(|row| self.examples[*row].attempted_at);
        Known {
            set: self,
            unknown: self.rows() - rows.len(),
            rows,
            moment,
        }
    }
}

/// The rows of a training set that may be used at a moment, in the order of their attempts.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    set: &'a TrainingSet,
    rows: Vec<usize>,
    unknown: usize,
    moment: Timestamp,
}

impl Known<'_> {
    pub fn moment(&self) -> Timestamp {
        self.moment
    }

    pub fn set(&self) -> &TrainingSet {
        self.set
    }

    /// Indices into the training set, in the order of the attempts.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The rows by which shares can be measured; see [`TrainingSet::judge_until`].
    pub fn judging_rows(&self) -> &[usize] {
        let examples = &self.set.examples;
        let until = self.set.judges_until;
        let is_early = |row: &usize| examples[*row].attempted_at <= until;
        &self.rows[..self.rows.partition_point(is_early)]
    }

    /// How many rows were left out because their label was not known yet.
    pub fn unknown(&self) -> usize {
        self.unknown
    }

    /// The same rows without those that only became known after an earlier moment, and without attempts after it.
    pub fn narrowed_to(&self, moment: Timestamp) -> Vec<usize> {
        let is_known = |row: &usize| self.set.examples[*row].label_known_at <= moment;
        self.rows.iter().copied().filter(is_known).collect()
    }
}

#[cfg(test)]
mod tests;
