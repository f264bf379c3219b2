//! The headers that keep a page safe.

use std::sync::Arc;

use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, header::InvalidHeaderValue};

/// How browsers reach this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Plain HTTP, on a development machine.
    Plain,
    /// TLS, here or at a proxy in front.
    Tls,
}

/// The headers of every page, built once.
#[derive(Debug, Clone)]
pub struct PageHeaders {
    headers: Arc<[(HeaderName, HeaderValue)]>,
}

impl PageHeaders {
    /// `frame_ancestors` are the origins that may show the pages in a frame; none by default, because a framed PIN field
    /// can be covered by something else.
    ///
    /// # Errors
    /// When a frame ancestor has a character that no header may carry.
    pub fn new(
        transport: Transport,
        frame_ancestors: &[String],
    ) -> Result<Self, InvalidHeaderValue> {
        let mut headers = vec![
            (
                CONTENT_SECURITY_POLICY,
                HeaderValue::try_from(content_security_policy(frame_ancestors))?,
            ),
            (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            // Not `no-referrer`: under it a browser sends `Origin: null` with our own forms, and one without
            // `Sec-Fetch-Site` could then not be told from another site. Other sites see no referrer either way.
            (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (PERMISSIONS_POLICY, HeaderValue::from_static(NO_PERMISSIONS)),
            (OPENER_POLICY, HeaderValue::from_static("same-origin")),
            (RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
        ];
        if transport == Transport::Tls {
            headers.push((
                STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static(ONE_YEAR_OF_TLS),
            ));
        }
        Ok(Self {
            headers: headers.into(),
        })
    }

    /// The same, but a page leaves the window that opened it its handle. Shops open the checkout in a window of their
    /// own and hear from it when it is back on their site; any stricter policy would cut that tie for good.
    pub fn keeping_opener(&self) -> Self {
        let kept = |(name, value): &(HeaderName, HeaderValue)| {
            let value = if *name == OPENER_POLICY {
                HeaderValue::from_static("unsafe-none")
            } else {
                value.clone()
            };
            (name.clone(), value)
        };
        Self {
            headers: self.headers.iter().map(kept).collect(),
        }
    }

    /// The same for a page that runs the verifier of the transparency log: it may compile WebAssembly, and fetch files of
    /// this server. Both only where such a page is.
    pub fn letting_verify(&self) -> Self {
        let letting = |(name, value): &(HeaderName, HeaderValue)| {
            let value = match value.to_str() {
                Ok(policy) if *name == CONTENT_SECURITY_POLICY => {
                    let policy = policy.replace(SCRIPTS, VERIFYING_SCRIPTS);
                    HeaderValue::try_from(policy).expect("it was a header, and the rest is ASCII")
                }
                _ => value.clone(),
            };
            (name.clone(), value)
        };
        Self {
            headers: self.headers.iter().map(letting).collect(),
        }
    }

    /// Adds the headers that an answer does not set itself, and forbids keeping what does not say that it may be kept.
    pub fn protect(&self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.reserve(self.headers.len() + 1);
        for (name, value) in self.headers.iter() {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
}

/// Forms go to this server alone. The way back to the shop is a link, which `form-action` does not govern.
fn content_security_policy(frame_ancestors: &[String]) -> String {
    let ancestors = if frame_ancestors.is_empty() {
        "'none'".to_owned()
    } else {
        frame_ancestors.join(" ")
    };
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; {SCRIPTS}; form-action 'self'; base-uri 'none'; \
         frame-ancestors {ancestors}"
    )
}

const SCRIPTS: &str = "script-src 'self'";
const VERIFYING_SCRIPTS: &str = "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const NO_PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
                              microphone=(), payment=(), usb=()";
const ONE_YEAR_OF_TLS: &str = "max-age=31536000; includeSubDomains";

#[cfg(test)]
mod tests;
