//! The transparency log as everybody reads it: files that never change, and a checkpoint (C2SP tlog-tiles, "Parameters").

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderName, StatusCode, header};
use store::failure::Failure;
use tlog::tile::TilePath;

use crate::{LOG_PATH, PublishedLog};

/// A checkpoint is replaced several times a second under load; caches may be that far behind.
const CHECKPOINT_CACHING: &str = "public, max-age=1";
/// A policy changes with a restart.
const POLICY_CACHING: &str = "public, max-age=60";
/// A file has the same bytes for ever.
const FILE_CACHING: &str = "public, max-age=31536000, immutable";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

pub fn router(log: PublishedLog) -> Router {
    Router::new()
        .route(&format!("{LOG_PATH}/checkpoint"), get(checkpoint))
        .route(&format!("{LOG_PATH}/policy"), get(policy))
        .route(&format!("{LOG_PATH}/tile/{{*path}}"), get(file))
        .with_state(log)
}

async fn checkpoint(State(log): State<PublishedLog>) -> Response {
    match log.storage.log_state(&log.origin).await {
        Ok(state) => match state.published {
            Some(published) => found(TEXT, CHECKPOINT_CACHING, published.checkpoint.to_vec()),
            None => refused(
                StatusCode::NOT_FOUND,
                "the log has no checkpoint yet; it gets one with its first entry",
            ),
        },
        Err(failure) => failed(&failure),
    }
}

async fn policy(State(log): State<PublishedLog>) -> Response {
    found(TEXT, POLICY_CACHING, log.policy.as_bytes().to_vec())
}

async fn file(State(log): State<PublishedLog>, Path(path): Path<String>) -> Response {
    let path = match TilePath::parse(&format!("tile/{path}")) {
        Ok(path) => path,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match log.storage.read_files(&[path]).await {
        Ok(files) => match files.into_iter().next() {
            Some(file) => found(BYTES, FILE_CACHING, file.bytes),
            None if path.is_partial() => refused(
                StatusCode::NOT_FOUND,
                &format!(
                    "{path} is not there: ask for {}, of which it is the beginning, or for a width that a checkpoint implies",
                    path.full()
                ),
            ),
            None => refused(
                StatusCode::NOT_FOUND,
                &format!("{path} is not there: the log has not grown that far"),
            ),
        },
        Err(failure) => failed(&failure),
    }
}

fn found(kind: &'static str, caching: &'static str, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, caching),
        // Pages of others may check the log in a browser.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}

fn refused(status: StatusCode, why: &str) -> Response {
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, TEXT),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, format!("{why}\n")).into_response()
}

fn failed(failure: &Failure) -> Response {
    tracing::warn!(error = %failure, source = ?std::error::Error::source(failure), "the log could not be read");
    refused(
        StatusCode::SERVICE_UNAVAILABLE,
        "the storage of the log does not answer; try again in a moment",
    )
}
