//! The settings of judging: read and changed.

use axum::extract::State;
use engine::service::person::Scope;

use crate::answer::{Answer, Result};
use crate::operator::{PersonCall, unchanged};
use crate::problem::invalid;
use crate::state::ApiState;
use crate::wire::risk_settings::{SettingsChange, SettingsWord};

/// Read the settings of judging
///
/// Needs the scope `models`.
#[utoipa::path(
    get,
    path = "/v1/operator/risk-settings",
    tag = "Operators",
    responses((status = 200, description = "The settings in force", body = SettingsWord)),
)]
pub async fn read_risk_settings(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.require(Scope::Models)?;
    answer(&api).await
}

/// Change the settings of judging
///
/// What is left out stays as it is. Needs the scope `models`.
#[utoipa::path(
    patch,
    path = "/v1/operator/risk-settings",
    tag = "Operators",
    request_body = SettingsChange,
    responses((status = 200, description = "The settings in force", body = SettingsWord)),
)]
pub async fn change_risk_settings(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.may_change(Scope::Models)?;
    let change: SettingsChange = call.read()?;
    let change = change.checked().map_err(|number| {
        invalid(
            "merchants",
            format!("{number} is no merchant's number: seven digits, such as 1000001"),
        )
    })?;
    let changed = api
        .analysts
        .change_settings(call.actor(), |settings| change.make(settings));
    changed.await.map_err(unchanged)?;
    answer(&api).await
}

async fn answer(api: &ApiState) -> Result<Answer> {
    let current = api.analysts.current().await.map_err(unchanged)?;
    Ok(Answer::ok(&SettingsWord::of(&current.settings)))
}
