//! What a balancer asks a node: whether it lives, and whether it should be given requests.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use store::port::Store;
use tokio_util::sync::CancellationToken;

/// How long the storage may take to answer a node that is ready.
const STORAGE_ANSWER_MAX: Duration = Duration::from_secs(1);

/// What readiness depends on.
#[derive(Clone)]
pub struct Health {
    pub store: Arc<dyn Store>,
    /// Fires when the node has been told to stop.
    pub stop: CancellationToken,
}

/// `GET /livez` answers 200 as long as the process serves. `GET /readyz` answers 200, or 503 with the reason why the
/// node should get no new requests: it is about to stop, or its storage does not answer.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readiness))
        .with_state(health)
}

async fn readiness(State(health): State<Health>) -> (StatusCode, &'static str) {
    if health.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match tokio::time::timeout(STORAGE_ANSWER_MAX, health.store.head()).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(_)) | Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the storage does not answer\n",
        ),
    }
}
