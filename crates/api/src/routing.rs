//! From a path to its handler, whatever slashes a client puts into it.

use std::any::Any;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::Uri;
use http::uri::PathAndQuery;
use tower::Service;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::merchant::settlement::read_settlement;
use crate::problem::Refused;
use crate::problem::catalogue as kinds;
use crate::state::ApiState;
use crate::{distributor, docs, merchant, openapi, operator, webhook};

#[cfg(test)]
mod tests;

/// The other versions of paysafecard's report interface; all give the same columns, and version 7 is documented.
const OTHER_REPORT_PATHS: [&str; 4] = [
    "/v3/reports/settlement",
    "/v4/reports/settlement",
    "/v5/reports/settlement",
    "/v6/reports/settlement",
];
/// The whole interface: `/v1`, the reports, `/openapi.json` and `/docs`.
///
/// It has no fallback of its own and can be merged with other routers.
pub fn router(state: ApiState) -> Router {
    let (routes, document) = OpenApiRouter::with_openapi(openapi::base())
        .merge(merchant::routes())
        .merge(webhook::endpoints::router())
        .merge(distributor::routes())
        .merge(operator::routes())
        .split_for_parts();
    let document = openapi::complete(document);
    let base_url = Arc::clone(&state.base_url);
    let routes = OTHER_REPORT_PATHS
        .iter()
        .fold(routes, |routes, path| {
            routes.route(path, get(read_settlement))
        })
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(state)
        .layer(from_fn(web::route_name::name));
    let tolerant = Tolerant(routes.clone().fallback(not_found));
    let catch_all = |routes: Router, version: u8| {
        routes
            .route(&format!("/v{version}"), any(not_found))
            .route(&format!("/v{version}/"), any(not_found))
            .route_service(&format!("/v{version}/{{*path}}"), tolerant.clone())
    };
    (0..=9)
        .fold(routes, catch_all)
        .route_service("//{*path}", tolerant.clone())
        .merge(docs::router(&document, &base_url).method_not_allowed_fallback(method_not_allowed))
        .layer(CatchPanicLayer::custom(panicked))
}

async fn not_found() -> Refused {
    kinds::NOT_FOUND.refused()
}

async fn method_not_allowed() -> Refused {
    kinds::METHOD_NOT_ALLOWED.refused()
}

/// The answer of a handler that panicked: nobody knows how far it came.
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or_default();
    tracing::error!(message, "a handler panicked");
    kinds::GENERAL_TECHNICAL_ERROR
        .because("The request met a fault of the platform. Its operator finds more in the log.")
        .perhaps_applied()
        .into_response()
}

/// Gets what no route took. Published clients send `/v1/payments/`, `/v1//payments` and `//v1/payments`: without the spare slashes, it
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
        // Else the route would be named behind the one that led here.
        request.extensions_mut().remove::<MatchedPath>();
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
