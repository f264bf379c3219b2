//! What every handler may use.

use std::ops::Deref;
use std::sync::Arc;

use engine::clock::Clock;
use engine::erasing::Eraser;
use engine::liabilities::desk::Desk;
use engine::service::analyst::AnalystService;
use engine::service::contact::Letters;
use engine::service::distributor::DistributorService;
use engine::service::merchant::MerchantService;
use ids::object::{PaymentId, RefundId};
use store::outbox::Outbox;
use vault::vault::Vault;

use crate::webhook::address::TargetPolicy;

/// The services behind the interface, shared by all handlers.
#[derive(Clone)]
pub struct ApiState(Arc<Services>);

/// What is behind the interface, and where payers find the pages.
pub struct Services {
    pub merchants: MerchantService,
    pub distributors: DistributorService,
    pub analysts: AnalystService,
    pub eraser: Eraser,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
    pub outbox: Arc<dyn Outbox>,
    /// Scheme, host and port as payers reach them, without a path: `https://pay.example`.
    pub base_url: Arc<str>,
    /// Where merchants may have their messages sent.
    pub targets: TargetPolicy,
    /// What is owed, where the platform keeps a transparency log.
    pub liabilities: Option<Arc<Desk>>,
    /// Whether owners of vouchers can be written to.
    pub letters: Letters,
}

impl ApiState {
    pub fn new(services: Services) -> ApiState {
        ApiState(Arc::new(services))
    }
}

impl Deref for ApiState {
    type Target = Services;

    fn deref(&self) -> &Services {
        &self.0
    }
}

impl Services {
    /// The checkout of a payment, with the key that opens it.
    pub fn auth_url(&self, payment: PaymentId) -> String {
        let id = payment.to_string();
        let key = self.vault.checkout_key(id.as_bytes()).to_hex();
        [&*self.base_url, "/checkout/", &id, "?key=", &key].concat()
    }

    /// The page on which a payer collects the fresh vouchers of a refund, with the key that opens it.
    pub fn claim_url(&self, payment: PaymentId, refund: RefundId) -> String {
        // A refund's id is the shop's to choose, so the same may stand in two payments: the key opens one of them.
        let place = format!("{payment}/{refund}");
        let key = self.vault.checkout_key(place.as_bytes()).to_hex();
        format!("{}/refund/{place}?key={key}", self.base_url)
    }
}
