//! Pages that stand around the others.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{StatusCode, header};
use serde::Deserialize;
use web::language::Language;

use super::CheckoutState;
use super::failure::Failure;
use crate::pages::{home, privacy};

#[derive(Deserialize)]
pub struct LanguageForm {
    language: String,
    /// The page that the switch stands on.
    #[serde(default)]
    address: String,
}

pub async fn home(language: Language) -> Html<String> {
    Html(home::render(language))
}

pub async fn privacy(language: Language) -> Html<String> {
    Html(privacy::render(language))
}

pub async fn not_found() -> Failure {
    Failure::not_found()
}

pub async fn method_not_allowed() -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}

/// Remembers the language and goes back to the page.
pub async fn choose_language(
    State(state): State<Arc<CheckoutState>>,
    Form(form): Form<LanguageForm>,
) -> Result<Response, Failure> {
    let language = Language::from_tag(&form.language).ok_or_else(Failure::unreadable)?;
    let address = if is_local(&form.address) {
        &form.address
    } else {
        "/"
    };
    let cookie = [(header::SET_COOKIE, language.cookie(state.transport()))];
    Ok((cookie, Redirect::to(address)).into_response())
}

/// Whether a browser takes the address for a path on this server. Two slashes, or a backslash that it reads as one,
/// would begin the name of another; control characters it drops before it looks.
fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && address
            .chars()
            .all(|character| character != '\\' && !character.is_control())
}

#[cfg(test)]
mod tests;
