//! The merchant's own terms.

use axum::extract::State;
use payment::merchant::{Merchant, NotificationMode};

use crate::answer::{Answer, Result};
use crate::call::MerchantCall;
use crate::json::{Object, Warnings};
use crate::merchant::payment_request::{capture_mode, capture_window};
use crate::problem::{Subject, of};
use crate::state::ApiState;
use crate::wire;

/// Read the merchant's terms
///
/// Name, MIDs, submerchants, and what holds for payments that do not say otherwise.
#[utoipa::path(
    get,
    path = "/v1/merchant",
    tag = "Merchant",
    responses((status = 200, description = "The merchant", body = wire::merchant::Merchant)),
)]
pub async fn read_merchant(call: MerchantCall) -> Result<Answer> {
    Ok(Answer::ok(&wire::merchant::Merchant::of(&call.party)))
}

/// Change the merchant's settings
///
/// Sets what a merchant may set for itself; it holds for payments that are created from then on.
#[utoipa::path(
    patch,
    path = "/v1/merchant",
    tag = "Merchant",
    request_body = wire::requests::MerchantSettings,
    responses((status = 200, description = "The merchant", body = wire::merchant::Merchant)),
)]
pub async fn change_merchant(State(api): State<ApiState>, call: MerchantCall) -> Result<Answer> {
    call.refuse_idempotency_key()?;
    let mut warnings = Warnings::default();
    let mut object = Object::parse(call.json()?)?;
    let mut merchant = Merchant::clone(&call.party);
    if let Some(window) = capture_window(&mut object)? {
        merchant.capture_window = window;
    }
    if let Some(mode) = capture_mode(&mut object)? {
        merchant.capture = mode;
    }
    if let Some(mode) = notification(&mut object)? {
        merchant.notification = mode;
    }
    object.finish(&mut warnings);
    if merchant != *call.party {
        let saved = api.merchants.save(merchant.clone()).await;
        saved.map_err(|error| of(error, Subject::Account))?;
    }
    Ok(Answer::ok(&wire::merchant::Merchant::of(&merchant)).warn(warnings))
}

fn notification(object: &mut Object<'_>) -> Result<Option<NotificationMode>> {
    match object.text("notification")?.as_deref() {
        None => Ok(None),
        Some("classic") => Ok(Some(NotificationMode::Classic)),
        Some("off") => Ok(Some(NotificationMode::Off)),
        Some(_) => Err(object.invalid("notification", "must be classic or off")),
    }
}
