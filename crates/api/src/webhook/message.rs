//! The bodies of signed webhooks.
//!
//! A body is `{"type", "timestamp", "data"}` as the Standard Webhooks specification recommends (section "Payload
//! structure"). `data` begins with `number`, the message's place among the webhooks of its merchant, which is known
//! only when the outbox has taken the message: [`numbered`] puts it in.

use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::party::MerchantId;
use ids::time::Timestamp;
use ids::voucher::{Country, ProductId, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::order_reference::OrderReference;
use payment::payment::{Allocation, Payment};
use payment::refund::Refund;
use serde::Serialize;
use store::outbox::{Channel, MessageId, NewMessage};

use crate::webhook::event::{Event, EventKind, unmoved};
use crate::wire;
use crate::wire::{Decimal, Milliseconds, Shown};

#[cfg(test)]
mod tests;

/// Where and when the entry was made that a message tells of.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub entry: Sequence,
    pub at: Timestamp,
    /// The merchant's endpoint.
    pub url: &'a str,
}

/// The message of an event; `payment` is as the entry left it.
pub fn payment_message(event: Event, payment: &Payment, origin: Origin<'_>) -> NewMessage {
    told(event, payment, origin, &[])
}

/// What the rules say to the merchant about an attempt to pay; `payment` is as the entry left it.
pub fn risk_notice(payment: &Payment, reasons: &[String], origin: Origin<'_>) -> NewMessage {
    told(unmoved(EventKind::RiskNotice), payment, origin, reasons)
}

fn told(event: Event, payment: &Payment, origin: Origin<'_>, reasons: &[String]) -> NewMessage {
    let body = Body {
        r#type: event.kind.name(),
        timestamp: rfc3339(origin.at),
        data: PaymentData {
            reasons,
            ..PaymentData::new(event, payment, origin.entry)
        },
    };
    NewMessage {
        recipient: payment.id.mid.merchant.into(),
        channel: Channel::Webhook,
        event: event.kind.name().to_owned(),
        url: origin.url.to_owned(),
        body: to_text(&body),
        entry: Some(origin.entry),
        created_at: origin.at,
    }
}

/// The message that a merchant asked for to try its endpoint.
pub fn test_message(merchant: MerchantId, url: &str, now: Timestamp) -> NewMessage {
    let kind = EventKind::Test.name();
    let body = Body {
        r#type: kind,
        timestamp: rfc3339(now),
        data: TestData {
            message: "This is a test call that you asked for; no payment has changed.",
        },
    };
    NewMessage {
        recipient: merchant.into(),
        channel: Channel::Webhook,
        event: kind.to_owned(),
        url: url.to_owned(),
        body: to_text(&body),
        entry: None,
        created_at: now,
    }
}

/// The body with the number of its message as the first member of `data`.
pub fn numbered(body: &str, number: u64) -> String {
    // What stands before `data` is a type and a time, neither of which can hold this text.
    const DATA: &str = "\"data\":{";
    match body.split_once(DATA) {
        Some((head, members)) => format!("{head}{DATA}\"number\":{number},{members}"),
        None => body.to_owned(),
    }
}

/// The header `webhook-id`, and the id of the delivery in the API: the same for every attempt.
pub fn message_id_text(id: MessageId) -> String {
    format!("{MESSAGE_ID_PREFIX}{}", id.0)
}

/// Reads what [`message_id_text`] writes.
pub fn parse_message_id(text: &str) -> Option<MessageId> {
    let digits = text.strip_prefix(MESSAGE_ID_PREFIX)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| digits.parse().ok())??;
    Some(MessageId(number))
}

/// A time as RFC 3339 writes it, in UTC and with milliseconds where there are any.
pub fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .unwrap_or(jiff::Timestamp::MAX)
        .to_string()
}

const MESSAGE_ID_PREFIX: &str = "msg_";

#[derive(Serialize)]
struct Body<Data> {
    r#type: &'static str,
    timestamp: String,
    data: Data,
}

#[derive(Serialize)]
struct TestData {
    message: &'static str,
}

#[derive(Serialize)]
struct PaymentData<'a> {
    entry: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund: Option<RefundBody>,
    /// The reasons of the rules that ask that the merchant be told, the most severe first.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    reasons: &'a [String],
    payment: PaymentBody<'a>,
}

#[derive(Serialize)]
struct PaymentBody<'a> {
    id: Shown<PaymentId>,
    status: wire::payment::Status,
    created: Milliseconds,
    updated: Milliseconds,
    amount: Decimal,
    currency: Shown<Currency>,
    captured_amount: Decimal,
    refunded_amount: Decimal,
    customer: CustomerBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submerchant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shop_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_before_expiration: Option<wire::payment::Status>,
    /// While the value is held and a person decides.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    in_review: bool,
    /// The payment that had paid for the same order before.
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<Shown<PaymentId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_reference: Option<&'a str>,
    card_details: Vec<CardBody>,
}

#[derive(Serialize)]
struct CustomerBody<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct CardBody {
    serial: Shown<Serial>,
    currency: Shown<Currency>,
    amount: Decimal,
    r#type: Shown<ProductId>,
    country: Shown<Country>,
}

#[derive(Serialize)]
struct RefundBody {
    id: Shown<RefundId>,
    status: wire::refund::RefundStatus,
    amount: Decimal,
}

impl<'a> PaymentData<'a> {
    fn new(event: Event, payment: &'a Payment, entry: Sequence) -> PaymentData<'a> {
        PaymentData {
            entry: entry.0,
            amount: event.moved_minor.map(|minor| decimal(payment, minor)),
            refund: event
                .refund
                .and_then(|id| payment.refund(id))
                .map(|refund| RefundBody::new(refund, payment)),
            reasons: &[],
            payment: PaymentBody::new(payment),
        }
    }
}

impl<'a> PaymentBody<'a> {
    fn new(payment: &'a Payment) -> PaymentBody<'a> {
        let request = &payment.request;
        let cards = payment.allocations.iter();
        PaymentBody {
            id: Shown(payment.id),
            status: payment.status.into(),
            created: payment.created_at.into(),
            updated: payment.updated_at.into(),
            amount: Decimal(request.amount),
            currency: Shown(request.amount.currency),
            captured_amount: decimal(payment, payment.captured()),
            refunded_amount: decimal(payment, payment.refunded()),
            customer: CustomerBody {
                id: &request.customer.id,
            },
            submerchant_id: request.submerchant.as_deref(),
            shop_id: request.shop_id.as_deref(),
            status_before_expiration: payment.status_before_expiration.map(Into::into),
            in_review: payment.review.is_some(),
            duplicate_of: payment.duplicate.map(|found| Shown(found.of)),
            order_reference: request.order_reference.as_ref().map(OrderReference::as_str),
            card_details: cards.map(|part| CardBody::new(part, payment)).collect(),
        }
    }
}

impl CardBody {
    fn new(part: &Allocation, payment: &Payment) -> CardBody {
        CardBody {
            serial: Shown(part.serial),
            currency: Shown(payment.request.amount.currency),
            amount: decimal(payment, part.authorized),
            r#type: Shown(part.product),
            country: Shown(part.country),
        }
    }
}

impl RefundBody {
    fn new(refund: &Refund, payment: &Payment) -> RefundBody {
        RefundBody {
            id: Shown(refund.id),
            status: refund.status.into(),
            amount: decimal(payment, refund.request.minor),
        }
    }
}

fn decimal(payment: &Payment, minor: i64) -> Decimal {
    Decimal(Amount::new(minor, payment.request.amount.currency))
}

fn to_text(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("wire types have text keys and write to memory")
}
