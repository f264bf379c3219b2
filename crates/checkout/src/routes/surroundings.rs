//! What stands around every page, in one layer.
//!
//! A router copies the request into each of its layers and boxes the future of each, which costs more than most of them
//! do: so everything that needs no type of its own happens in one.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::catch_panic::CatchPanicLayer;
use web::client_address::{ClientAddress, TrustedProxies};
use web::cross_site;
use web::language::Language;
use web::request_id::RequestId;
use web::security::PageHeaders;

use super::failure;

/// The longest form, in bytes: a basket of ten vouchers is sealed in less than three hundred.
const FORM_SIZE_MAX: usize = 16 << 10;

/// What requests and answers get on their way.
#[derive(Clone)]
pub struct Surroundings {
    pub page_headers: PageHeaders,
    pub proxies: TrustedProxies,
}

impl Surroundings {
    /// The pages with everything around them. The first of the layers sees a request first.
    pub fn around(self, pages: Router) -> Router {
        pages.layer((
            from_fn_with_state(Arc::new(self), surround),
            cross_site::same_site_forms(),
            CatchPanicLayer::new(),
            DefaultBodyLimit::max(FORM_SIZE_MAX),
        ))
    }
}

async fn surround(
    State(surroundings): State<Arc<Surroundings>>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = RequestId::assign(&mut request);
    ClientAddress::identify(&mut request, &surroundings.proxies);
    let language = Language::negotiate(request.headers(), request.uri());
    let answer = next.run(request).await;
    let mut response = failure::draw(&answer, language, request_id).unwrap_or(answer);
    surroundings.page_headers.protect(&mut response);
    request_id.tell(&mut response);
    response
}
