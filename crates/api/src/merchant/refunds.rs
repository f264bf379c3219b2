//! Refunds: validate, carry out, read.

use accounting::fact::Fact;
use axum::extract::State;
use engine::service::merchant::{Freshness, PaymentReply};
use ids::object::{PaymentId, RefundId};
use payment::state::Change;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::{Answer, Result};
use crate::call::{At, MerchantCall};
use crate::json::Warnings;
use crate::merchant::explain::{Asked, explain};
use crate::merchant::payments::{PaymentPath, find};
use crate::merchant::refund_request::{self, Step};
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, of, unknown_payment};
use crate::state::ApiState;
use crate::wire;
use crate::wire::List;

/// The refund that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct RefundPath {
    /// The payment's id.
    #[param(example = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR")]
    pub id: String,
    /// The refund's id.
    #[param(example = "ref_1000001978_x7uSbQ2hVxV1hCSyw2kzL5nTqQ0oXbRm_EUR")]
    pub refund_id: String,
}

/// Refund a payment
///
/// Gives captured value back to the vouchers that paid; where one of them is closed for good, to a fresh voucher that
/// the payer collects at its `claim_url`. With `capture` false nothing moves yet: the refund is checked and waits.
#[utoipa::path(
    post,
    path = "/v1/payments/{id}/refunds",
    tag = "Refunds",
    params(PaymentPath),
    request_body = wire::requests::NewRefund,
    responses((status = 201, description = "The refund", body = wire::refund::Refund,
        headers(("Scrip-Log-Promise" = String, description = "The transparency log's promise for this command, in base64")))),
)]
pub async fn create_refund(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: MerchantCall,
) -> Result<Answer> {
    let payment: PaymentId = parse_payment(&path.id)?;
    let currency = payment.mid.currency;
    let new = refund_request::read(call.json()?, &call.party, currency)?;
    let id = api.merchants.refund_id(payment, call.correlation_id()?);
    let repeat = call.repeat(match new.step {
        Step::Validate => "validate",
        Step::CarryOut => "carry out",
    })?;
    let (merchant, request) = (call.party.id, new.request);
    let repeat = repeat.keyed_if(request.customer_email.is_some(), &api.vault);
    let asked = Asked::Refund {
        minor: request.minor,
    };
    let refund = |idempotency| {
        let (service, request) = (&api.merchants, request.clone());
        async move {
            match new.step {
                Step::Validate => {
                    service
                        .validate_refund(merchant, payment, id, request, idempotency)
                        .await
                }
                Step::CarryOut => {
                    service
                        .refund(merchant, payment, id, request, idempotency)
                        .await
                }
            }
        }
    };
    match repeat.ask(refund).await {
        Ok(reply) => answer(&api, reply, id, new.warnings).await,
        Err(error) => Err(explain(&api, payment, error, repeat, asked).await),
    }
}

/// Carry out a refund
///
/// Moves the value of a refund that was validated before. The body says nothing.
#[utoipa::path(
    post,
    path = "/v1/payments/{id}/refunds/{refund_id}/capture",
    tag = "Refunds",
    params(RefundPath),
    responses((status = 201, description = "The refund", body = wire::refund::Refund,
        headers(("Scrip-Log-Promise" = String, description = "The transparency log's promise for this command, in base64")))),
)]
pub async fn capture_refund(
    State(api): State<ApiState>,
    At(path): At<RefundPath>,
    call: MerchantCall,
) -> Result<Answer> {
    let (payment, id) = path.ids()?;
    let subject = Subject::Refund(payment.mid.currency);
    let found = find(&api, &call, payment, unknown_payment(subject)).await?;
    let refund = found.refund(id).ok_or_else(unknown_refund)?;
    let request = (*refund.request).clone();
    let asked = Asked::Refund {
        minor: request.minor,
    };
    let repeat = call.repeat("carry out")?;
    let reply = api
        .merchants
        .refund(call.party.id, payment, id, request, repeat.idempotency)
        .await;
    match reply {
        Ok(reply) => answer(&api, reply, id, Warnings::default()).await,
        Err(error) => Err(explain(&api, payment, error, repeat, asked).await),
    }
}

/// Read a refund
#[utoipa::path(
    get,
    path = "/v1/payments/{id}/refunds/{refund_id}",
    tag = "Refunds",
    params(RefundPath),
    responses((status = 200, description = "The refund", body = wire::refund::Refund)),
)]
pub async fn read_refund(
    State(api): State<ApiState>,
    At(path): At<RefundPath>,
    call: MerchantCall,
) -> Result<Answer> {
    let (payment, id) = path.ids()?;
    let unknown = unknown_payment(Subject::Refund(payment.mid.currency));
    let found = find(&api, &call, payment, unknown).await?;
    let refund = found.refund(id).ok_or_else(unknown_refund)?;
    Ok(Answer::ok(&wire::refund::Refund::of(refund, payment, &api)))
}

/// List the refunds of a payment
///
/// Oldest first.
#[utoipa::path(
    get,
    path = "/v1/payments/{id}/refunds",
    tag = "Refunds",
    params(PaymentPath),
    responses((status = 200, description = "The refunds", body = List<wire::refund::Refund>)),
)]
pub async fn list_refunds(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: MerchantCall,
) -> Result<Answer> {
    let payment = parse_payment(&path.id)?;
    let unknown = unknown_payment(Subject::Refund(payment.mid.currency));
    let found = find(&api, &call, payment, unknown).await?;
    let refunds = found.refunds.iter();
    let refunds = refunds.map(|refund| wire::refund::Refund::of(refund, payment, &api));
    Ok(Answer::ok(&List::whole(refunds.collect())))
}

impl RefundPath {
    fn ids(&self) -> Result<(PaymentId, RefundId)> {
        let payment = parse_payment(&self.id)?;
        let refund = self.refund_id.parse().map_err(|_| unknown_refund())?;
        Ok((payment, refund))
    }
}

async fn answer(
    api: &ApiState,
    reply: PaymentReply,
    asked: RefundId,
    warnings: Warnings,
) -> Result<Answer> {
    let id = match reply.freshness {
        Freshness::New => asked,
        Freshness::Replayed => recorded_refund(api, &reply).await?,
    };
    let refund = reply.payment.refund(id).ok_or_else(fault)?;
    let body = wire::refund::Refund::of(refund, reply.payment.id, api);
    Ok(Answer::created(&body)
        .replayed_if(reply.freshness)
        .promised(reply.promise)
        .warn(warnings))
}

/// The refund of a replayed command. Its id was drawn when the command was first carried out, so the entry tells it.
async fn recorded_refund(api: &ApiState, reply: &PaymentReply) -> Result<RefundId> {
    let entries = api
        .merchants
        .history(&reply.payment)
        .await
        .map_err(|error| of(error, Subject::Account))?;
    match entries.last().map(|entry| entry.fact()) {
        Some(Fact::PaymentChanged {
            change: Change::ValidateRefund { id, .. } | Change::Refund { id, .. },
            ..
        }) => Ok(*id),
        _ => Err(fault()),
    }
}

fn parse_payment(text: &str) -> Result<PaymentId> {
    text.parse()
        .map_err(|_| kinds::REFUND_MISSING_TRANSACTION.refused())
}

fn unknown_refund() -> Refused {
    kinds::UNKNOWN_TRANSACTION.because("The payment has no such refund.")
}

fn fault() -> Refused {
    kinds::GENERAL_TECHNICAL_ERROR
        .because("The answer could not be written. Read the payment's refunds.")
        .perhaps_applied()
}
