//! Merchants and the terms that they agreed to.

use std::sync::Arc;

use ids::command::Sequence;
use ids::party::MerchantId;
use ids::time::Span;
use money::currency::Currency;

use crate::duplicate::DuplicateTerms;
use crate::state::CaptureMode;

/// A party that takes payments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merchant {
    pub id: MerchantId,
    pub name: String,
    pub standing: Standing,
    /// Currencies in which the merchant takes payments; each is a MID.
    pub currencies: Vec<Currency>,
    /// How long authorised value stays held, unless the payment says otherwise.
    pub capture_window: Span,
    pub capture: CaptureMode,
    /// The issuer's fee on captured value, in hundredths of a percent.
    pub fee_basis_points: u16,
    pub submerchants: Vec<Submerchant>,
    pub webhook: Option<Webhook>,
    pub notification: NotificationMode,
    /// What is done about the second payment of one order.
    pub duplicates: DuplicateTerms,
    pub version: Sequence,
}

/// Whether a party may use the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Active,
    Suspended,
}

/// A reporting criterion: up to eight letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submerchant {
    pub id: String,
    pub standing: Standing,
}

/// Where signed webhooks go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub url: String,
    /// The signing secret, encrypted.
    pub sealed_secret: Arc<[u8]>,
}

/// Whether the unsigned notification of paysafecard's interface is sent to a payment's `notification_url`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationMode {
    Classic,
    /// The merchant listens to signed webhooks, or asks.
    Off,
}

/// The shortest capture window that may be agreed or asked for.
pub const CAPTURE_WINDOW_MIN: Span = Span::MINUTE;
/// The longest capture window that may be agreed or asked for.
pub const CAPTURE_WINDOW_MAX: Span = Span::DAY.times(7);
