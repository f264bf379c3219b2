//! The facts of one attempt as a decision saw them, fit to be kept.

use crate::fact::{Catalogue, FactType, Facts, Kind};
use crate::feature::VERSION;
use sha2::{Digest, Sha256};

/// Facts of a catalogue.
pub const FACTS_MAX: usize = 1_024;
/// Known texts of one attempt.
pub const TEXTS_MAX: usize = 64;
/// Bytes of a text; what is longer is cut, and rules see it cut.
pub const TEXT_BYTES_MAX: usize = 256;

/// A catalogue and the digest that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    catalogue: Catalogue,
    hash: [u8; 32],
}

/// A catalogue has more facts than decisions have room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a catalogue has at most {max} facts, not {0}", max = FACTS_MAX)]
pub struct TooManyFacts(pub usize);

impl Schema {
    pub fn new(catalogue: Catalogue) -> Result<Schema, TooManyFacts> {
        let count = catalogue.types().len();
        if FACTS_MAX < count {
            return Err(TooManyFacts(count));
        }
        let hash = hash_of(catalogue.types());
        Ok(Schema { catalogue, hash })
    }

    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Whether facts kept under another catalogue mean the same in this one: it may only have grown at its end.
    pub fn understands(&self, values: &FactValues) -> bool {
        let types = self.catalogue.types();
        let known = types.get(..values.numbers.len());
        known.is_some_and(|known| hash_of(known) == values.schema)
    }
}

/// Of the version of what facts mean, and of each one's name, kind and unit in order.
fn hash_of(types: &[FactType]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(VERSION.to_le_bytes());
    for fact in types {
        digest.update([fact.kind as u8, 0]);
        for part in [fact.name.as_str(), fact.unit] {
            digest.update(part.as_bytes());
            digest.update([0]);
        }
    }
    digest.finalize().into()
}

/// The values of one attempt, by the indices of a catalogue.
#[derive(Clone, Debug)]
pub struct FactValues {
    pub(super) schema: [u8; 32],
    /// One for each fact of the catalogue; NaN if unknown or a text.
    pub(super) numbers: Vec<f32>,
    /// The known texts, by ascending index.
    pub(super) texts: Vec<(u16, Box<str>)>,
}

impl FactValues {
    /// Takes what is known. From here on, rules and models see these values and no others.
    pub fn take<F: Facts + ?Sized>(schema: &Schema, facts: &F) -> FactValues {
        let types = schema.catalogue.types();
        let mut numbers = Vec::with_capacity(types.len());
        let mut texts = Vec::new();
        for (index, fact) in types.iter().enumerate() {
            let number = match fact.kind {
                Kind::Number | Kind::Flag => facts.number(index),
                Kind::Text => {
                    let text = facts.text(index).filter(|_| texts.len() < TEXTS_MAX);
                    if let (Some(text), Ok(index)) = (text, u16::try_from(index)) {
                        texts.push((index, cut(text).into()));
                    }
                    f32::NAN
                }
            };
            numbers.push(if number.is_finite() { number } else { f32::NAN });
        }
        FactValues {
            schema: schema.hash,
            numbers,
            texts,
        }
    }

    /// The numbers and flags by index; NaN is unknown.
    pub fn numbers(&self) -> &[f32] {
        &self.numbers
    }
}

impl Facts for FactValues {
    fn number(&self, index: usize) -> f32 {
        self.numbers.get(index).copied().unwrap_or(f32::NAN)
    }

    fn text(&self, index: usize) -> Option<&str> {
        let index = u16::try_from(index).ok()?;
        let found = self.texts.binary_search_by_key(&index, |(each, _)| *each);
        found.ok().map(|place| self.texts[place].1.as_ref())
    }
}

/// The same bits; unknown numbers have bits too.
impl PartialEq for FactValues {
    fn eq(&self, other: &FactValues) -> bool {
        let bits = |values: &FactValues| -> Vec<u32> {
            values
                .numbers
                .iter()
                .map(|number| number.to_bits())
                .collect()
        };
        self.schema == other.schema && bits(self) == bits(other) && self.texts == other.texts
    }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
