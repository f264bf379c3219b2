//! The texts of letters, under `locales/`.

use web::language::Language;
use web::texts::Texts;

/// The texts in this language.
pub fn texts(language: Language) -> Texts {
    Texts::new(&LOADER, language)
}

fluent_templates::static_loader! {
    static LOADER = {
        locales: "./locales",
        fallback_language: "en",
        // The marks that isolate right-to-left text are no help in a plain letter; no language here needs them.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

#[cfg(test)]
mod tests;
