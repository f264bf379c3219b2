//! Payouts go to accounts, and there are none yet: what is asked is answered truly, and nothing is applied.

use axum::extract::State;
use ids::party::Mid;
use money::currency::Currency;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::{Answer, Result};
use crate::call::{At, MerchantCall};
use crate::problem::catalogue as kinds;
use crate::state::ApiState;
use crate::wire::payout::PayoutLimits;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct PayoutPath {
    /// The payout's id.
    #[param(example = "out_1000001978_x7uSbQ2hVxV1hCSyw2kzL5nTqQ0oXbRm_EUR")]
    pub id: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct LimitsPath {
    /// A currency of the merchant.
    #[param(example = "EUR", min_length = 3, max_length = 6)]
    pub currency: String,
}

/// Pay out to an account
///
/// Always refused: accounts are not enabled on this platform.
#[utoipa::path(
    post,
    path = "/v1/payouts",
    tag = "Payouts",
    responses((status = 201, description = "Never: accounts are not enabled")),
)]
pub async fn create_payout(_call: MerchantCall) -> Result<Answer> {
    Err(kinds::PAYOUT_NOT_ALLOWED.refused())
}

/// Read a payout
///
/// There are none: accounts are not enabled on this platform.
#[utoipa::path(
    get,
    path = "/v1/payouts/{id}",
    tag = "Payouts",
    params(PayoutPath),
    responses((status = 200, description = "Never: accounts are not enabled")),
)]
pub async fn read_payout(At(_path): At<PayoutPath>, _call: MerchantCall) -> Result<Answer> {
    Err(kinds::UNKNOWN_TRANSACTION.because("There is no such payout: accounts are not enabled."))
}

/// Carry out a payout
///
/// There are none: accounts are not enabled on this platform.
#[utoipa::path(
    post,
    path = "/v1/payouts/{id}/capture",
    tag = "Payouts",
    params(PayoutPath),
    responses((status = 200, description = "Never: accounts are not enabled")),
)]
pub async fn capture_payout(At(_path): At<PayoutPath>, _call: MerchantCall) -> Result<Answer> {
    Err(kinds::UNKNOWN_TRANSACTION.because("There is no such payout: accounts are not enabled."))
}

/// Read all payout limits
///
/// One item for each MID of the merchant. All limits are zero: accounts are not enabled on this platform.
#[utoipa::path(
    get,
    path = "/v1/payouts/limits",
    tag = "Payouts",
    responses((status = 200, description = "The limits", body = Vec<PayoutLimits>)),
)]
pub async fn list_payout_limits(call: MerchantCall) -> Result<Answer> {
    let currencies = call.party.currencies.iter();
    let limits: Vec<PayoutLimits> = currencies
        .map(|currency| limits(&call, *currency))
        .collect();
    Ok(Answer::ok(&limits))
}

/// Read the payout limits of a MID
///
/// All limits are zero: accounts are not enabled on this platform.
#[utoipa::path(
    get,
    path = "/v1/payouts/limits/{currency}",
    tag = "Payouts",
    params(LimitsPath),
    responses((status = 200, description = "The limits", body = PayoutLimits)),
)]
pub async fn read_payout_limits(
    State(_api): State<ApiState>,
    At(path): At<LimitsPath>,
    call: MerchantCall,
) -> Result<Answer> {
    let code = once(&path.currency);
    let enabled = call.party.currencies.iter();
    let currency = enabled.copied().find(|currency| currency.code() == code);
    let currency = currency.ok_or_else(|| kinds::CURRENCY_NOT_ENABLED.refused().at("currency"))?;
    Ok(Answer::ok(&limits(&call, currency)))
}

fn limits(call: &MerchantCall, currency: Currency) -> PayoutLimits {
    PayoutLimits::none(Mid {
        merchant: call.party.id,
        currency,
    })
}

/// paysafecard's own client appends the currency twice: `EUREUR` means `EUR`.
fn once(text: &str) -> &str {
    match text.split_at_checked(text.len() / 2) {
        Some((first, second)) if first == second => first,
        Some(_) | None => text,
    }
}
