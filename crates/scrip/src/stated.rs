//! What the issuer states that it owes, as everybody reads it.

use std::sync::Arc;

use api::wire::liabilities::{Older, Statement};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use engine::liabilities::desk::Desk;
use engine::liabilities::listing::Listing;
use explorer::LOG_PATH;
use ids::command::Sequence;
use serde::Serialize;

/// The newest statement changes once a day, and its receipt some seconds later.
const NEWEST_CACHING: &str = "public, max-age=5";
const JSON: &str = "application/json";

/// A statement with those before it, newest first.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    statement: Statement,
    older: Vec<Older>,
}

/// `GET /log/liabilities` for the newest statement, and `GET /log/liabilities/…` for the one in an entry. Every node answers.
pub fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route(&format!("{LOG_PATH}/liabilities"), get(newest))
        .route(&format!("{LOG_PATH}/liabilities/{{entry}}"), get(one))
        .with_state(desk)
}

async fn newest(State(desk): State<Arc<Desk>>) -> Response {
    match desk.newest().await {
        Ok(Some(listing)) => listed(&listing),
        Ok(None) => refused(
            StatusCode::NOT_FOUND,
            "nothing was stated yet: it is a day after the platform's first entry, or when an operator asks for it",
        ),
        Err(_) => failed(),
    }
}

async fn one(State(desk): State<Arc<Desk>>, Path(entry): Path<String>) -> Response {
    let Ok(entry) = entry.parse() else {
        return refused(StatusCode::BAD_REQUEST, "an entry is a number");
    };
    match desk.published_in(Sequence(entry)).await {
        Ok(Some(listing)) => listed(&listing),
        Ok(None) => refused(
            StatusCode::NOT_FOUND,
            "this entry holds no statement; /log/liabilities lists those that do",
        ),
        Err(error) => {
            tracing::warn!(%error, source = ?std::error::Error::source(&error), "a statement cannot be shown");
            failed()
        }
    }
}

fn listed(listing: &Listing) -> Response {
    let body = Listed {
        statement: Statement::of(&listing.evidence),
        older: listing.older.iter().map(Older::from).collect(),
    };
    let body = serde_json::to_vec(&body).expect("texts and numbers become JSON");
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, NEWEST_CACHING),
        // Pages of others may check it in a browser.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}

fn refused(status: StatusCode, why: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, format!("{why}\n")).into_response()
}

/// Whoever looked has written down why.
fn failed() -> Response {
    refused(
        StatusCode::SERVICE_UNAVAILABLE,
        "the storage does not answer; try again in a moment",
    )
}
