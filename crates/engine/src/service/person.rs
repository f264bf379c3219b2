//! The issuer's people who work on reviews, rules and models, and what each may do.

use std::sync::Arc;

use ids::party::OperatorId;

/// The longest name, in bytes.
pub const NAME_BYTES_MAX: usize = 100;
/// Stands in front of a person's document.
const FORMAT: u8 = 1;

/// Something that a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Let reviewed payments go or refuse them, and say what payments turned out to be.
    Reviews = 0,
    /// Change rules and lists.
    Rules = 1,
    /// Register models, promote them and roll them back, and change the settings.
    Models = 2,
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

/// One of the issuer's people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: OperatorId,
    pub name: String,
    pub scopes: Scopes,
}

impl Scope {
    pub const ALL: [Scope; 3] = [Scope::Reviews, Scope::Rules, Scope::Models];

    pub fn word(self) -> &'static str {
        match self {
            Scope::Reviews => "reviews",
            Scope::Rules => "rules",
            Scope::Models => "models",
        }
    }
}

impl Scopes {
    #[must_use]
    pub fn with(self, scope: Scope) -> Scopes {
        Scopes(self.0 | 1 << scope as u8)
    }

    pub fn allows(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }
}

impl Person {
    /// The document that keeps the person.
    pub fn encode(&self) -> Arc<[u8]> {
        let mut bytes = vec![FORMAT, self.scopes.0];
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.into()
    }

    /// The person in a document; none if it holds something else.
    pub fn decode(id: OperatorId, bytes: &[u8]) -> Option<Person> {
        let [FORMAT, scopes, name @ ..] = bytes else {
            return None;
        };
        Some(Person {
            id,
            name: std::str::from_utf8(name).ok()?.to_owned(),
            scopes: Scopes(*scopes),
        })
    }
}
