//! Pages for what went wrong outside of a payment.

use std::time::Duration;

use askama::Template;
use web::frame::Frame;
use web::language::Language;
use web::problem::whole_seconds;
use web::texts::Texts;

use super::Emblem;
use crate::texts::texts;

pub struct ErrorView {
    pub error: PageError,
    /// The local address of the page to try again on; home if there is none.
    pub back: Option<String>,
    /// By which the log tells what happened.
    pub request_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageError {
    NotFound,
    /// The form came from another website.
    ForeignForm,
    /// The form lacks a field or cannot be read.
    UnreadableForm,
    TooManyTries {
        wait: Duration,
    },
    Unavailable,
}

pub fn render(view: &ErrorView, language: Language) -> String {
    let texts = texts(language);
    let (title, explanation) = match view.error {
        PageError::NotFound => ("error-not-found-title", texts.text("error-not-found-text")),
        PageError::ForeignForm => ("error-forbidden-title", texts.text("error-forbidden-text")),
        PageError::UnreadableForm => ("error-request-title", texts.text("error-request-text")),
        PageError::TooManyTries { wait } => (
            "error-limit-title",
            texts.with("error-limit-text", "wait", wait_text(wait, &texts)),
        ),
        PageError::Unavailable => (
            "error-unavailable-title",
            texts.text("error-unavailable-text"),
        ),
    };
    // After a form was refused, its address takes no reading; the language switch leads home.
    let frame = Frame::new(texts.text(title), language, "/".to_owned());
    super::rendered(&ErrorPage {
        frame,
        texts,
        explanation,
        view,
    })
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    texts: Texts,
    explanation: String,
    view: &'a ErrorView,
}

impl ErrorPage<'_> {
    fn emblem(&self) -> Emblem {
        match self.view.error {
            PageError::NotFound => Emblem::Question,
            PageError::ForeignForm | PageError::UnreadableForm => Emblem::Cross,
            PageError::TooManyTries { .. } | PageError::Unavailable => Emblem::Clock,
        }
    }
}

/// Minutes from 91 seconds on, rounded up: a person who waits this long is never early.
fn wait_text(wait: Duration, texts: &Texts) -> String {
    let seconds = whole_seconds(wait).max(1);
    if seconds <= 90 {
        texts.count("wait-seconds", "count", seconds)
    } else {
        texts.count("wait-minutes", "count", seconds.div_ceil(60))
    }
}
