//! The transparency log as everybody reads it: its files, its policy, and the page that checks them in a browser.
//!
//! Invariants:
//! - The page asks the server for files and never for an opinion: what it says of them, the verifier in the browser found.
//! - What is checked stays in the browser: a receipt comes in by the address's fragment, by a file or by pasting.
//! - Saved as one file, the page needs this server no more.

mod files;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::header;
use store::log::LogStorage;
use web::security::{PageHeaders, Transport};

/// Where the log is, below the address of the server.
pub const LOG_PATH: &str = "/log";

/// A log that this server shows.
#[derive(Clone)]
pub struct PublishedLog {
    pub storage: Arc<dyn LogStorage>,
    pub origin: Arc<str>,
    /// Whom its operator names as worth believing: a text after C2SP tlog-policy. A visitor may know better.
    pub policy: Arc<str>,
}

/// The log, and where browsers find it.
#[derive(Clone)]
struct Explorer {
    log: PublishedLog,
    /// The whole address of the log.
    address: Arc<str>,
    headers: PageHeaders,
}

/// `GET /log/` for the page, `/log/checkpoint`, `/log/policy`, and `/log/tile/…` for tiles and entries. Every node answers,
/// whichever of them writes. `base_url` is scheme, host and port as browsers see them.
pub fn router(log: PublishedLog, base_url: &str) -> Router {
    let transport = if base_url.starts_with("https:") {
        Transport::Tls
    } else {
        Transport::Plain
    };
    let headers = PageHeaders::new(transport, &[])
        .expect("without frame ancestors every header is a constant")
        .letting_verify();
    let explorer = Explorer {
        log: log.clone(),
        address: format!("{base_url}{LOG_PATH}/").into(),
        headers,
    };
    let pages = Router::new()
        .route(LOG_PATH, get(|| async { Redirect::permanent("/log/") }))
        .route(&format!("{LOG_PATH}/"), get(show))
        .route(&format!("{LOG_PATH}/explorer.html"), get(save))
        .with_state(Arc::new(explorer));
    files::router(log).merge(pages)
}

async fn show(State(explorer): State<Arc<Explorer>>) -> Response {
    let page = page::served(&explorer.log.origin);
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut response = (html, page).into_response();
    explorer.headers.protect(&mut response);
    response
}

/// The page with everything that it needs, to be kept as a file.
async fn save(State(explorer): State<Arc<Explorer>>) -> Response {
    let page = page::alone(
        &explorer.log.origin,
        &explorer.address,
        &explorer.log.policy,
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"log-explorer.html\"",
        ),
    ];
    let mut response = (headers, page).into_response();
    explorer.headers.protect(&mut response);
    response
}
