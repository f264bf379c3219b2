//! The route that a request takes, for whoever counts requests.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

/// The pattern of a request's path, such as `/v1/payments/{id}`. Whoever counts puts it into the extensions of the request and keeps a copy:
/// so the route is known of requests that never have an answer, too.
#[derive(Clone, Debug, Default)]
pub struct RouteName(Arc<Mutex<Option<MatchedPath>>>);

impl RouteName {
    /// None as long as no route has taken the request.
    pub fn read(&self) -> Option<MatchedPath> {
        let name = self.0.lock();
        name.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Middleware of a router: names the route. One inside of it, to which it leads on, names its own.
pub async fn name(request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    if let Some(RouteName(name)) = extensions.get::<RouteName>() {
        let matched = extensions.get::<MatchedPath>().cloned();
        *name.lock().unwrap_or_else(PoisonError::into_inner) = matched;
    }
    next.run(request).await
}
