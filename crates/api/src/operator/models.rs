//! Models: listed with how they do, taken from files, promoted, and rolled back.

use std::str::FromStr;

use axum::extract::State;
use engine::service::person::Scope;
use risk::model::artifact::ModelHash;
use risk::model::registry::Command;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Answer, Result};
use crate::call::{At, Upload};
use crate::operator::{PersonCall, unchanged};
use crate::problem::invalid;
use crate::state::ApiState;
use crate::wire::model::{Models, RuleTerms};

/// The model that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ModelPath {
    /// The SHA-256 of the model's file, 64 hexadecimal digits.
    pub model: String,
}

/// What is to become of a model.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelAction {
    #[schema(inline)]
    pub action: ActionWord,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActionWord {
    /// It decides from now on.
    Promote,
    /// It is asked alongside from now on, and decides nothing.
    Challenge,
    /// It is asked alongside no more.
    Withdraw,
    /// It leaves the list; decisions that it made can be replayed all the same.
    Retire,
}

/// List the models and how they do
///
/// With the main figures of their reports, and with what the newest attempts and labels say of the one that decides. Needs
/// the scope `models`.
#[utoipa::path(
    get,
    path = "/v1/operator/models",
    tag = "Operators",
    responses((status = 200, description = "All models", body = Models)),
)]
pub async fn list_models(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.require(Scope::Models)?;
    answer(&api).await
}

/// Register a model file
///
/// The body is a model file of Scrip, of at most 8 MiB. What is damaged, or was trained on other facts, is refused. A
/// registered model does nothing until it is promoted or challenges. Needs the scope `models`.
#[utoipa::path(
    post,
    path = "/v1/operator/models",
    tag = "Operators",
    request_body(content = String, content_type = "application/octet-stream", description = "The model file"),
    responses((status = 200, description = "All models as they are now", body = Models)),
)]
pub async fn register_model(State(api): State<ApiState>, upload: Upload) -> Result<Answer> {
    let file = file(&upload)?;
    let registered = api.analysts.register_model(upload.call.actor(), file).await;
    registered.map_err(unchanged)?;
    answer(&api).await
}

/// Import a model that another program trained
///
/// The body is a LightGBM text model or an XGBoost JSON model, of at most 8 MiB, whose features have the names of facts.
/// Calibration and thresholds come from what is known of past payments; while that is too little, it keeps its own
/// probabilities and has no thresholds. Needs the scope `models`.
#[utoipa::path(
    post,
    path = "/v1/operator/models/import",
    tag = "Operators",
    request_body(content = String, content_type = "application/octet-stream", description = "What `save_model` wrote"),
    responses((status = 200, description = "All models as they are now", body = Models)),
)]
pub async fn import_model(State(api): State<ApiState>, upload: Upload) -> Result<Answer> {
    let file = file(&upload)?;
    let imported = api.analysts.import_model(upload.call.actor(), file).await;
    imported.map_err(unchanged)?;
    answer(&api).await
}

/// Promote a model, have it challenge, withdraw it or retire it
///
/// Needs the scope `models`.
#[utoipa::path(
    post,
    path = "/v1/operator/models/{model}",
    tag = "Operators",
    params(ModelPath),
    request_body = ModelAction,
    responses((status = 200, description = "All models as they are now", body = Models)),
)]
pub async fn change_model(
    State(api): State<ApiState>,
    At(path): At<ModelPath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Models)?;
    let model =
        ModelHash::from_str(&path.model).map_err(|error| invalid("model", error.to_string()))?;
    let body: ModelAction = call.read()?;
    let command = match body.action {
        ActionWord::Promote => Command::Promote {
            model,
            person: person(&call),
        },
        ActionWord::Challenge => Command::Challenge { model },
        ActionWord::Withdraw => Command::Withdraw { model },
        ActionWord::Retire => Command::Retire { model },
    };
    change(&api, &call, command).await
}

/// Bring the champion before back
///
/// Needs the scope `models`.
#[utoipa::path(
    post,
    path = "/v1/operator/models/roll-back",
    tag = "Operators",
    responses((status = 200, description = "All models as they are now", body = Models)),
)]
pub async fn roll_back(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.may_change(Scope::Models)?;
    let person = person(&call);
    change(&api, &call, Command::RollBack { person }).await
}

/// Say when a challenger becomes champion without a person
///
/// Needs the scope `models`.
#[utoipa::path(
    put,
    path = "/v1/operator/models/rule",
    tag = "Operators",
    request_body = RuleTerms,
    responses((status = 200, description = "All models as they are now", body = Models)),
)]
pub async fn set_promotion_rule(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.may_change(Scope::Models)?;
    let terms: RuleTerms = call.read()?;
    let rule = Some(terms.rule());
    change(&api, &call, Command::SetRule { rule }).await
}

/// Leave every promotion to people
///
/// Needs the scope `models`.
#[utoipa::path(
    delete,
    path = "/v1/operator/models/rule",
    tag = "Operators",
    responses((status = 200, description = "All models as they are now", body = Models)),
)]
pub async fn drop_promotion_rule(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.may_change(Scope::Models)?;
    change(&api, &call, Command::SetRule { rule: None }).await
}

async fn change(api: &ApiState, call: &PersonCall, command: Command) -> Result<Answer> {
    let changed = api.analysts.change_models(call.actor(), command).await;
    changed.map_err(unchanged)?;
    answer(api).await
}

async fn answer(api: &ApiState) -> Result<Answer> {
    let overview = api.analysts.models().await.map_err(unchanged)?;
    Ok(Answer::ok(&Models::of(&overview)))
}

fn file(upload: &Upload) -> Result<Vec<u8>> {
    upload.call.may_change(Scope::Models)?;
    upload.octets().map(<[u8]>::to_vec)
}

/// Whose word a change is, as the registry keeps it.
fn person(call: &PersonCall) -> String {
    let person = &call.party;
    format!("{} ({})", person.name, person.id)
}
