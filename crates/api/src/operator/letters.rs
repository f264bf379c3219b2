//! Letters to owners of vouchers that could not be delivered.

use axum::extract::State;
use engine::service::person::Scope;
use serde::Serialize;
use store::outbox::{Message, Outcome, Recipient};
use utoipa::ToSchema;

use crate::answer::{Answer, Result};
use crate::operator::PersonCall;
use crate::problem::{Subject, of};
use crate::state::ApiState;
use crate::webhook::message::message_id_text;
use crate::wire::{List, Milliseconds};

/// Letters in one answer at most.
const LETTERS_MAX: usize = 200;

/// A letter that did not arrive and will not be sent again. It is shown without its address.
#[derive(Serialize, ToSchema)]
pub struct UndeliveredLetter {
    pub object: &'static str,
    pub id: String,
    /// The voucher whose owner was to be told.
    pub serial: String,
    /// What it was about, as in `owner.frozen`.
    pub event: String,
    pub created: Milliseconds,
    pub attempt_count: u32,
    /// The number that the mail server answered last; absent where it did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<u16>,
    /// Why there was no answer, or why the letter was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// List the letters that did not arrive
///
/// The newest 200 letters to owners of vouchers that were given up: refused for good by the mail server, or not taken for
/// days. Each is an open matter: its owner was not told. Needs the scope `reviews`.
#[utoipa::path(
    get,
    path = "/v1/operator/letters",
    tag = "Operators",
    responses((status = 200, description = "What did not arrive", body = List<UndeliveredLetter>)),
)]
pub async fn list_letters(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.require(Scope::Reviews)?;
    let failed = |failure: store::failure::Failure| of(failure.into(), Subject::Account);
    let messages = api.outbox.letters_given_up(None, LETTERS_MAX).await;
    let mut letters = Vec::new();
    for message in messages.map_err(failed)? {
        let found = api.outbox.message(message.content.recipient, message.id);
        let attempts = found.await.map_err(failed)?.map(|(_, attempts)| attempts);
        let last = attempts.and_then(|attempts| attempts.into_iter().next_back());
        letters.extend(UndeliveredLetter::of(
            &message,
            last.map(|last| last.outcome),
        ));
    }
    Ok(Answer::ok(&List::whole(letters)))
}

impl UndeliveredLetter {
    fn of(message: &Message, last: Option<Outcome>) -> Option<UndeliveredLetter> {
        let Recipient::Owner(serial) = message.content.recipient else {
            return None;
        };
        let (answered, reason) = match last {
            Some(Outcome::Answered(status)) => (Some(status), None),
            Some(Outcome::Unreachable(reason)) => (None, Some(reason)),
            None => (None, None),
        };
        Some(UndeliveredLetter {
            object: "undelivered_letter",
            id: message_id_text(message.id),
            serial: serial.to_string(),
            event: message.content.event.clone(),
            created: message.content.created_at.into(),
            attempt_count: message.attempts,
            answered,
            reason,
        })
    }
}
