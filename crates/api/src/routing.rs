//! From a path to its handler, whatever slashes a client puts into it.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{any, get};
use http::Uri;
use http::uri::PathAndQuery;
use tower::Service;
use utoipa_axum::router::OpenApiRouter;

use crate::merchant::settlement::read_settlement;
use crate::problem::Refused;
use crate::problem::catalogue as kinds;
use crate::state::ApiState;
use crate::webhook::endpoints::Mailroom;
use crate::{distributor, docs, merchant, openapi, webhook};

#[cfg(test)]
mod tests;

/// The other versions of paysafecard's report interface; all give the same columns, and version 7 is documented.
const OTHER_REPORT_PATHS: [&str; 4] = [
    "/v3/reports/settlement",
    "/v4/reports/settlement",
    "/v5/reports/settlement",
    "/v6/reports/settlement",
];
/// Everything below the versions, for what no route takes.
const CATCH_ALL_PATHS: [&str; 6] = [
    "/v1/{*path}",
    "/v3/{*path}",
    "/v4/{*path}",
    "/v5/{*path}",
    "/v6/{*path}",
    "/v7/{*path}",
];

/// The whole interface: `/v1`, the reports, `/openapi.json` and `/docs`.
///
/// It has no fallback of its own and can be merged with other routers.
pub fn router(state: ApiState, mailroom: Mailroom) -> Router {
    let (routes, document) = OpenApiRouter::with_openapi(openapi::base())
        .merge(merchant::routes())
        .merge(webhook::endpoints::router(mailroom))
        .merge(distributor::routes())
        .split_for_parts();
    let document = openapi::complete(document);
    let base_url = Arc::clone(&state.base_url);
    let routes = OTHER_REPORT_PATHS
        .iter()
        .fold(routes, |routes, path| {
            routes.route(path, get(read_settlement))
        })
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(state);
    let tolerant = Tolerant(routes.clone().fallback(not_found));
    CATCH_ALL_PATHS
        .iter()
        .fold(routes, |routes, path| {
            routes.route_service(path, tolerant.clone())
        })
        .route("/v1", any(not_found))
        .route("/v1/", any(not_found))
        .merge(docs::router(&document, &base_url))
}

async fn not_found() -> Refused {
    kinds::NOT_FOUND.refused()
}

async fn method_not_allowed() -> Refused {
    kinds::METHOD_NOT_ALLOWED.refused()
}

/// Gets what no route took. Published clients send `/v1/payments/` and `/v1//payments`: without the spare slashes, it
/// is routed again. A redirect would not do, because clients take whatever is not an error for success.
#[derive(Clone)]
struct Tolerant(Router);

impl Service<Request> for Tolerant {
    type Response = Response;
    type Error = Infallible;
    type Future = axum::routing::future::RouteFuture<Infallible>;

    fn poll_ready(&mut self, ctx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.0, ctx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Some(uri) = without_spare_slashes(request.uri()) {
            *request.uri_mut() = uri;
        }
        self.0.call(request)
    }
}

/// The same address with single slashes and none at the end, if that is another one.
fn without_spare_slashes(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let mut clean = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        clean.push('/');
        clean.push_str(segment);
    }
    if clean == path || clean.is_empty() {
        return None;
    }
    if let Some(query) = uri.query() {
        clean.push('?');
        clean.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(clean).ok()?);
    Uri::from_parts(parts).ok()
}
