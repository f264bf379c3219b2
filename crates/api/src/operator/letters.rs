//! Letters to owners of vouchers that could not be delivered.

use axum::extract::State;
use engine::service::person::Scope;
use serde::Serialize;
use store::failure::Failure;
use store::outbox::{GivenUp, MessageId, Outcome, Recipient, Resend};
use utoipa::ToSchema;

use crate::answer::{Answer, Result};
use crate::call::At;
use crate::operator::PersonCall;
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, invalid, of};
use crate::query::Query;
use crate::state::ApiState;
use crate::webhook::message::{message_id_text, parse_message_id};
use crate::wire::{List, Milliseconds};

/// Letters on one page.
const PAGE_SIZE: usize = 200;

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
/// Letters to owners of vouchers that were given up, newest first, 200 on a page: refused for good by the mail server, or
/// not taken for days. Each is an open matter: its owner was not told. A letter that nobody waits for any more is not
/// listed, such as one to an address that was removed. `POST /v1/operator/letters/{id}/resend` sends one again. Needs the scope `reviews`.
#[utoipa::path(
    get,
    path = "/v1/operator/letters",
    tag = "Operators",
    params(
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", pattern = "^msg_[0-9]{1,18}$"),
    ),
    responses((status = 200, description = "What did not arrive", body = List<UndeliveredLetter>)),
)]
pub async fn list_letters(State(api): State<ApiState>, call: PersonCall) -> Result<Answer> {
    call.require(Scope::Reviews)?;
    let mut query = Query::parse(call.query());
    let cursor = query.text("cursor")?;
    query.finish()?;
    let wrong = || invalid("cursor", "must be the next_cursor of a page");
    let before = cursor.map(|text| parse_message_id(&text).ok_or_else(wrong));
    let found = api.outbox.letters_given_up(before.transpose()?, PAGE_SIZE);
    let found = found.await.map_err(failed)?;
    let last = found.get(PAGE_SIZE - 1);
    let next = last.map(|(message, _)| message_id_text(message.id));
    let letters = found.into_iter().filter_map(UndeliveredLetter::of);
    Ok(Answer::ok(&List::page(letters.collect(), next)))
}

/// Send a letter again
///
/// One that was given up. It goes to the address that it was written for, if that is still left with the voucher and
/// confirmed, and keeps its `Message-ID`. It is tried once at least, and as often as it was not tried yet;
/// if that fails as well, it stands in the list again. Of two people who send it again at the same moment one is told that
/// there is no such letter any more. Needs the scope `reviews`.
#[utoipa::path(
    post,
    path = "/v1/operator/letters/{id}/resend",
    tag = "Operators",
    params(("id" = String, Path, description = "The letter", example = "msg_17")),
    responses((status = 200, description = "The letter, which is on its way", body = UndeliveredLetter)),
)]
pub async fn resend_letter(
    State(api): State<ApiState>,
    At(id): At<String>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Reviews)?;
    let id = parse_message_id(&id).ok_or_else(unknown)?;
    let behind = MessageId(id.0.checked_add(1).ok_or_else(unknown)?);
    let found = api.outbox.letters_given_up(Some(behind), 1).await;
    let found = found.map_err(failed)?.into_iter().next();
    let (message, last) = found.filter(|(it, _)| it.id == id).ok_or_else(unknown)?;
    let recipient = message.content.recipient;
    let again = api
        .outbox
        .resend(recipient, id, Resend::IfGivenUp, api.clock.now())
        .await;
    if !again.map_err(failed)? {
        return Err(unknown());
    }
    tracing::info!(person.id = %call.party.id, message.id = id.0, "a letter is sent again");
    let letter = UndeliveredLetter::of((message, last)).ok_or_else(unknown)?;
    Ok(Answer::ok(&letter))
}

fn failed(failure: Failure) -> Refused {
    of(failure.into(), Subject::Account)
}

fn unknown() -> Refused {
    kinds::NOT_FOUND
        .because("There is no such letter that was given up. GET /v1/operator/letters lists them.")
}

impl UndeliveredLetter {
    fn of((message, last): GivenUp) -> Option<UndeliveredLetter> {
        let Recipient::Owner(serial) = message.content.recipient else {
            return None;
        };
        let (answered, reason) = match last.map(|last| last.outcome) {
            Some(Outcome::Answered(status)) => (Some(status), None),
            Some(Outcome::Unreachable(reason)) => (None, Some(reason)),
            None => (None, None),
        };
        Some(UndeliveredLetter {
            object: "undelivered_letter",
            id: message_id_text(message.id),
            serial: serial.to_string(),
            event: message.content.event,
            created: message.content.created_at.into(),
            attempt_count: message.attempts,
            answered,
            reason,
        })
    }
}
