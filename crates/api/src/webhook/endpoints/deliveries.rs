//! `/v1/webhook/deliveries`: every message to the merchant, classic notifications too.

use axum::extract::State;
use ids::party::MerchantId;
use store::failure::Failure;
use store::outbox::{Message, MessageId, Outbox, Resend};

use crate::answer::{Answer, Result};
use crate::call::{At, MerchantCall};
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, invalid, of};
use crate::query::Query;
use crate::state::ApiState;
use crate::webhook::endpoints::body::{DeliveryBody, DeliveryDetailBody, DeliveryStatus};
use crate::webhook::message::{message_id_text, parse_message_id};
use crate::wire::List;

/// Deliveries on one page at most.
pub const PAGE_SIZE_MAX: usize = 200;
const PAGE_SIZE: usize = 50;
/// Deliveries that are looked through for one page of a status.
const SIFTED_MAX: usize = 2_000;

/// List deliveries
///
/// Newest first. Those that are `GAVE_UP` are open matters: what they tell never arrived, and sending them again closes
/// them. A page of one status may hold fewer than were asked for; it is the last one where it has no `next_cursor`.
#[utoipa::path(
    get,
    path = "/v1/webhook/deliveries",
    tag = "Webhooks",
    params(
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before", pattern = "^msg_[0-9]{1,18}$"),
        ("status" = Option<String>, Query, description = "Deliveries that are so", pattern = "^(PENDING|DELIVERED|GAVE_UP)$"),
        ("page_size" = Option<u32>, Query, description = "Deliveries on the page", minimum = 1, maximum = 200),
    ),
    responses((status = 200, description = "A page of the log", body = List<DeliveryBody>))
)]
pub async fn list_deliveries(State(api): State<ApiState>, call: MerchantCall) -> Result<Answer> {
    let mut query = Query::parse(call.query());
    let cursor = query.text("cursor")?;
    let status = status(&mut query)?;
    let page_size = query
        .value("page_size", "a whole number of 1 to 200")?
        .unwrap_or(PAGE_SIZE);
    query.finish()?;
    if !(1..=PAGE_SIZE_MAX).contains(&page_size) {
        return Err(invalid("page_size", "must be a whole number of 1 to 200"));
    }
    let before = match cursor {
        Some(text) => Some(
            parse_message_id(&text)
                .ok_or_else(|| invalid("cursor", "must be the next_cursor of a page"))?,
        ),
        None => None,
    };
    let merchant = call.party.id;
    let outbox = api.outbox.as_ref();
    let page = match status {
        None => {
            let messages = outbox.messages(merchant.into(), before, page_size).await;
            page(&messages.map_err(failed)?, page_size)
        }
        Some(status) => sift(outbox, merchant, before, page_size, status).await?,
    };
    Ok(Answer::ok(&page))
}

/// Read a delivery with its attempts
#[utoipa::path(
    get,
    path = "/v1/webhook/deliveries/{id}",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The delivery", example = "msg_17")),
    responses((status = 200, description = "The delivery", body = DeliveryDetailBody))
)]
pub async fn read_delivery(
    State(api): State<ApiState>,
    At(id): At<String>,
    call: MerchantCall,
) -> Result<Answer> {
    Ok(Answer::ok(&detail(&api, &call, &id).await?))
}

/// Send a delivery again
///
/// Whatever became of it before. It keeps its id and its number, so that the receiver knows it.
#[utoipa::path(
    post,
    path = "/v1/webhook/deliveries/{id}/resend",
    tag = "Webhooks",
    params(("id" = String, Path, description = "The delivery", example = "msg_17")),
    responses((status = 200, description = "The delivery, which is on its way", body = DeliveryDetailBody))
)]
pub async fn resend_delivery(
    State(api): State<ApiState>,
    At(id): At<String>,
    call: MerchantCall,
) -> Result<Answer> {
    call.refuse_idempotency_key()?;
    let message = parse_message_id(&id).ok_or_else(unknown)?;
    let exists = api
        .outbox
        .resend(
            call.party.id.into(),
            message,
            Resend::Always,
            api.clock.now(),
        )
        .await
        .map_err(failed)?;
    if !exists {
        return Err(unknown());
    }
    Ok(Answer::ok(&detail(&api, &call, &id).await?))
}

async fn detail(api: &ApiState, call: &MerchantCall, id: &str) -> Result<DeliveryDetailBody> {
    let id = parse_message_id(id).ok_or_else(unknown)?;
    let found = api.outbox.message(call.party.id.into(), id).await;
    let (message, attempts) = found.map_err(failed)?.ok_or_else(unknown)?;
    Ok(DeliveryDetailBody::new(&message, &attempts))
}

/// A page of one status, from at most [`SIFTED_MAX`] messages.
async fn sift(
    outbox: &dyn Outbox,
    merchant: MerchantId,
    mut before: Option<MessageId>,
    page_size: usize,
    status: DeliveryStatus,
) -> Result<List<DeliveryBody>> {
    let mut found = Vec::new();
    for _ in 0..SIFTED_MAX / PAGE_SIZE_MAX {
        let messages = outbox
            .messages(merchant.into(), before, PAGE_SIZE_MAX)
            .await;
        let messages = messages.map_err(failed)?;
        for message in &messages {
            before = Some(message.id);
            if DeliveryStatus::of(message.status) == status {
                found.push(DeliveryBody::new(message));
            }
            if found.len() == page_size {
                return Ok(List::page(found, before.map(message_id_text)));
            }
        }
        if messages.len() < PAGE_SIZE_MAX {
            return Ok(List::page(found, None));
        }
    }
    Ok(List::page(found, before.map(message_id_text)))
}

fn status(query: &mut Query<'_>) -> Result<Option<DeliveryStatus>> {
    let Some(text) = query.text("status")? else {
        return Ok(None);
    };
    let mut known = DeliveryStatus::ALL.into_iter();
    match known.find(|status| status.name() == text) {
        Some(status) => Ok(Some(status)),
        None => Err(invalid("status", "must be PENDING, DELIVERED or GAVE_UP")),
    }
}

fn page(messages: &[Message], page_size: usize) -> List<DeliveryBody> {
    let next: Option<MessageId> = match messages.last() {
        Some(last) if messages.len() == page_size => Some(last.id),
        Some(_) | None => None,
    };
    let deliveries = messages.iter().map(DeliveryBody::new).collect();
    List::page(deliveries, next.map(message_id_text))
}

fn unknown() -> Refused {
    kinds::NOT_FOUND.because("There is no such delivery. GET /v1/webhook/deliveries lists them.")
}

fn failed(failure: Failure) -> Refused {
    of(failure.into(), Subject::Account)
}
