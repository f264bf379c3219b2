//! What `/v1/webhook` reads and writes.

use payment::merchant::Webhook;
use serde::Serialize;
use store::outbox::{Attempt, Channel, Message, MessageStatus, Outcome};
use utoipa::ToSchema;

use crate::webhook::message::{message_id_text, numbered};
use crate::wire::Milliseconds;

pub const ENDPOINT_OBJECT: &str = "WEBHOOK";
const DELIVERY_OBJECT: &str = "DELIVERY";

/// What sets the endpoint.
#[derive(ToSchema)]
#[schema(as = WebhookRequest)]
pub struct EndpointRequest {
    /// Where messages go: by https, to an address of the public Internet unless the platform allows others.
    #[schema(
        format = "uri",
        max_length = 2048,
        pattern = "^https?://",
        example = "https://shop.example/scrip-webhooks"
    )]
    pub url: String,
}

/// The endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct EndpointBody {
    #[schema(example = "WEBHOOK")]
    pub object: &'static str,
    pub url: String,
}

/// The endpoint with its signing secret, which is shown only here.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub struct NewEndpointBody {
    #[schema(example = "WEBHOOK")]
    pub object: &'static str,
    pub url: String,
    /// For the libraries of Standard Webhooks.
    #[schema(example = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")]
    pub secret: String,
}

/// A message that was put on its way.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookSent)]
pub struct SentBody {
    /// Names it in the delivery log, and is its `webhook-id`.
    #[schema(example = "msg_17")]
    pub id: String,
}

/// A message to the merchant and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct DeliveryBody {
    #[schema(example = "DELIVERY")]
    pub object: &'static str,
    /// The header `webhook-id` of every attempt.
    #[schema(example = "msg_17")]
    pub id: String,
    /// 1, 2, 3, … without a gap for each channel.
    pub number: u64,
    /// `webhook`, or `notification` for the classic form.
    pub channel: &'static str,
    /// What happened, as in `payment.captured`.
    pub event: String,
    /// Where the message was addressed when it was written. A webhook goes to the endpoint that is set when it is sent.
    pub url: String,
    /// The entry of the payment's history that it tells; absent for a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    pub created: Milliseconds,
    /// `PENDING`, `DELIVERED`, or `GAVE_UP`: all attempts failed, and the matter is open until it is sent again.
    pub status: &'static str,
    /// When it is tried next; only while PENDING.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt: Option<Milliseconds>,
    pub attempt_count: u32,
}

/// What became of a message so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    Pending,
    Delivered,
    GaveUp,
}

impl DeliveryStatus {
    pub const ALL: [DeliveryStatus; 3] = [
        DeliveryStatus::Pending,
        DeliveryStatus::Delivered,
        DeliveryStatus::GaveUp,
    ];

    pub fn of(status: MessageStatus) -> DeliveryStatus {
        match status {
            MessageStatus::Pending { .. } => DeliveryStatus::Pending,
            MessageStatus::Delivered => DeliveryStatus::Delivered,
            MessageStatus::GaveUp => DeliveryStatus::GaveUp,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            DeliveryStatus::Pending => "PENDING",
            DeliveryStatus::Delivered => "DELIVERED",
            DeliveryStatus::GaveUp => "GAVE_UP",
        }
    }
}

/// A delivery with its body and all attempts, oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryWithAttempts)]
pub struct DeliveryDetailBody {
    #[serde(flatten)]
    pub delivery: DeliveryBody,
    /// The body as it is sent.
    pub body: String,
    pub attempts: Vec<AttemptBody>,
}

/// One try to deliver a message.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub struct AttemptBody {
    pub at: Milliseconds,
    /// Milliseconds until the answer or the end of patience.
    pub duration_ms: u32,
    /// The HTTP status of the answer; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered: Option<u16>,
    /// Why there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl EndpointBody {
    pub fn new(webhook: &Webhook) -> EndpointBody {
        EndpointBody {
            object: ENDPOINT_OBJECT,
            url: webhook.url.clone(),
        }
    }
}

impl DeliveryBody {
    pub fn new(message: &Message) -> DeliveryBody {
        let content = &message.content;
        let next_attempt = match message.status {
            MessageStatus::Pending { next_attempt_at } => Some(Milliseconds::from(next_attempt_at)),
            MessageStatus::Delivered | MessageStatus::GaveUp => None,
        };
        DeliveryBody {
            object: DELIVERY_OBJECT,
            id: message_id_text(message.id),
            number: message.number,
            channel: match content.channel {
                Channel::Webhook => "webhook",
                Channel::Notification => "notification",
                Channel::Mail => "mail",
                Channel::Parting => "parting",
            },
            event: content.event.clone(),
            url: content.url.clone(),
            entry: content.entry.map(|entry| entry.0),
            created: content.created_at.into(),
            status: DeliveryStatus::of(message.status).name(),
            next_attempt,
            attempt_count: message.attempts,
        }
    }
}

impl DeliveryDetailBody {
    pub fn new(message: &Message, attempts: &[Attempt]) -> DeliveryDetailBody {
        let body = &message.content.body;
        DeliveryDetailBody {
            delivery: DeliveryBody::new(message),
            body: match message.content.channel {
                Channel::Webhook => numbered(body, message.number),
                Channel::Notification | Channel::Mail | Channel::Parting => body.clone(),
            },
            attempts: attempts.iter().map(AttemptBody::new).collect(),
        }
    }
}

impl AttemptBody {
    fn new(attempt: &Attempt) -> AttemptBody {
        let (answered, reason) = match &attempt.outcome {
            Outcome::Answered(status) => (Some(*status), None),
            Outcome::Unreachable(reason) => (None, Some(reason.clone())),
        };
        AttemptBody {
            at: attempt.at.into(),
            duration_ms: attempt.duration_ms,
            answered,
            reason,
        }
    }
}
