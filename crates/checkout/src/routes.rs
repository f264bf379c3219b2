//! The addresses of the payer's pages, and what stands between them and the engine.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use engine::service::merchant::MerchantService;
use engine::service::payer::PayerService;
use tower_http::catch_panic::CatchPanicLayer;
use vault::vault::Vault;
use web::client_address::{self, Network, TrustedProxies};
use web::security::{self, PageHeaders, Transport};
use web::{assets, cross_site, request_id};

mod basket;
mod failure;
mod link;
mod payment;
mod problem_code;
mod refund;
mod site;
mod typed_pin;
mod voucher;

/// What the pages need.
#[derive(Clone)]
pub struct CheckoutState {
    pub payers: PayerService,
    pub merchants: MerchantService,
    pub vault: Arc<Vault>,
    /// Scheme, host and port as browsers see them; `https` makes cookies secure.
    pub base_url: Arc<str>,
    pub trusted_proxies: Vec<Network>,
}

/// The longest form, in bytes: a basket of ten vouchers is sealed in less than three hundred.
const FORM_SIZE_MAX: usize = 16 << 10;

/// All pages, their assets, and the page for addresses that lead nowhere.
pub fn router(state: CheckoutState) -> Router {
    let page_headers = PageHeaders::new(state.transport(), &[])
        .expect("without frame ancestors every header is a constant");
    let proxies = TrustedProxies::new(state.trusted_proxies.clone());
    // The last layer sees a request first.
    pages(Arc::new(state))
        .merge(assets::router())
        .fallback(site::not_found)
        .method_not_allowed_fallback(site::method_not_allowed)
        .layer(DefaultBodyLimit::max(FORM_SIZE_MAX))
        .layer(CatchPanicLayer::new())
        .layer(cross_site::same_site_forms())
        .layer(from_fn(failure::draw))
        .layer(from_fn_with_state(page_headers, security::protect))
        .layer(from_fn_with_state(proxies, client_address::identify))
        .layer(from_fn(request_id::assign))
}

fn pages(state: Arc<CheckoutState>) -> Router {
    let payment = Router::new()
        .route("/checkout/{id}", get(payment::show))
        .route(
            "/checkout/{id}/pay",
            post(payment::pay).get(payment::back_to_page),
        )
        .route(
            "/checkout/{id}/vouchers/remove",
            post(payment::remove).get(payment::back_to_page),
        )
        .route(
            "/checkout/{id}/cancel",
            post(payment::cancel).get(payment::back_to_page),
        )
        .route("/checkout/{id}/result", get(payment::result))
        .layer(from_fn(security::keep_opener));
    Router::new()
        .merge(payment)
        .route("/refund/{payment}/{refund}", get(refund::show))
        .route(
            "/balance",
            get(voucher::balance_form).post(voucher::balance),
        )
        .route("/freeze", get(voucher::freeze_form))
        .route(
            "/freeze/pin",
            post(voucher::freeze_by_pin).get(voucher::to_freeze_form),
        )
        .route(
            "/freeze/serial",
            post(voucher::freeze_by_purchase).get(voucher::to_freeze_form),
        )
        .route("/language", post(site::choose_language))
        .route("/privacy", get(site::privacy))
        .route("/", get(site::home))
        .with_state(state)
}

impl CheckoutState {
    fn transport(&self) -> Transport {
        if self.base_url.starts_with("https:") {
            Transport::Tls
        } else {
            Transport::Plain
        }
    }
}
