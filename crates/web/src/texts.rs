//! Texts by key and language, from Fluent files.

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::StaticLoader;
use fluent_templates::fluent_bundle::FluentValue;

use crate::language::Language;

/// The texts of one crate in one language.
#[derive(Clone, Copy)]
pub struct Texts {
    loader: &'static StaticLoader,
    language: Language,
}

impl Texts {
    pub fn new(loader: &'static StaticLoader, language: Language) -> Self {
        Self { loader, language }
    }

    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of this key. A key without a text shows as itself; the tests of each crate see to it that there is none.
    pub fn text(&self, key: &str) -> String {
        self.look_up(key, &HashMap::new())
    }

    /// The text of this key with one value in it.
    pub fn with(&self, key: &str, name: &'static str, value: impl AsRef<str>) -> String {
        self.with_all(key, &[(name, value.as_ref())])
    }

    /// The text of this key with a number in it, which also chooses the plural form.
    pub fn count(&self, key: &str, name: &'static str, value: u64) -> String {
        self.look_up(
            key,
            &HashMap::from([(Cow::Borrowed(name), FluentValue::from(value))]),
        )
    }

    /// The text of this key with several values in it.
    pub fn with_all(&self, key: &str, values: &[(&'static str, &str)]) -> String {
        let values = values
            .iter()
            .map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(*value)));
        self.look_up(key, &values.collect())
    }

    fn look_up(&self, key: &str, values: &HashMap<Cow<'static, str>, FluentValue<'_>>) -> String {
        let identifier = self.language.identifier();
        let found = self
            .loader
            .lookup_single_language(identifier, key, Some(values));
        found.unwrap_or_else(|_| key.to_owned())
    }
}
