//! A payment as merchants see it.

use std::net::IpAddr;

use ids::object::PaymentId;
use ids::time::Timestamp;
use ids::voucher::{Country, ProductId, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::order_reference::OrderReference;
use payment::payment::{Allocation, KycLevel};
use payment::state::CaptureMode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::ApiState;
use crate::wire::refund::Refund;
use crate::wire::{Decimal, Milliseconds, Shown};

/// A payment as it stands after the entry `sequence`.
#[derive(Serialize, ToSchema)]
pub struct Payment<'a> {
    /// Always `PAYMENT`.
    #[schema(example = "PAYMENT")]
    pub object: &'static str,
    #[schema(value_type = String, example = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR")]
    pub id: Shown<PaymentId>,
    pub created: Milliseconds,
    pub updated: Milliseconds,
    pub amount: Decimal,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    pub status: Status,
    /// Always `PAYSAFECARD`.
    #[schema(example = "PAYSAFECARD")]
    pub r#type: &'static str,
    pub redirect: Redirect<'a>,
    pub customer: Customer<'a>,
    #[schema(example = "https://shop.example/notify")]
    pub notification_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submerchant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shop_id: Option<&'a str>,
    /// What the shop calls the order that the payment is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "order 2026-0815")]
    pub order_reference: Option<&'a str>,
    /// The payment that had paid for the same order before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub duplicate_of: Option<Shown<PaymentId>>,
    /// True while the value is held and a person at the issuer decides whether the payment goes on: nothing is to be
    /// delivered yet. The answer is `AUTHORIZED` or `SUCCESS`, or the end of the payment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub in_review: bool,
    /// True while the payment is stopped because its record is in doubt; it takes no commands then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub stopped: bool,
    /// The state before it expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_before_expiration: Option<Status>,
    /// The vouchers that pay, in the order in which they were shown; there are at most ten.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub card_details: Vec<Card>,
    /// Oldest first. Lists leave them out: read the payment, or its refunds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub refunds: Vec<Refund<'a>>,
    pub capture: CaptureWord,
    /// Seconds for which authorised value stays held.
    #[schema(example = 60)]
    pub capture_window: i64,
    /// Until when authorised value stays held; only while the payment is `AUTHORIZED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capture_until: Option<Milliseconds>,
    pub captured_amount: Decimal,
    pub refunded_amount: Decimal,
    /// The place in the journal of the last change of this payment.
    #[schema(example = 42)]
    pub sequence: u64,
}

/// Where a payment stands.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = PaymentStatus)]
pub enum Status {
    Initiated,
    Redirected,
    Authorized,
    Success,
    CanceledMerchant,
    CanceledCustomer,
    Expired,
}

/// When authorised value is captured: when the shop says so, or at once.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CaptureMode)]
pub enum CaptureWord {
    Manual,
    Automatic,
}

/// Where the payer goes.
#[derive(Serialize, ToSchema)]
pub struct Redirect<'a> {
    /// Where the payer returns after paying; `{payment_id}` is filled in.
    #[schema(example = "https://shop.example/ok")]
    pub success_url: &'a str,
    /// Where the payer returns without having paid; `{payment_id}` is filled in.
    #[schema(example = "https://shop.example/failed")]
    pub failure_url: &'a str,
    /// The checkout: send the payer's browser there. It follows the platform's present address, in a replay too.
    #[schema(
        example = "https://pay.example/checkout/pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR?key=0f3a"
    )]
    pub auth_url: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PaymentCustomer)]
pub struct Customer<'a> {
    #[schema(example = "customer-4711")]
    pub id: &'a str,
    /// Where the payer's browser was seen when it opened the checkout.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "192.0.2.7")]
    pub ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_age: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kyc_level: Option<KycWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "AT")]
    pub country_restriction: Option<Shown<Country>>,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = KycLevel)]
pub enum KycWord {
    Simple,
    Full,
}

/// A voucher that pays.
#[derive(Serialize, ToSchema)]
pub struct Card {
    /// Sixteen digits; not secret.
    #[schema(value_type = String, example = "8199292804504933")]
    pub serial: Shown<Serial>,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    /// Its part of the payment.
    pub amount: Decimal,
    /// The product, five digits.
    #[schema(value_type = String, example = "00002")]
    pub r#type: Shown<ProductId>,
    /// Where it was sold.
    #[schema(value_type = String, example = "AT")]
    pub country: Shown<Country>,
    pub captured_amount: Decimal,
    pub refunded_amount: Decimal,
}

impl<'a> Payment<'a> {
    pub fn of(payment: &'a payment::payment::Payment, api: &ApiState) -> Payment<'a> {
        let refunds = payment.refunds.iter();
        Payment {
            refunds: refunds
                .map(|refund| Refund::of(refund, payment.id, api))
                .collect(),
            ..Payment::listed(payment, api)
        }
    }

    /// As lists show it: without its refunds, of which there may be very many.
    pub fn listed(payment: &'a payment::payment::Payment, api: &ApiState) -> Payment<'a> {
        let request = &payment.request;
        let currency = request.amount.currency;
        let cards = payment.allocations.iter();
        Payment {
            object: "PAYMENT",
            id: Shown(payment.id),
            created: payment.created_at.into(),
            updated: payment.updated_at.into(),
            amount: Decimal(request.amount),
            currency: Shown(currency),
            status: payment.status.into(),
            r#type: "PAYSAFECARD",
            redirect: Redirect {
                success_url: &request.success_url,
                failure_url: &request.failure_url,
                auth_url: api.auth_url(payment.id),
            },
            customer: Customer::of(payment),
            notification_url: &request.notification_url,
            submerchant_id: request.submerchant.as_deref(),
            shop_id: request.shop_id.as_deref(),
            order_reference: request.order_reference.as_ref().map(OrderReference::as_str),
            duplicate_of: payment.duplicate.map(|found| Shown(found.of)),
            in_review: payment.review.is_some(),
            stopped: payment.stopped.is_some(),
            status_before_expiration: payment.status_before_expiration.map(Status::from),
            card_details: cards.map(|part| Card::of(part, currency)).collect(),
            refunds: Vec::new(),
            capture: request.capture.into(),
            capture_window: request.capture_window.seconds(),
            capture_until: capture_until(payment).map(Milliseconds::from),
            captured_amount: Decimal(Amount::new(payment.captured(), currency)),
            refunded_amount: Decimal(Amount::new(payment.refunded(), currency)),
            sequence: payment.version.0,
        }
    }
}

impl<'a> Customer<'a> {
    fn of(payment: &'a payment::payment::Payment) -> Customer<'a> {
        let customer = &payment.request.customer;
        Customer {
            id: &customer.id,
            ip: payment.customer_address,
            min_age: customer.min_age,
            kyc_level: customer.kyc_level.map(KycWord::from),
            country_restriction: customer.country_restriction.map(Shown),
        }
    }
}

impl Card {
    fn of(part: &Allocation, currency: Currency) -> Card {
        Card {
            serial: Shown(part.serial),
            currency: Shown(currency),
            amount: Decimal(Amount::new(part.authorized, currency)),
            r#type: Shown(part.product),
            country: Shown(part.country),
            captured_amount: Decimal(Amount::new(part.captured, currency)),
            refunded_amount: Decimal(Amount::new(part.refunded, currency)),
        }
    }
}

impl Status {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Status::Initiated => "INITIATED",
            Status::Redirected => "REDIRECTED",
            Status::Authorized => "AUTHORIZED",
            Status::Success => "SUCCESS",
            Status::CanceledMerchant => "CANCELED_MERCHANT",
            Status::CanceledCustomer => "CANCELED_CUSTOMER",
            Status::Expired => "EXPIRED",
        }
    }
}

impl From<payment::state::Status> for Status {
    fn from(status: payment::state::Status) -> Status {
        use payment::state::Status as Inner;
        match status {
            Inner::Initiated => Status::Initiated,
            Inner::Redirected => Status::Redirected,
            Inner::Authorized => Status::Authorized,
            Inner::Success => Status::Success,
            Inner::CanceledMerchant => Status::CanceledMerchant,
            Inner::CanceledCustomer => Status::CanceledCustomer,
            Inner::Expired => Status::Expired,
        }
    }
}

impl From<CaptureMode> for CaptureWord {
    fn from(mode: CaptureMode) -> CaptureWord {
        match mode {
            CaptureMode::Manual => CaptureWord::Manual,
            CaptureMode::Automatic => CaptureWord::Automatic,
        }
    }
}

impl From<KycLevel> for KycWord {
    fn from(level: KycLevel) -> KycWord {
        match level {
            KycLevel::Simple => KycWord::Simple,
            KycLevel::Full => KycWord::Full,
        }
    }
}

fn capture_until(payment: &payment::payment::Payment) -> Option<Timestamp> {
    match payment.status {
        payment::state::Status::Authorized => Some(payment.due_at),
        payment::state::Status::Initiated
        | payment::state::Status::Redirected
        | payment::state::Status::Success
        | payment::state::Status::CanceledMerchant
        | payment::state::Status::CanceledCustomer
        | payment::state::Status::Expired => None,
    }
}
