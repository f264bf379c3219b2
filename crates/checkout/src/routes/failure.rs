//! What a page answers when it cannot do what it was asked.

use std::error::Error;
use std::time::Duration;

use axum::response::{Html, IntoResponse, Response};
use engine::error::CommandError;
use engine::guard::TooManyTries;
use engine::service::payer::PayerError;
use http::{HeaderValue, StatusCode, header};
use web::language::Language;
use web::problem::whole_seconds;
use web::request_id::RequestId;

use crate::pages::error::{self, ErrorView, PageError};

/// A request without effect. [`draw`] makes the page of it.
#[derive(Debug, Clone)]
pub struct Failure {
    error: PageError,
    back: Option<String>,
}

impl Failure {
    pub fn not_found() -> Self {
        Self::new(PageError::NotFound)
    }

    pub fn unreadable() -> Self {
        Self::new(PageError::UnreadableForm)
    }

    /// Lets the page lead back to this local address.
    pub fn or_back_to(self, address: String) -> Self {
        Self {
            back: Some(address),
            ..self
        }
    }

    fn new(error: PageError) -> Self {
        Self { error, back: None }
    }

    fn status(&self) -> StatusCode {
        match self.error {
            PageError::NotFound => StatusCode::NOT_FOUND,
            PageError::ForeignForm => StatusCode::FORBIDDEN,
            PageError::UnreadableForm => StatusCode::BAD_REQUEST,
            PageError::TooManyTries { .. } => StatusCode::TOO_MANY_REQUESTS,
            PageError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<TooManyTries> for Failure {
    fn from(TooManyTries { retry_after }: TooManyTries) -> Self {
        let wait = Duration::from_millis(u64::try_from(retry_after.0).unwrap_or(0));
        Self::new(PageError::TooManyTries { wait })
    }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        tracing::error!(error = %error, source = ?error.source(), "a page could not be served");
        Self::new(PageError::Unavailable)
    }
}

impl From<PayerError> for Failure {
    fn from(error: PayerError) -> Self {
        match error {
            PayerError::TooManyTries(refusal) => refusal.into(),
            PayerError::Command(error) => error.into(),
            // Pages that take PINs answer this themselves, with their form.
            PayerError::PinNotAccepted => Self::unreadable(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let PageError::TooManyTries { wait } = self.error {
            let seconds = HeaderValue::from(whole_seconds(wait));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The page of a refusal, also of one that routing or a layer made; none where the answer is a page already.
pub fn draw(response: &Response, language: Language, request_id: RequestId) -> Option<Response> {
    let failure = failure_of(response)?;
    let view = ErrorView {
        error: failure.error,
        back: failure.back,
        request_id: Some(request_id.to_string()),
    };
    let mut page = (response.status(), Html(error::render(&view, language))).into_response();
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    Some(page)
}

fn failure_of(response: &Response) -> Option<Failure> {
    if let Some(failure) = response.extensions().get::<Failure>() {
        return Some(failure.clone());
    }
    let status = response.status();
    let error = match status {
        StatusCode::FORBIDDEN => PageError::ForeignForm,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => PageError::NotFound,
        _ if status.is_server_error() => PageError::Unavailable,
        _ if status.is_client_error() => PageError::UnreadableForm,
        _ => return None,
    };
    // A form that comes back with its problem is a page already.
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_page = content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    (!is_page).then(|| Failure::new(error))
}
