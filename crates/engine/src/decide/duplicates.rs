//! The second payment of one order.

use accounting::fact::Fact;
use ids::time::Timestamp;
use payment::decide::{self, Refusal as PaymentRefusal};
use payment::duplicate::{DuplicateResponse, Remedy, require_duplicate};
use payment::payment::Payment;
use payment::refund::{RefundCause, RefundRequest};
use payment::state::Canceler;
use store::fold::Rows;
use store::snapshot::Snapshot;

use crate::command::{NewRefund, SecondPayment};
use crate::decide::payments::{releasing, unaided};
use crate::decide::refunds::give_back;
use crate::error::Refusal;

/// Does the next thing that the merchant's terms ask for: a return takes two steps where a part was captured.
pub fn resolve(rows: &Snapshot, second: &SecondPayment, now: Timestamp) -> Result<Fact, Refusal> {
    let later = rows.payment(second.id).ok_or(Refusal::UnknownPayment)?;
    let earlier = rows.payment(second.of).ok_or(Refusal::UnknownPayment)?;
    let merchant = rows
        .merchant(second.id.mid.merchant)
        .ok_or(Refusal::UnknownMerchant)?;
    let terms = merchant.duplicates;
    match (terms.response, later.duplicate.map(|found| found.remedy)) {
        (DuplicateResponse::Off, _) => Err(PaymentRefusal::NotDuplicate.into()),
        // What was done about it stays, whatever the terms say now.
        (DuplicateResponse::Flag | DuplicateResponse::Return, Some(Remedy::Flagged))
        | (DuplicateResponse::Flag, Some(Remedy::Returned)) => {
            Err(PaymentRefusal::DuplicateResolved.into())
        }
        (DuplicateResponse::Flag, None) => {
            require_duplicate(earlier, later, terms.window)?;
            let change = decide::flag_duplicate(later, second.of)?;
            Ok(unaided(later.id, change))
        }
        (DuplicateResponse::Return, None) => {
            require_duplicate(earlier, later, terms.window)?;
            give_all_back(rows, later, second, now)
        }
        (DuplicateResponse::Return, Some(Remedy::Returned)) => {
            give_all_back(rows, later, second, now)
        }
    }
}

/// What is held first, then what was captured.
fn give_all_back(
    rows: &Snapshot,
    payment: &Payment,
    second: &SecondPayment,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    if 0 < payment.held() {
        let change = decide::cancel(payment, Canceler::DuplicateOf(second.of))?;
        return Ok(releasing(payment, change));
    }
    let minor = payment.captured() - payment.refunded();
    if minor == 0 {
        return Err(PaymentRefusal::DuplicateResolved.into());
    }
    let refund = NewRefund {
        payment: payment.id,
        id: second.refund,
        request: RefundRequest {
            minor,
            customer_id: payment.request.customer.id.clone(),
            customer_email: None,
            submerchant: None,
            comment: None,
        },
        replacements: second.replacements.clone(),
    };
    give_back(
        rows,
        &refund,
        RefundCause::DuplicateOf(Box::new(second.of)),
        now,
    )
}
