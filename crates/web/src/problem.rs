//! Error answers for programs: one body that is at once paysafecard's error object and RFC 9457 problem details.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::value::RawValue;

/// Where the stable `type` of a problem points: an anchor in the documentation that this server itself carries
/// (RFC 9457, section 3.1.1, resolves it against the address of the request).
pub const PROBLEM_TYPE_BASE: &str = "/docs/errors#";

/// An error answer. A caller finds the members `code`, `message`, `number` and `param` of paysafecard beside `type`,
/// `title`, `status`, `detail` and `instance` of RFC 9457, and `applied`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    /// paysafecard's word for the error, in lower case: `payment_invalid_state`.
    pub code: &'static str,
    /// paysafecard's number for the error.
    pub number: u32,
    /// The request member that is at fault, as a path with dots: `customer.id`.
    pub param: Option<Cow<'static, str>>,
    /// paysafecard's short text.
    pub message: Cow<'static, str>,
    /// The same for every occurrence of this code.
    pub title: &'static str,
    /// What happened here and what to do now.
    pub detail: Cow<'static, str>,
    /// Identifies this occurrence, such as the request id.
    pub instance: Option<String>,
    pub applied: Applied,
    /// One more member (RFC 9457, section 3.2), such as how the thing stands that the command was about.
    pub extension: Option<Extension>,
    /// Sent as `Retry-After`, rounded up to whole seconds (RFC 9110, section 10.2.3).
    pub retry_after: Option<Duration>,
}

/// A member beside those that every problem has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub name: &'static str,
    /// JSON text.
    pub value: String,
}

/// Whether the refused command had an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Nothing was changed. The member reads `false`.
    Nothing,
    /// The answer was lost on the way to us; asking again with the same idempotency key tells. The member reads `null`.
    Unknown,
}

impl Problem {
    /// The JSON body.
    pub fn body(&self) -> Vec<u8> {
        serde_json::to_vec(&Body::from(self))
            .expect("a struct of strings and integers always serialises")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 11.6.1: a 401 must name the scheme.
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"Scrip\""),
            );
        }
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        response
    }
}

/// Seconds, rounded up: a caller that waits this long is never early.
pub fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    code: &'a str,
    message: &'a str,
    number: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    applied: Option<bool>,
    #[serde(flatten)]
    extension: BTreeMap<&'static str, &'a RawValue>,
}

impl<'a> From<&'a Problem> for Body<'a> {
    fn from(problem: &'a Problem) -> Self {
        Self {
            r#type: format!("{PROBLEM_TYPE_BASE}{}", problem.code),
            title: problem.title,
            status: problem.status.as_u16(),
            detail: &problem.detail,
            instance: problem.instance.as_deref(),
            code: problem.code,
            message: &problem.message,
            number: problem.number,
            param: problem.param.as_deref(),
            applied: match problem.applied {
                Applied::Nothing => Some(false),
                Applied::Unknown => None,
            },
            extension: problem
                .extension
                .iter()
                .filter_map(|it| Some((it.name, serde_json::from_str(&it.value).ok()?)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
