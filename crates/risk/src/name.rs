//! Names that people give to rules and lists.

use std::fmt;

/// A short name: it begins with a lower-case letter and goes on with lower-case letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name has 1 to {max} characters: lower-case letters, digits and hyphens, a letter first; for example new-device",
    max = Name::LENGTH_MAX
)]
pub struct InvalidName;

impl Name {
    pub const LENGTH_MAX: usize = 48;

    pub fn parse(text: &str) -> Result<Name, InvalidName> {
        let begins_well = text.starts_with(|first: char| first.is_ascii_lowercase());
        let is_made_well = text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if begins_well && is_made_well && text.len() <= Name::LENGTH_MAX {
            Ok(Name(text.to_owned()))
        } else {
            Err(InvalidName)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
