//! A name for every request, so that a person's report and a log line can be brought together.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue};

/// The header in which every answer carries its [`RequestId`].
pub const REQUEST_ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Unique over restarts with high probability, and not a secret. It is always our own: a name that a client chose could
/// be made to collide in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId {
    process: u32,
    count: u64,
}

impl RequestId {
    fn next() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        Self {
            process: *PROCESS,
            count: COUNT.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08x}-{:x}", self.process, self.count)
    }
}

/// Middleware: puts a [`RequestId`] into the request's extensions and into the answer's header.
pub async fn assign(mut request: Request, next: Next) -> Response {
    let id = RequestId::next();
    request.extensions_mut().insert(id);
    let mut response = next.run(request).await;
    let value = HeaderValue::try_from(id.to_string())
        .expect("hexadecimal digits and a dash make a header value");
    response.headers_mut().insert(REQUEST_ID_HEADER, value);
    response
}

/// The standard library's hasher is seeded from the operating system once per process: a distinct number for every
/// start without a random source in this crate.
static PROCESS: LazyLock<u32> = LazyLock::new(|| {
    let seed = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    (seed >> 32) as u32
});
