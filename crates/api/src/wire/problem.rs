//! The body of an error answer, as the OpenAPI document describes it; [`web::problem::Problem`] writes it.

use ids::object::PaymentId;
use money::amount::Amount;
use money::currency::Currency;
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::payment::Status;
use crate::wire::{Decimal, Shown};

/// An error: paysafecard's `code`, `message`, `number` and `param`, and problem details after RFC 9457.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Where this kind of error is documented.
    #[schema(example = "/docs/errors#payment_invalid_state")]
    pub r#type: String,
    /// The same for every occurrence of the kind.
    #[schema(example = "Payment is in an invalid state")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// What happened here, and what to do.
    #[schema(example = "The payment is SUCCESS.")]
    pub detail: String,
    /// The name of this occurrence.
    pub instance: Option<String>,
    /// The kind of error; it never changes.
    #[schema(example = "payment_invalid_state")]
    pub code: String,
    #[schema(example = "Payment is in an invalid state")]
    pub message: String,
    /// paysafecard's number; numbers from 9000 are Scrip's own.
    #[schema(example = 2017)]
    pub number: u32,
    /// The member, parameter or header that is at fault.
    pub param: Option<String>,
    /// False: nothing was applied. Null: it is not known, so ask again with the same idempotency key.
    #[schema(required = true)]
    pub applied: Option<bool>,
    /// How the payment stands, where that is why a capture, a cancellation or a refund was refused.
    pub payment: Option<PaymentStanding>,
}

/// What a shop needs to know of a payment when the answer to its command was lost.
#[derive(Serialize, ToSchema)]
pub struct PaymentStanding {
    #[schema(value_type = String, example = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR")]
    pub id: Shown<PaymentId>,
    pub status: Status,
    pub amount: Decimal,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    pub captured_amount: Decimal,
    pub refunded_amount: Decimal,
    /// The place in the journal of the last change of the payment.
    #[schema(example = 42)]
    pub sequence: u64,
}

impl PaymentStanding {
    pub fn of(payment: &payment::payment::Payment) -> PaymentStanding {
        let currency = payment.request.amount.currency;
        let decimal = |minor| Decimal(Amount::new(minor, currency));
        PaymentStanding {
            id: Shown(payment.id),
            status: payment.status.into(),
            amount: Decimal(payment.request.amount),
            currency: Shown(currency),
            captured_amount: decimal(payment.captured()),
            refunded_amount: decimal(payment.refunded()),
            sequence: payment.version.0,
        }
    }
}
