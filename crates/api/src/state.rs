//! What every handler may use.

use std::sync::Arc;

use engine::clock::Clock;
use engine::service::distributor::DistributorService;
use engine::service::merchant::MerchantService;
use ids::object::{PaymentId, RefundId};
use vault::vault::Vault;

/// The services behind the interface, and where payers find the pages.
#[derive(Clone)]
pub struct ApiState {
    pub merchants: MerchantService,
    pub distributors: DistributorService,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
    /// Scheme, host and port as payers reach them, without a path: `https://pay.example`.
    pub base_url: Arc<str>,
}

impl ApiState {
    /// The checkout of a payment, with the key that opens it.
    pub fn auth_url(&self, payment: PaymentId) -> String {
        let id = payment.to_string();
        let key = self.vault.checkout_key(id.as_bytes()).to_hex();
        format!("{}/checkout/{id}?key={key}", self.base_url)
    }

    /// The page on which a payer collects the fresh vouchers of a refund, with the key that opens it.
    pub fn claim_url(&self, payment: PaymentId, refund: RefundId) -> String {
        // A refund's id is the shop's to choose, so the same may stand in two payments: the key opens one of them.
        let place = format!("{payment}/{refund}");
        let key = self.vault.checkout_key(place.as_bytes()).to_hex();
        format!("{}/refund/{place}?key={key}", self.base_url)
    }
}
