//! What a balancer asks a node: whether it lives, and whether it should be given requests.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use store::failure::Failure;
use store::moving::{Source, Standing};
use store::port::Store;
use store_postgres::store::PostgresStore;
use tokio_util::sync::CancellationToken;

/// How long the storage may take to answer a node that is ready.
const STORAGE_ANSWER_MAX: Duration = Duration::from_secs(1);

/// What readiness depends on.
#[derive(Clone)]
pub struct Health {
    pub store: Arc<dyn Store>,
    /// Storage whose data may move while this node serves it.
    pub shared: Option<Arc<PostgresStore>>,
    /// Fires when the node has been told to stop.
    pub stop: CancellationToken,
}

/// `GET /livez` answers 200 as long as the process serves. `GET /readyz` answers 200, or 503 with the reason why the
/// node should get no new requests: it is about to stop, its storage does not answer, or the
/// data is not served from there any more.
pub fn router(health: Health) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(readiness))
        .with_state(health)
}

async fn readiness(State(health): State<Health>) -> (StatusCode, &'static str) {
    let unavailable = |why| (StatusCode::SERVICE_UNAVAILABLE, why);
    let asked = async { tokio::join!(health.store.head(), health.standing()) };
    let answer = tokio::time::timeout(STORAGE_ANSWER_MAX, asked).await;
    match answer {
        // It stops for this reason, or is about to.
        Ok((_, Ok(Standing::Moved { .. }))) => {
            unavailable("the data has moved; the log says where it is now\n")
        }
        Ok((_, Ok(Standing::Receiving { .. }))) => {
            unavailable("the data is on its way here; the log says where from\n")
        }
        _ if health.stop.is_cancelled() => unavailable("stopping\n"),
        Ok((Ok(_), Ok(Standing::Serving { .. }))) => (StatusCode::OK, "ready\n"),
        Ok(_) | Err(_) => unavailable("the storage does not answer\n"),
    }
}

impl Health {
    async fn standing(&self) -> Result<Standing, Failure> {
        match &self.shared {
            Some(store) => store.standing().await,
            None => Ok(Standing::UNMOVED),
        }
    }
}
