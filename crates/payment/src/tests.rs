use std::sync::Arc;

use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use money::amount::Amount;
use money::currency::Currency;
use proptest::prelude::*;

use crate::decide::{self, Offer, PAYMENT_LIFETIME, REFUND_WINDOW, Refusal, VOUCHERS_MAX};
use crate::payment::{Customer, KycLevel, Payment, PaymentRequest};
use crate::refund::{RefundRequest, RefundShare, RefundStatus, RefundTarget};
use crate::state::{Canceler, CaptureMode, Change, Finality, Hold, Status};

mod captures;
mod histories;
mod refunds;
mod states;

const START: Timestamp = Timestamp(1_000_000);
const AMOUNT: i64 = 1_000;
const FEE: u16 = 250;

fn request(capture: CaptureMode) -> PaymentRequest {
    PaymentRequest {
        amount: Amount::new(AMOUNT, Currency::EUR),
        success_url: String::new(),
        failure_url: String::new(),
        notification_url: String::new(),
        customer: Customer {
            id: "c1".to_owned(),
            address: None,
            min_age: None,
            kyc_level: None,
            country_restriction: None,
        },
        submerchant: None,
        shop_id: None,
        capture_window: Span::HOUR,
        capture,
        order_reference: None,
    }
}

fn created(request: PaymentRequest) -> Payment {
    let id: PaymentId = "pay_1000001978_t_EUR".parse().unwrap();
    let due_at = START.plus(PAYMENT_LIFETIME);
    Payment::create(id, Arc::new(request), due_at, START, Sequence(1))
}

fn waiting() -> Payment {
    created(request(CaptureMode::Manual))
}

fn serial(number: u64) -> Serial {
    Serial::new(1_000_000_000_000_000 + number).unwrap()
}

fn offer(number: u64, minor: i64) -> Offer {
    Offer {
        serial: serial(number),
        product: "00002".parse().unwrap(),
        country: "DE".parse().unwrap(),
        available: Amount::new(minor, Currency::EUR),
    }
}

fn apply(payment: Payment, change: &Change, at: Timestamp) -> Payment {
    let version = payment.version.next();
    payment.apply(change, at, version).unwrap()
}

/// Paid by two vouchers, 600 and 400.
fn authorized() -> Payment {
    let payment = waiting();
    let offers = [offer(1, 600), offer(2, 5_000)];
    let change = decide::authorize(&payment, &offers, FEE, START).unwrap();
    apply(payment, &change, START)
}

fn captured(payment: Payment, wanted: i64, finality: Finality) -> Payment {
    let change = decide::capture(&payment, Some(wanted), finality, FEE, START).unwrap();
    apply(payment, &change, START)
}

fn refund_id(name: &str) -> RefundId {
    format!("ref_1000001978_{name}_EUR").parse().unwrap()
}

fn refund_of(minor: i64) -> RefundRequest {
    RefundRequest {
        minor,
        customer_id: "c1".to_owned(),
        customer_email: None,
        submerchant: None,
        comment: None,
    }
}

fn refund_change(
    payment: &Payment,
    name: &str,
    minor: i64,
    now: Timestamp,
) -> Result<Change, Refusal> {
    let (id, request) = (refund_id(name), refund_of(minor));
    let shares = decide::refund_shares(payment, id, &request, now)?;
    let shares = shares.into_iter().map(|(source, minor)| RefundShare {
        source,
        minor,
        target: RefundTarget::SameVoucher,
    });
    Ok(Change::Refund {
        id,
        request,
        shares: shares.collect(),
        cause: crate::refund::RefundCause::Asked,
    })
}
