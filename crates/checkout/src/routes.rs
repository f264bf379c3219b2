//! The addresses of the payer's pages, and what stands between them and the engine.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use engine::liabilities::desk::Desk;
use engine::service::contact::Letters;
use engine::service::merchant::MerchantService;
use engine::service::payer::PayerService;
use vault::vault::Vault;
use web::assets;
use web::client_address::{Network, TrustedProxies};
use web::security::{PageHeaders, Transport};

mod basket;
mod behaviour;
mod counted;
mod device;
mod failure;
mod letters;
mod link;
mod payment;
mod problem_code;
mod receipts;
mod refund;
mod site;
mod surroundings;
mod typed_pin;
mod voucher;

use surroundings::Surroundings;

/// What the pages need.
#[derive(Clone)]
pub struct CheckoutState {
    pub payers: PayerService,
    pub merchants: MerchantService,
    pub vault: Arc<Vault>,
    /// What is owed, where the platform keeps a transparency log.
    pub liabilities: Option<Arc<Desk>>,
    /// Whether owners of vouchers can be written to.
    pub letters: Letters,
    /// Scheme, host and port as browsers see them; `https` makes cookies secure.
    pub base_url: Arc<str>,
    pub trusted_proxies: Vec<Network>,
}

/// All pages, their assets, and the page for addresses that lead nowhere.
pub fn router(state: CheckoutState) -> Router {
    let page_headers = PageHeaders::new(state.transport(), &[])
        .expect("without frame ancestors every header is a constant");
    let surroundings = Surroundings {
        page_headers,
        proxies: TrustedProxies::new(state.trusted_proxies.clone()),
    };
    let state = Arc::new(state);
    let checkout = Surroundings {
        page_headers: surroundings.page_headers.keeping_opener(),
        ..surroundings.clone()
    }
    .around(checkout(Arc::clone(&state)));
    let verifying = Surroundings {
        page_headers: surroundings.page_headers.letting_verify(),
        ..surroundings.clone()
    }
    .around(balance(Arc::clone(&state)));
    let others = pages(state)
        .merge(assets::router())
        .fallback(site::not_found)
        .method_not_allowed_fallback(site::method_not_allowed);
    surroundings.around(others).merge(checkout).merge(verifying)
}

fn checkout(state: Arc<CheckoutState>) -> Router {
    Router::new()
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
        .route("/checkout/{id}/receipts", get(receipts::list))
        .route("/checkout/{id}/receipts/{entry}", get(receipts::show))
        .route("/checkout/{id}/receipts/{entry}/json", get(receipts::json))
        .route(
            "/checkout/{id}/receipts/{entry}/tlog-proof",
            get(receipts::file),
        )
        .method_not_allowed_fallback(site::method_not_allowed)
        .with_state(state)
}

/// Pages that run the verifier of the transparency log.
fn balance(state: Arc<CheckoutState>) -> Router {
    Router::new()
        .route(
            "/balance",
            get(voucher::balance_form).post(voucher::balance),
        )
        .route("/balance/counted", post(counted::prove))
        .method_not_allowed_fallback(site::method_not_allowed)
        .with_state(state)
}

fn pages(state: Arc<CheckoutState>) -> Router {
    Router::new()
        .route("/refund/{payment}/{refund}", get(refund::show))
        .route("/freeze", get(voucher::freeze_form))
        .route(
            "/freeze/pin",
            post(voucher::freeze_by_pin).get(voucher::to_freeze_form),
        )
        .route(
            "/freeze/serial",
            post(voucher::freeze_by_purchase).get(voucher::to_freeze_form),
        )
        .route("/letters", post(letters::give).get(letters::to_balance))
        .route(
            "/letters/remove",
            post(letters::remove).get(letters::to_balance),
        )
        .route(
            "/letters/confirm",
            get(letters::ask_to_confirm).post(letters::confirm),
        )
        .route(
            "/letters/stop",
            get(letters::ask_to_stop).post(letters::stop),
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
