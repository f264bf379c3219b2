//! A payment and its changes, for the unit tests of this module.

use std::sync::Arc;

use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::party::{MerchantId, Mid};
use ids::time::{Span, Timestamp};
use ids::voucher::{ProductId, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::payment::{Customer, Payment, PaymentRequest};
use payment::refund::{RefundRequest, RefundShare, RefundTarget};
use payment::state::{CaptureMode, Change, Finality, Hold};

/// 2026-01-31T12:00:00Z.
pub const NOON: Timestamp = Timestamp(1_769_860_800_000);

pub const MERCHANT: MerchantId = MerchantId::FIRST;

/// A fresh payment of 15.00 EUR.
pub fn payment() -> Payment {
    payment_to("https://shop.example/n/{payment_id}")
}

pub fn payment_to(notification_url: &str) -> Payment {
    let id = PaymentId {
        mid: mid(),
        token: "order-7".parse().unwrap(),
    };
    let request = PaymentRequest {
        amount: Amount::new(1_500, Currency::EUR),
        success_url: "https://shop.example/ok".to_owned(),
        failure_url: "https://shop.example/nok".to_owned(),
        notification_url: notification_url.to_owned(),
        customer: Customer {
            id: "c\"1".to_owned(),
            address: None,
            min_age: None,
            kyc_level: None,
            country_restriction: None,
        },
        submerchant: None,
        shop_id: Some("shop1".to_owned()),
        capture_window: Span::MINUTE,
        capture: CaptureMode::Manual,
        order_reference: None,
    };
    let due_at = NOON.plus(Span::MINUTE.times(30));
    Payment::create(id, Arc::new(request), due_at, NOON, Sequence(7))
}

/// The payment after a change, an entry and a second later.
pub fn after(payment: &Payment, change: &Change) -> Payment {
    let at = payment.updated_at.plus(Span::SECOND);
    let version = payment.version.next();
    payment.clone().apply(change, at, version).unwrap()
}

/// 10.00 from one voucher and 5.00 from another.
pub fn authorize(mode: CaptureMode) -> Change {
    let hold = |serial: u64, minor| Hold {
        serial: serial_number(serial),
        product: ProductId::new(2).unwrap(),
        country: "AT".parse().unwrap(),
        minor,
    };
    Change::Authorize {
        holds: vec![
            hold(1_888_540_789_315_005, 1_000),
            hold(8_199_292_804_504_933, 500),
        ],
        hold_until: NOON.plus(Span::HOUR),
        mode,
        fee_minor: 0,
    }
}

pub fn capture(shares: [i64; 2], finality: Finality) -> Change {
    Change::Capture {
        shares: shares.to_vec(),
        fee_minor: 0,
        finality,
    }
}

pub fn refund_id() -> RefundId {
    RefundId {
        mid: mid(),
        token: "refund-1".parse().unwrap(),
    }
}

/// 2.50 back to the first voucher.
pub fn refund() -> Change {
    Change::Refund {
        id: refund_id(),
        request: refund_request(),
        shares: vec![RefundShare {
            source: serial_number(1_888_540_789_315_005),
            minor: 250,
            target: RefundTarget::SameVoucher,
        }],
        cause: payment::refund::RefundCause::Asked,
    }
}

pub fn refund_request() -> RefundRequest {
    RefundRequest {
        minor: 250,
        customer_id: "c\"1".to_owned(),
        customer_email: None,
        submerchant: None,
        comment: None,
    }
}

fn serial_number(number: u64) -> Serial {
    Serial::new(number).unwrap()
}

fn mid() -> Mid {
    Mid {
        merchant: MERCHANT,
        currency: Currency::EUR,
    }
}
