//! Payments: create, read, cancel.

use std::sync::Arc;

use axum::extract::State;
use ids::object::PaymentId;
use serde::Deserialize;
use utoipa::IntoParams;
use vault::random::random_token;

use crate::answer::{Answer, Result};
use crate::call::{At, MerchantCall};
use crate::merchant::explain::{Asked, explain};
use crate::merchant::payment_request;
use crate::problem::{Refused, Subject, of, unknown_payment};
use crate::state::ApiState;
use crate::wire;

/// The payment that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct PaymentPath {
    /// The payment's id.
    #[param(example = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR")]
    pub id: String,
}

impl PaymentPath {
    /// The id; a text that is none names no payment.
    pub fn payment(&self) -> Result<PaymentId> {
        self.id
            .parse()
            .map_err(|_| unknown_payment(Subject::Account))
    }
}

/// Create a payment
///
/// Answers with the payment in state `INITIATED`; send the payer's browser to `redirect.auth_url`. The payer then has
/// 30 minutes.
#[utoipa::path(
    post,
    path = "/v1/payments",
    tag = "Payments",
    request_body = wire::requests::NewPayment,
    responses((status = 201, description = "The payment", body = wire::payment::Payment,
        headers(("Scrip-Log-Promise" = String, description = "The transparency log's promise for this command, in base64")))),
)]
pub async fn create_payment(State(api): State<ApiState>, call: MerchantCall) -> Result<Answer> {
    let token = call.correlation_id()?.unwrap_or_else(random_token);
    let (request, mut warnings) = payment_request::read(call.json()?, &call.party, token)?;
    payment_request::warn_of_target(&request.notification_url, api.targets, &mut warnings);
    let subject = Subject::Payment(request.amount.currency);
    let repeat = call.repeat("create")?;
    let repeat = repeat.keyed_if(request.customer.address.is_some(), &api.vault);
    let create = |idempotency| {
        let request = request.clone();
        api.merchants
            .create_payment(call.party.id, Some(token), request, idempotency)
    };
    let reply = repeat.ask(create).await;
    let reply = reply.map_err(|error| repeat.refused(error, subject))?;
    let body = wire::payment::Payment::of(&reply.payment, &api);
    Ok(Answer::created(&body)
        .replayed_if(reply.freshness)
        .promised(reply.promise)
        .warn(warnings))
}

/// Read a payment
///
/// Never stale: once a command was answered, its effect is here.
#[utoipa::path(
    get,
    path = "/v1/payments/{id}",
    tag = "Payments",
    params(PaymentPath),
    responses((status = 200, description = "The payment", body = wire::payment::Payment)),
)]
pub async fn read_payment(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: MerchantCall,
) -> Result<Answer> {
    let payment = find(
        &api,
        &call,
        path.payment()?,
        unknown_payment(Subject::Account),
    )
    .await?;
    Ok(Answer::ok(&wire::payment::Payment::of(&payment, &api)))
}

/// Cancel a payment
///
/// Ends a payment that is not captured. What is held goes back to the vouchers at once; where part was captured, the
/// payment ends in `SUCCESS` and the rest goes back.
#[utoipa::path(
    post,
    path = "/v1/payments/{id}/cancel",
    tag = "Payments",
    params(PaymentPath),
    responses((status = 200, description = "The payment", body = wire::payment::Payment,
        headers(("Scrip-Log-Promise" = String, description = "The transparency log's promise for this command, in base64")))),
)]
pub async fn cancel_payment(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: MerchantCall,
) -> Result<Answer> {
    let id = path.payment()?;
    let repeat = call.repeat("cancel")?;
    let canceled = api
        .merchants
        .cancel(call.party.id, id, repeat.idempotency)
        .await;
    let reply = match canceled {
        Ok(reply) => reply,
        Err(error) => return Err(explain(&api, id, error, repeat, Asked::Cancel).await),
    };
    let body = wire::payment::Payment::of(&reply.payment, &api);
    Ok(Answer::ok(&body)
        .replayed_if(reply.freshness)
        .promised(reply.promise))
}

/// A payment of the caller, or the answer that there is none.
pub async fn find(
    api: &ApiState,
    call: &MerchantCall,
    id: PaymentId,
    unknown: Refused,
) -> Result<Arc<payment::payment::Payment>> {
    api.merchants
        .payment(call.party.id, id)
        .await
        .map_err(|error| of(error, Subject::Account))?
        .ok_or(unknown)
}
