//! Facts: what rules may ask about an attempt, and models may learn from, each with a name, a type and an explanation.

/// What a fact holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A number; models see it as it is.
    Number,
    /// True or false; models see 1 or 0.
    Flag,
    /// A text, such as a country or an address; models do not see it.
    Text,
}

/// A fact as rule writers and model files know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactType {
    /// Two lower-case words joined by a dot, what the fact is about and what is said of it: `address.attempts_1h`.
    pub name: String,
    pub kind: Kind,
    /// What a number counts: `minor units`, `seconds`, `attempts`; empty for flags and texts.
    pub unit: &'static str,
    /// One sentence for whoever writes a rule.
    pub meaning: String,
}

/// All facts there are, in a fixed order; an index into it names a fact in compiled rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    types: Vec<FactType>,
}

impl Catalogue {
    pub fn new(types: Vec<FactType>) -> Catalogue {
        Catalogue { types }
    }

    pub fn types(&self) -> &[FactType] {
        &self.types
    }

    /// The index and type of a fact; none if there is no fact of that name.
    pub fn find(&self, name: &str) -> Option<(usize, &FactType)> {
        let mut types = self.types.iter().enumerate();
        types.find(|(_, fact)| fact.name == name)
    }
}

/// One attempt's values. Any of them may be unknown.
pub trait Facts {
    /// The number or flag (1 or 0) at this index of the catalogue; not finite if unknown.
    fn number(&self, index: usize) -> f32;

    /// The text at this index of the catalogue; none if unknown.
    fn text(&self, index: usize) -> Option<&str>;
}
