//! Refunds of a payment.

use std::sync::Arc;

use ids::object::{PaymentId, RefundId};
use ids::time::Timestamp;
use ids::voucher::Serial;

/// What the shop asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequest {
    /// Minor units of the payment's currency.
    pub minor: i64,
    pub customer_id: String,
    pub customer_email: Option<String>,
    pub submerchant: Option<String>,
    pub comment: Option<String>,
}

/// A refund as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    pub id: RefundId,
    pub request: Arc<RefundRequest>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub status: RefundStatus,
    pub shares: Vec<RefundShare>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// Checked; no money has moved.
    ValidationSuccessful,
    /// The value is back.
    Success,
    /// Checked and never carried out; its time is over. Final.
    Lapsed,
}

/// Why captured value is given back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RefundCause {
    /// The merchant asked for it.
    #[default]
    Asked,
    /// Another payment had paid for the same order, and the merchant's terms return the second one.
    DuplicateOf(Box<PaymentId>),
}

/// What goes back for one hold. Minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundShare {
    /// The voucher that paid.
    pub source: Serial,
    pub minor: i64,
    pub target: RefundTarget,
}

/// Where refunded value goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundTarget {
    /// Back to the voucher that paid.
    SameVoucher,
    /// To a fresh voucher, because the old one is closed for good.
    FreshVoucher {
        serial: Serial,
        /// Its PIN, encrypted, for the page on which the payer collects it.
        sealed_pin: Arc<[u8]>,
    },
}
