//! The languages that pages speak, and which of them a person wants.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use fluent_templates::{LanguageIdentifier, langid};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Uri, header};

use crate::security::Transport;

/// A language that every page has its texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    English,
    German,
    French,
    Polish,
}

/// The cookie that remembers the language a person chose.
pub const LANGUAGE_COOKIE: &str = "lang";
/// The query parameter with which a shop proposes a language.
pub const LANGUAGE_PARAMETER: &str = "lang";

impl Language {
    pub const ALL: [Language; 4] = [
        Language::English,
        Language::German,
        Language::French,
        Language::Polish,
    ];

    /// The tag of BCP 47, as in the `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
            Language::French => "fr",
            Language::Polish => "pl",
        }
    }

    /// The language's own name for itself.
    pub fn endonym(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::German => "Deutsch",
            Language::French => "Français",
            Language::Polish => "Polski",
        }
    }

    pub(crate) fn identifier(self) -> &'static LanguageIdentifier {
        match self {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::French => &FRENCH,
            Language::Polish => &POLISH,
        }
    }

    /// By the first two letters; regions and scripts do not matter here.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// What the person chose before (cookie), else what the shop proposes (query), else what the browser asks for, else
    /// English.
    pub fn negotiate(headers: &HeaderMap, uri: &Uri) -> Self {
        from_cookie(headers)
            .or_else(|| Self::proposed(uri))
            .or_else(|| from_accept_language(headers))
            .unwrap_or(Language::English)
    }

    /// The language that the query parameter names, if any.
    pub fn proposed(uri: &Uri) -> Option<Self> {
        let pairs = uri.query().unwrap_or_default().split('&');
        let values = pairs.filter_map(|pair| pair.split_once('='));
        values
            .filter(|(name, _)| *name == LANGUAGE_PARAMETER)
            .find_map(|(_, value)| Self::from_tag(value))
    }

    /// The `Set-Cookie` value that remembers this language for a year.
    pub fn cookie(self, transport: Transport) -> HeaderValue {
        let secure = match transport {
            Transport::Plain => "",
            Transport::Tls => "; Secure",
        };
        let tag = self.tag();
        let text = format!(
            "{LANGUAGE_COOKIE}={tag}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}"
        );
        HeaderValue::try_from(text).expect("a language tag is plain ASCII")
    }
}

impl<S: Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::negotiate(&parts.headers, &parts.uri))
    }
}

fn from_cookie(headers: &HeaderMap) -> Option<Language> {
    let values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = values
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(name, _)| name.trim() == LANGUAGE_COOKIE)
        .and_then(|(_, tag)| Language::from_tag(tag))
}

/// RFC 9110, section 12.5.4. Of equal weights the first wins; a weight of zero means "not this one".
fn from_accept_language(headers: &HeaderMap) -> Option<Language> {
    let value = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(u16, Language)> = None;
    for element in value.split(',') {
        let (tag, parameters) = element.split_once(';').unwrap_or((element, ""));
        let Some(language) = Language::from_tag(tag.trim()) else {
            continue;
        };
        let weight = weight_of(parameters);
        if best.map_or(0, |(best, _)| best) < weight {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// A weight in thousandths: `q=0.8` is 800. Without a weight, or with an unreadable one, 1000.
fn weight_of(parameters: &str) -> u16 {
    let Some(digits) = parameters.trim().strip_prefix("q=") else {
        return 1_000;
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.trim() != "0" {
        return 1_000;
    }
    format!("{fraction:0<3.3}").parse().unwrap_or(1_000)
}

static ENGLISH: LanguageIdentifier = langid!("en");
static GERMAN: LanguageIdentifier = langid!("de");
static FRENCH: LanguageIdentifier = langid!("fr");
static POLISH: LanguageIdentifier = langid!("pl");

#[cfg(test)]
mod tests;
