//! A name for every request, so that a person's report and a log line can be brought together.

use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
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
    /// Names a request: its handlers find the name in its extensions.
    pub fn assign(request: &mut Request) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(1);
        let id = Self {
            process: *PROCESS,
            count: COUNT.fetch_add(1, Ordering::Relaxed),
        };
        request.extensions_mut().insert(id);
        id
    }

    /// Puts the name into the answer's header.
    pub fn tell(self, response: &mut Response) {
        let value = HeaderValue::try_from(self.to_string())
            .expect("hexadecimal digits and a dash make a header value");
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08x}-{:x}", self.process, self.count)
    }
}

/// The standard library's hasher is seeded from the operating system once per process: a distinct number for every
/// start without a random source in this crate.
static PROCESS: LazyLock<u32> = LazyLock::new(|| {
    let seed = std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish();
    (seed >> 32) as u32
});
