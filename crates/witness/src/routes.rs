//! The witness over HTTP (C2SP tlog-witness): one request to add, one address of each log to read.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tlog::witness::{CONFLICT_TYPE, REQUEST_BYTES_MAX, Refusal};

use crate::witness::{NotCosigned, Witness};

const TEXT_TYPE: &str = "text/plain; charset=utf-8";

/// A witness, and the clock that its cosignatures are dated by.
#[derive(Clone)]
pub struct Served {
    pub witness: Arc<Witness>,
    pub now: fn() -> SystemTime,
}

pub fn router(served: Served) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{log}/checkpoint", get(checkpoint))
        .with_state(served)
}

async fn add_checkpoint(State(served): State<Served>, body: Body) -> Response {
    let Ok(body) = axum::body::to_bytes(body, REQUEST_BYTES_MAX).await else {
        let reason = format!("a request is complete and has at most {REQUEST_BYTES_MAX} bytes\n");
        return text(StatusCode::BAD_REQUEST, reason);
    };
    // Whoever asked may go away; what was begun is finished.
    let work = move || {
        let now = (served.now)();
        served.witness.add_checkpoint(&body, now)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(line)) => text(StatusCode::OK, line.to_string()),
        Ok(Err(NotCosigned::Refused(refusal))) => refused(&refusal),
        Ok(Err(NotCosigned::Failed(error))) => {
            tracing::error!(%error, "a checkpoint could not be stored");
            let reason = NotCosigned::Failed(error).to_string();
            text(StatusCode::INTERNAL_SERVER_ERROR, reason + "\n")
        }
        Err(error) => {
            tracing::error!(%error, "a request ended in a panic");
            let reason = "something is wrong in this witness; its operator finds more in its log\n";
            text(StatusCode::INTERNAL_SERVER_ERROR, reason.to_owned())
        }
    }
}

fn refused(refusal: &Refusal) -> Response {
    let code = StatusCode::from_u16(refusal.status().code()).expect("the protocol's are codes");
    let body = refusal.body();
    if code == StatusCode::CONFLICT {
        return (code, [(header::CONTENT_TYPE, CONFLICT_TYPE)], body).into_response();
    }
    text(code, body)
}

async fn checkpoint(State(served): State<Served>, Path(log): Path<String>) -> Response {
    let look = move || served.witness.checkpoint(&format!("{log}/checkpoint"));
    match tokio::task::spawn_blocking(look).await {
        Ok(Some(checkpoint)) => text(StatusCode::OK, checkpoint),
        Ok(None) | Err(_) => {
            let reason = "no checkpoint of such a log was cosigned here\n";
            text(StatusCode::NOT_FOUND, reason.to_owned())
        }
    }
}

fn text(code: StatusCode, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, TEXT_TYPE),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (code, headers, body).into_response()
}
