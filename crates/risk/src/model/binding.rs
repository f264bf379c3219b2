//! A model's features among the facts: which of them, and whether they still mean what they meant in the training.

use std::fmt;

use sha2::{Digest, Sha256};

use super::data::FeatureListRefusal;
use super::limits::FEATURES_MAX;
use crate::fact::{Catalogue, Facts, Kind};

/// Names that a refusal lists.
const LISTED_MAX: usize = 8;

/// What features mean, as a digest: of the version of the code that computes facts, and of each feature's name, kind and
/// unit in order. The sentence for rule writers may be put better without a model being lost.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Definitions([u8; 32]);

/// Where a model's features stand in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    indices: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindingRefusal {
    #[error(transparent)]
    List(#[from] FeatureListRefusal),
    #[error(
        "{count} features of the model are no facts here ({names}); train it on the facts of this version"
    )]
    Unknown { names: String, count: usize },
    #[error("{name} is a text, and models see numbers and flags only; train it without")]
    Text { name: String },
    #[error("the facts have another meaning now than when the model was trained; train it again")]
    Changed,
}

impl Binding {
    pub fn new(features: &[String], catalogue: &Catalogue) -> Result<Binding, BindingRefusal> {
        super::data::check_features(features)?;
        let is_unknown = |name: &&String| catalogue.find(name).is_none();
        let unknown: Vec<&String> = features.iter().filter(is_unknown).collect();
        if !unknown.is_empty() {
            return Err(BindingRefusal::Unknown {
                names: listed(&unknown),
                count: unknown.len(),
            });
        }
        let mut indices = Vec::with_capacity(features.len());
        for name in features {
            let (index, fact) = catalogue.find(name).expect("all names were found above");
            if fact.kind == Kind::Text {
                return Err(BindingRefusal::Text { name: name.clone() });
            }
            indices.push(index);
        }
        Ok(Binding { indices })
    }

    /// The values of the model's features in their order, in the caller's memory.
    pub fn row<'a>(&self, facts: &dyn Facts, room: &'a mut [f32; FEATURES_MAX]) -> &'a [f32] {
        for (value, index) in room.iter_mut().zip(&self.indices) {
            *value = facts.number(*index);
        }
        &room[..self.indices.len()]
    }
}

impl Definitions {
    /// Of some features. `version` is that of the code that computes facts, raised whenever a fact of the same name
    /// comes out differently.
    pub fn of(
        features: &[String],
        catalogue: &Catalogue,
        version: u32,
    ) -> Result<Definitions, BindingRefusal> {
        let binding = Binding::new(features, catalogue)?;
        let mut digest = Sha256::new();
        digest.update(version.to_le_bytes());
        for index in &binding.indices {
            let fact = &catalogue.types()[*index];
            let kind = match fact.kind {
                Kind::Number => "number",
                Kind::Flag => "flag",
                Kind::Text => "text",
            };
            for part in [fact.name.as_str(), kind, fact.unit] {
                digest.update((part.len() as u64).to_le_bytes());
                digest.update(part);
            }
        }
        Ok(Definitions(digest.finalize().into()))
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Definitions {
        Definitions(bytes)
    }

    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Definitions {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write_hex(formatter, &self.0)
    }
}

/// Writes bytes as lower-case hexadecimal digits.
pub fn write_hex(formatter: &mut fmt::Formatter, bytes: &[u8]) -> fmt::Result {
    bytes
        .iter()
        .try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

/// The first names, for a message.
pub fn listed(names: &[&String]) -> String {
    let first: Vec<&str> = names
        .iter()
        .take(LISTED_MAX)
        .map(|name| name.as_str())
        .collect();
    let rest = if LISTED_MAX < names.len() {
        ", ..."
    } else {
        ""
    };
    format!("{}{rest}", first.join(", "))
}

#[cfg(test)]
mod tests;
