//! What surrounds every page: head, header with the language switch, footer.

use crate::assets;
use crate::language::Language;
use crate::texts::Texts;

/// The values of the template `frame.html`, which the pages of other crates extend: they hold it as their field `frame`.
pub struct Frame {
    /// Shown in the browser's tab, before the name of the platform.
    pub title: String,
    pub language: Language,
    /// The local address of this page, to which the language switch returns.
    pub address: String,
    pub texts: Texts,
}

impl Frame {
    pub fn new(title: String, language: Language, address: String) -> Self {
        Self {
            title,
            language,
            address,
            texts: Texts::new(&TEXTS, language),
        }
    }

    /// The address of an asset.
    pub fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    /// The languages that the switch offers: all but the one in use.
    pub fn other_languages(&self) -> impl Iterator<Item = Language> {
        let current = self.language;
        Language::ALL
            .into_iter()
            .filter(move |language| *language != current)
    }
}

fluent_templates::static_loader! {
    static TEXTS = {
        locales: "./locales",
        fallback_language: "en",
        // The marks that isolate right-to-left text show up as boxes in some fonts; no language here needs them.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

#[cfg(test)]
mod tests;
