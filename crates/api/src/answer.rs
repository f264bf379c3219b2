//! Successful answers.

use axum::response::{IntoResponse, Response};
use engine::service::merchant::Freshness;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use tlog::promise::Promise;

use crate::json::Warnings;
use crate::problem::Refused;

/// What every handler gives.
pub type Result<T> = std::result::Result<T, Refused>;

/// A JSON answer with what its headers say.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Vec<u8>,
    freshness: Freshness,
    warnings: Warnings,
    promise: Option<Promise>,
}

/// Says that the answer is the one that an earlier request with the same idempotency key got.
pub const REPLAYED_HEADER: HeaderName = HeaderName::from_static("idempotency-replayed");
/// The transparency log's promise for the entry that the command became.
pub const PROMISE_HEADER: HeaderName = HeaderName::from_static("scrip-log-promise");
/// Says what of the request had no effect.
pub const WARNINGS_HEADER: HeaderName = HeaderName::from_static("scrip-warnings");

impl Answer {
    pub fn ok(body: &impl Serialize) -> Answer {
        Answer::with(StatusCode::OK, body)
    }

    pub fn created(body: &impl Serialize) -> Answer {
        Answer::with(StatusCode::CREATED, body)
    }

    pub fn replayed_if(mut self, freshness: Freshness) -> Answer {
        self.freshness = freshness;
        self
    }

    pub fn warn(mut self, warnings: Warnings) -> Answer {
        self.warnings = warnings;
        self
    }

    pub fn promised(mut self, promise: Option<Promise>) -> Answer {
        self.promise = promise;
        self
    }

    fn with(status: StatusCode, body: &impl Serialize) -> Answer {
        let mut bytes = Vec::with_capacity(1_024);
        serde_json::to_writer(&mut bytes, body)
            .expect("wire types have text keys and write to memory");
        Answer {
            status,
            body: bytes,
            freshness: Freshness::New,
            warnings: Warnings::default(),
            promise: None,
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.freshness == Freshness::Replayed {
            headers.insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
        }
        if let Some(promise) = self.promise {
            let text = HeaderValue::try_from(promise.to_string());
            headers.insert(PROMISE_HEADER, text.expect("base64 is ASCII"));
        }
        if !self.warnings.is_empty()
            && let Ok(text) = HeaderValue::try_from(self.warnings.header_text())
        {
            headers.insert(WARNINGS_HEADER, text);
        }
        response
    }
}
