//! The issuer's people who work on reviews, rules and models, and what each may do.

use std::sync::Arc;

use ids::command::ApiKeyDigest;
use ids::party::OperatorId;

/// The longest name, in bytes.
pub const NAME_BYTES_MAX: usize = 100;
/// Stands in front of a person's document.
const FORMAT: u8 = 2;
/// Documents of before keys stood in them.
const FORMAT_WITHOUT_KEY: u8 = 1;

/// Something that a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Let reviewed payments go or refuse them, and say what payments turned out to be.
    Reviews = 0,
    /// Change rules and lists.
    Rules = 1,
    /// Register models, promote them and roll them back, and change the settings.
    Models = 2,
    /// See who the people are, give them new keys and take keys away.
    People = 3,
    /// Erase payers.
    Privacy = 4,
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
    pub key: PersonKey,
}

/// The key that a person is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonKey {
    /// Any that was issued to the person and not revoked: of people who were added before keys stood with them.
    Any,
    None,
    Only(ApiKeyDigest),
}

impl PersonKey {
    /// Whether the key of this digest, which was issued to the person, is the person's still.
    pub fn is(self, digest: ApiKeyDigest) -> bool {
        match self {
            PersonKey::Any => true,
            PersonKey::None => false,
            PersonKey::Only(only) => only == digest,
        }
    }
}

impl Scope {
    pub const ALL: [Scope; 5] = [
        Scope::Reviews,
        Scope::Rules,
        Scope::Models,
        Scope::People,
        Scope::Privacy,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Scope::Reviews => "reviews",
            Scope::Rules => "rules",
            Scope::Models => "models",
            Scope::People => "people",
            Scope::Privacy => "privacy",
        }
    }
}

impl Scopes {
    #[must_use]
    pub fn with(self, scope: Scope) -> Scopes {
        Scopes(self.0 | 1 << scope as u8)
    }

    /// Its scopes, in the order of [`Scope::ALL`].
    pub fn each(self) -> impl Iterator<Item = Scope> {
        let all = Scope::ALL.into_iter();
        all.filter(move |scope| self.allows(*scope))
    }

    pub fn allows(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }
}

impl Person {
    /// The document that keeps the person.
    pub fn encode(&self) -> Arc<[u8]> {
        let mut bytes = match self.key {
            PersonKey::Any => vec![FORMAT_WITHOUT_KEY, self.scopes.0],
            PersonKey::None => vec![FORMAT, self.scopes.0, 0],
            PersonKey::Only(_) => vec![FORMAT, self.scopes.0, 1],
        };
        if let PersonKey::Only(digest) = self.key {
            bytes.extend(digest.0);
        }
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.into()
    }

    /// The person in a document; none if it holds something else.
    pub fn decode(id: OperatorId, bytes: &[u8]) -> Option<Person> {
        let (scopes, key, name) = match bytes {
            [FORMAT_WITHOUT_KEY, scopes, name @ ..] => (scopes, PersonKey::Any, name),
            [FORMAT, scopes, 0, name @ ..] => (scopes, PersonKey::None, name),
            [FORMAT, scopes, 1, rest @ ..] => {
                let (digest, name) = rest.split_first_chunk::<32>()?;
                (scopes, PersonKey::Only(ApiKeyDigest(*digest)), name)
            }
            _ => return None,
        };
        Some(Person {
            id,
            name: std::str::from_utf8(name).ok()?.to_owned(),
            scopes: Scopes(*scopes),
            key,
        })
    }
}
