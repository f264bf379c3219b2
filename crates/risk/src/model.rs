//! Models: what is learnt from past attempts, as a probability of fraud for the next one.
//!
//! A [`Model`] gives a raw score. An [`artifact::Artifact`] is a model with everything that a decision needs besides: the
//! names of its features, its calibration, its thresholds, and what is known of its quality; its hash names it in decisions.

pub mod artifact;
pub mod binding;
pub mod calibration;
pub mod data;
pub mod drift;
pub mod forust;
pub mod hess;
pub mod limits;
pub mod quality;
pub mod report;
pub mod results;
pub mod settings;
pub mod threshold;
pub mod train;
pub mod window;

/// Trees that score an attempt. The same trees and values give the same bits, always.
pub trait Model: Send + Sync {
    /// The names of the features, in the order of a row's values.
    fn features(&self) -> &[String];

    /// The probability of fraud before calibration, for one row with a value for each feature; NaN, like an infinite
    /// value, is unknown. Does not allocate. Panics if the row is of another width.
    fn score(&self, row: &[f32]) -> f32;

    /// Why the score is what it is. Takes about a hundred times as long as the score. Panics like [`Model::score`].
    fn contributions(&self, row: &[f32]) -> Contributions;
}

/// What each feature adds to a score, in log-odds; all of it adds up to the score's own log-odds, but for rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// What the model says of an attempt of which nothing is known but that it was made.
    pub base: f32,
    /// In the order of the model's features.
    pub features: Vec<f32>,
}

impl Contributions {
    /// The features that raised the score most, at most `count` of them, the strongest first, as indices.
    pub fn strongest(&self, count: usize) -> Vec<usize> {
        let mut raised: Vec<usize> = (0..self.features.len())
            .filter(|feature| 0.0 < self.features[*feature])
            .collect();
        raised.sort_by(|one, other| self.features[*other].total_cmp(&self.features[*one]));
        raised.truncate(count);
        raised
    }
}

/// Which crate's trees a model is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    Hessboost,
    Forust,
}

/// Why trees are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreesRefusal {
    #[error(
        "the trees cannot be read ({reason}); the file is damaged or not what it says, take it from its source again"
    )]
    Unreadable { reason: String },
    #[error(
        "the trees want {found} features and the list names {named}; the list belongs to another model"
    )]
    FeatureCount { named: usize, found: usize },
    #[error("the model has {found} {what} and may have {most}; train a smaller one")]
    TooLarge {
        what: &'static str,
        most: usize,
        found: usize,
    },
    #[error("the model {what}; train it as binary logistic regression with numeric features")]
    NotServed { what: &'static str },
}

/// The trees of an algorithm, from the bytes that it wrote.
pub fn decode_trees(
    algorithm: Algorithm,
    features: Vec<String>,
    bytes: &[u8],
) -> Result<Box<dyn Model>, TreesRefusal> {
    Ok(match algorithm {
        Algorithm::Hessboost => Box::new(hess::HessboostModel::decode(features, bytes)?),
        Algorithm::Forust => Box::new(forust::ForustModel::decode(features, bytes)?),
    })
}

/// An infinite value is as unknown as one that is not there.
fn known_or_nan(value: f32) -> f32 {
    if value.is_finite() { value } else { f32::NAN }
}

fn check_at_most(what: &'static str, most: usize, found: usize) -> Result<(), TreesRefusal> {
    if most < found {
        return Err(TreesRefusal::TooLarge { what, most, found });
    }
    Ok(())
}

#[cfg(test)]
mod stream;
