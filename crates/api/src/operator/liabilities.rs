//! A statement of what the issuer owes, when one of its people asks for it.

use accounting::entry::Actor;
use axum::extract::State;
use engine::liabilities::publishing::Published;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Answer, Result};
use crate::liabilities::{NOTHING_STATED, desk, fault};
use crate::operator::PersonCall;
use crate::state::ApiState;
use crate::wire::liabilities::Older;
use crate::wire::problem::ProblemBody;

/// Where the newest statement is.
#[derive(Serialize, ToSchema)]
pub struct StatedBody {
    #[serde(flatten)]
    pub statement: Older,
    /// False where nothing was written since the statement before, or another node was faster.
    pub is_new: bool,
}

/// State what is owed
///
/// Counts what the issuer owes after the last entry and publishes it. It happens once a day by itself. Any of the issuer's
/// people may ask for it.
#[utoipa::path(
    post,
    path = "/v1/operator/liabilities",
    tag = "Operators",
    responses(
        (status = 200, description = "Where the statement is", body = StatedBody),
        (status = 404, description = NOTHING_STATED, body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub async fn state_liabilities(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    let published = desk(&api)?.publish(Actor::Person(call.party.id)).await;
    let published = published.map_err(fault)?;
    Ok(Answer::ok(&StatedBody {
        statement: Older::from(published.shown()),
        is_new: matches!(published, Published::Now(_)),
    }))
}
