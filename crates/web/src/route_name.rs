//! The route that an answer is of, for whoever counts answers.

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

/// The pattern of the path, such as `/v1/payments/{payment_id}`; in the extensions of an answer.
#[derive(Clone, Debug)]
pub struct RouteName(pub MatchedPath);

/// Middleware of a router: names the route in the answer, unless a router inside has named its own.
pub async fn name(request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let mut answer = next.run(request).await;
    if let Some(matched) = matched
        && answer.extensions().get::<RouteName>().is_none()
    {
        answer.extensions_mut().insert(RouteName(matched));
    }
    answer
}
