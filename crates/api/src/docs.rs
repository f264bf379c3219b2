//! The documentation that the server carries: a guide, a reference made from the OpenAPI document, and the table of
//! errors. Plain pages without scripts, written once at the start.

use askama::Template;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use utoipa::openapi::OpenApi;

use crate::docs::reference::Group;
use crate::problem::{Kind, catalogue};

pub mod markup;
pub mod reference;

#[cfg(test)]
mod tests;

/// `/openapi.json` and the pages below `/docs`, whose examples use `base_url`.
pub fn router(document: &OpenApi, base_url: &str) -> Router {
    let json = document
        .to_json()
        .expect("a document of texts and numbers can always be written");
    let groups = reference::groups(document);
    let guide = page(&GuidePage {
        title: "Guide",
        here: "/docs",
        base_url,
    });
    let reference = page(&ReferencePage {
        title: "Reference",
        here: "/docs/reference",
        groups: &groups,
    });
    let errors = page(&ErrorsPage {
        title: "Errors",
        here: "/docs/errors",
        kinds: catalogue::all(),
    });
    Router::new()
        .route("/openapi.json", fixed("application/json", json))
        .route("/docs", fixed(HTML, guide.clone()))
        .route("/docs/", fixed(HTML, guide))
        .route("/docs/reference", fixed(HTML, reference))
        .route("/docs/errors", fixed(HTML, errors))
        .route("/docs/docs.css", fixed("text/css; charset=utf-8", STYLE))
}

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = include_str!("docs/docs.css");
/// Nothing but this server's own styles and pictures.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "docs/guide.html")]
struct GuidePage<'a> {
    title: &'static str,
    here: &'static str,
    base_url: &'a str,
}

#[derive(Template)]
#[template(path = "docs/reference.html")]
struct ReferencePage<'a> {
    title: &'static str,
    here: &'static str,
    groups: &'a [Group],
}

#[derive(Template)]
#[template(path = "docs/errors.html")]
struct ErrorsPage {
    title: &'static str,
    here: &'static str,
    kinds: Vec<&'static Kind>,
}

fn page(template: &impl Template) -> String {
    template
        .render()
        .expect("templates write to memory and call nothing that fails")
}

/// A handler that always answers with the same content.
fn fixed(content_type: &'static str, content: impl Into<Bytes>) -> axum::routing::MethodRouter {
    let content: Bytes = content.into();
    get(move || {
        let response = answer(content_type, content.clone());
        std::future::ready(response)
    })
}

fn answer(content_type: &'static str, content: Bytes) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "public, max-age=300"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
    ];
    (headers, content).into_response()
}
