//! A refund as merchants see it.

use ids::object::{PaymentId, RefundId};
use ids::voucher::Serial;
use money::amount::Amount;
use money::currency::Currency;
use payment::refund::{RefundShare, RefundTarget};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::ApiState;
use crate::wire::{Decimal, Milliseconds, Shown};

/// A refund and where its value went.
#[derive(Serialize, ToSchema)]
pub struct Refund<'a> {
    /// Always `REFUND`.
    #[schema(example = "REFUND")]
    pub object: &'static str,
    #[schema(value_type = String, example = "ref_1000001978_x7uSbQ2hVxV1hCSyw2kzL5nTqQ0oXbRm_EUR")]
    pub id: Shown<RefundId>,
    #[schema(value_type = String, example = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR")]
    pub payment_id: Shown<PaymentId>,
    pub created: Milliseconds,
    pub updated: Milliseconds,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    pub amount: Decimal,
    pub status: RefundStatus,
    pub customer: RefundCustomer<'a>,
    #[schema(value_type = String, example = "EUR")]
    pub customer_currency: Shown<Currency>,
    pub customer_amount: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submerchant_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<&'a str>,
    /// Where the value went: one item for each voucher that paid. Empty while the refund is only validated.
    pub targets: Vec<Target>,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundStatus {
    /// Checked; no value has moved.
    ValidationSuccessful,
    /// The value is back.
    Success,
    /// Checked and not carried out within a day; final.
    Lapsed,
}

#[derive(Serialize, ToSchema)]
pub struct RefundCustomer<'a> {
    #[schema(example = "customer-4711")]
    pub id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "payer@mail.example")]
    pub email: Option<&'a str>,
}

/// One part of a refund.
#[derive(Serialize, ToSchema)]
pub struct Target {
    /// The voucher that paid.
    #[schema(value_type = String, example = "8199292804504933")]
    pub serial: Shown<Serial>,
    pub amount: Decimal,
    /// The voucher that the value went to, where the old one is closed for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh_voucher: Option<FreshVoucher>,
}

/// A voucher that was made for a refund.
#[derive(Serialize, ToSchema)]
pub struct FreshVoucher {
    #[schema(value_type = String, example = "7399292804504934")]
    pub serial: Shown<Serial>,
    /// The page on which the payer finds the PIN. Whoever has this address has the value: hand it to the payer alone.
    #[schema(
        example = "https://pay.example/refund/pay_1000001978_Huk_EUR/ref_1000001978_x7u_EUR?key=0f3a"
    )]
    pub claim_url: String,
}

impl<'a> Refund<'a> {
    pub fn of(
        refund: &'a payment::refund::Refund,
        payment: PaymentId,
        api: &ApiState,
    ) -> Refund<'a> {
        let request = &refund.request;
        let currency = payment.mid.currency;
        let amount = Decimal(Amount::new(request.minor, currency));
        let target = |share| Target::of(share, payment, refund.id, api);
        Refund {
            object: "REFUND",
            id: Shown(refund.id),
            payment_id: Shown(payment),
            created: refund.created_at.into(),
            updated: refund.updated_at.into(),
            currency: Shown(currency),
            amount,
            status: refund.status.into(),
            customer: RefundCustomer {
                id: &request.customer_id,
                email: request.customer_email.as_deref(),
            },
            customer_currency: Shown(currency),
            customer_amount: amount,
            submerchant_id: request.submerchant.as_deref(),
            comment: request.comment.as_deref(),
            targets: refund.shares.iter().map(target).collect(),
        }
    }
}

impl Target {
    fn of(share: &RefundShare, payment: PaymentId, refund: RefundId, api: &ApiState) -> Target {
        let fresh_voucher = match &share.target {
            RefundTarget::SameVoucher => None,
            RefundTarget::FreshVoucher { serial, .. } => Some(FreshVoucher {
                serial: Shown(*serial),
                claim_url: api.claim_url(payment, refund),
            }),
        };
        Target {
            serial: Shown(share.source),
            amount: Decimal(Amount::new(share.minor, payment.mid.currency)),
            fresh_voucher,
        }
    }
}

impl From<payment::refund::RefundStatus> for RefundStatus {
    fn from(status: payment::refund::RefundStatus) -> RefundStatus {
        match status {
            payment::refund::RefundStatus::ValidationSuccessful => {
                RefundStatus::ValidationSuccessful
            }
            payment::refund::RefundStatus::Success => RefundStatus::Success,
            payment::refund::RefundStatus::Lapsed => RefundStatus::Lapsed,
        }
    }
}
