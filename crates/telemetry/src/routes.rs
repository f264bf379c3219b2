//! `GET /metrics`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::family::to_text;
use crate::node::Node;
use crate::platform::Platform;

/// OpenMetrics 1.0.0, which Prometheus and Datadog read.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whom metrics are asked of.
pub struct Telemetry {
    pub node: Node,
    pub platform: Platform,
}

/// For a listener of its own: whoever reaches it learns how much is sold.
pub fn router(telemetry: Telemetry) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::new(telemetry))
}

async fn metrics(State(telemetry): State<Arc<Telemetry>>) -> impl IntoResponse {
    let mut families = telemetry.node.families();
    families.extend(telemetry.platform.families().await);
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], to_text(families))
}
