//! One attempt to deliver one message.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderName};
use ids::object::PaymentId;
use ids::time::Timestamp;
use mail::partings::Parted;
use mail::post::Sent;
use mail::smtp;
use payment::payment::Payment;
use payment::state::CaptureMode;
use reqwest::redirect;
use reqwest::{Client, Request, Response};
use store::failure::Failure;
use store::fold::Rows;
use store::outbox::{Attempt, Channel, Message, MessageStatus, Outcome, Recipient};
use store::row::Key;
use tokio::time::Instant;
use vault::random::random_bytes;

use crate::webhook::Ports;
use crate::webhook::address::{CheckedResolver, TargetPolicy, TargetRefusal, parse_target};
use crate::webhook::message::{message_id_text, numbered};
use crate::webhook::schedule;
use crate::webhook::secret::{SignedHead, SigningSecrets, webhook_timestamp};

/// How long a connection may take, with the name's resolution and the TLS handshake.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the whole exchange may take.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(15);
/// What is read of an answer's body, bytes. It means nothing; to read it lets the connection be used again.
const ANSWER_LENGTH_MAX: usize = 16 * 1024;
const USER_AGENT: &str = concat!("Scrip-Webhooks/", env!("CARGO_PKG_VERSION"));

/// Sends messages. It has the client, whose connections all attempts share.
pub struct Sender {
    ports: Ports,
    policy: TargetPolicy,
    client: Client,
}

/// No HTTP client could be made.
#[derive(Debug, thiserror::Error)]
#[error(
    "no HTTPS client for messages to merchants can be made; install the root certificates of your system (package ca-certificates)"
)]
pub struct ClientError(#[from] reqwest::Error);

/// How one exchange ended.
enum Ending {
    Answered(u16),
    /// It was tried, and no answer came.
    Silent(Silence),
    /// It was not tried, and will not be.
    Withheld(Withheld),
    /// There was nothing to send, and what was to be done is done.
    Done(String),
    /// Its time comes later.
    Later {
        at: Timestamp,
        why: &'static str,
    },
}

#[derive(Debug, thiserror::Error)]
enum Silence {
    #[error("no connection within {} s", CONNECT_TIMEOUT.as_secs())]
    ConnectTimeout,
    #[error("no answer within {} s", TOTAL_TIMEOUT.as_secs())]
    Timeout,
    #[error("no connection: {0}")]
    NoConnection(String),
    #[error("the connection broke before the answer: {0}")]
    Broken(String),
    #[error("{0}")]
    OfMail(String),
}

/// Why a message is not sent.
#[derive(Debug, thiserror::Error)]
enum Withheld {
    #[error("not sent: {0}")]
    Target(#[from] TargetRefusal),
    #[error("not sent: the merchant has removed its webhook endpoint")]
    NoEndpoint,
    #[error("not sent: the signing secret cannot be opened; rotate it")]
    NoSecret,
    #[error("not sent again: the payment is closed")]
    PaymentClosed,
    #[error("not sent: no mail server is configured any more")]
    NoPost,
    #[error(transparent)]
    Letter(#[from] mail::post::Withheld),
}

impl Sender {
    pub fn new(ports: Ports, policy: TargetPolicy) -> Result<Sender, ClientError> {
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(redirect::Policy::none())
            // A proxy would resolve the names itself, past the check.
            .no_proxy()
            .dns_resolver(Arc::new(CheckedResolver(policy)))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(1)
            .build()?;
        Ok(Sender {
            ports,
            policy,
            client,
        })
    }

    /// Tries to deliver a message. An error means that the store did not say how; nothing was sent.
    pub async fn attempt(&self, message: &Message) -> Result<Attempt, Failure> {
        let at = self.ports.clock.now();
        let started = Instant::now();
        let ending = match message.content.channel {
            Channel::Webhook => self.send_webhook(message, at).await?,
            Channel::Notification => self.send_notification(message).await?,
            Channel::Mail => self.send_letter(message, at).await?,
            Channel::Parting => self.part(message).await?,
        };
        let duration_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        let status = status_after(message, &ending, self.ports.clock.now());
        let outcome = match ending {
            Ending::Answered(status) => Outcome::Answered(status),
            Ending::Silent(silence) => Outcome::Unreachable(silence.to_string()),
            Ending::Withheld(withheld) => Outcome::Unreachable(withheld.to_string()),
            Ending::Done(what) => Outcome::Unreachable(what),
            Ending::Later { why, .. } => Outcome::Unreachable(why.to_owned()),
        };
        Ok(Attempt {
            message: message.id,
            number: message.attempts + 1,
            at,
            duration_ms,
            outcome,
            status,
        })
    }

    async fn send_letter(&self, message: &Message, at: Timestamp) -> Result<Ending, Failure> {
        let Some(post) = &self.ports.post else {
            return Ok(Ending::Withheld(Withheld::NoPost));
        };
        Ok(match post.send(message, at).await? {
            Sent::Tried(smtp::Ending::Answered(status)) => Ending::Answered(status),
            Sent::Tried(smtp::Ending::Silent(why)) => Ending::Silent(Silence::OfMail(why)),
            Sent::Withheld(why) if why.is_over() => Ending::Done(why.to_string()),
            Sent::Withheld(why) => Ending::Withheld(Withheld::Letter(why)),
        })
    }

    async fn part(&self, message: &Message) -> Result<Ending, Failure> {
        Ok(match self.ports.partings.part(message).await? {
            Parted::Done => {
                let what = "nothing is sent: the address has left with its voucher";
                Ending::Done(what.to_owned())
            }
            Parted::LettersWait { until } => Ending::Later {
                at: until,
                why: "a letter to the address waits to be sent",
            },
            Parted::NotYet => Ending::Silent(Silence::OfMail(
                "the address could not be taken away now".to_owned(),
            )),
        })
    }

    /// Sends to the endpoint and with the secret that the merchant has now: the two belong together.
    async fn send_webhook(&self, message: &Message, at: Timestamp) -> Result<Ending, Failure> {
        let Recipient::Merchant(merchant) = message.content.recipient else {
            return Ok(Ending::Withheld(Withheld::NoEndpoint));
        };
        let rows = self.ports.store.load(&[Key::Merchant(merchant)]).await?;
        let terms = rows.merchant(merchant);
        let Some(webhook) = terms.and_then(|terms| terms.webhook.as_ref()) else {
            return Ok(Ending::Withheld(Withheld::NoEndpoint));
        };
        let url = match parse_target(&webhook.url, self.policy) {
            Ok(url) => url,
            Err(refusal) => return Ok(Ending::Withheld(refusal.into())),
        };
        let sealed = &webhook.sealed_secret;
        let secrets = match SigningSecrets::open(&self.ports.vault, merchant, sealed) {
            Ok(secrets) => secrets,
            Err(error) => {
                tracing::error!(%merchant, %error, source = ?error.source(), "a webhook cannot be signed");
                return Ok(Ending::Withheld(Withheld::NoSecret));
            }
        };
        let id = message_id_text(message.id);
        let body = numbered(&message.content.body, message.number);
        let signature = secrets.sign(SignedHead { id: &id, at }, body.as_bytes());
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(WEBHOOK_ID, id)
            .header(WEBHOOK_TIMESTAMP, webhook_timestamp(at))
            .header(WEBHOOK_SIGNATURE, signature)
            .body(body)
            .build();
        Ok(self.exchange(request).await)
    }

    async fn send_notification(&self, message: &Message) -> Result<Ending, Failure> {
        if self.is_retry_for_closed_payment(message).await? {
            return Ok(Ending::Withheld(Withheld::PaymentClosed));
        }
        let url = match parse_target(&message.content.url, self.policy) {
            Ok(url) => url,
            Err(refusal) => return Ok(Ending::Withheld(refusal.into())),
        };
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(message.content.body.clone())
            .build();
        Ok(self.exchange(request).await)
    }

    /// Whether the shop has meanwhile captured or lost the payment, so that a retry tells it nothing.
    ///
    /// The first attempt is always made, and so is one that the merchant asked for.
    async fn is_retry_for_closed_payment(&self, message: &Message) -> Result<bool, Failure> {
        if message.attempts == 0 {
            return Ok(false);
        }
        let Some(id) = payment_in_form(&message.content.body) else {
            return Ok(false);
        };
        let rows = self.ports.store.load(&[Key::Payment(id)]).await?;
        if !rows.payment(id).is_some_and(|payment| is_closed(payment)) {
            return Ok(false);
        }
        let recipient = message.content.recipient;
        let log = self.ports.outbox.message(recipient, message.id).await?;
        let last = log.as_ref().and_then(|(_, attempts)| attempts.last());
        Ok(last.is_some_and(|attempt| matches!(attempt.status, MessageStatus::Pending { .. })))
    }

    async fn exchange(&self, request: Result<Request, reqwest::Error>) -> Ending {
        let result = match request {
            Ok(request) => self.client.execute(request).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(answer) => {
                let status = answer.status().as_u16();
                drain(answer).await;
                Ending::Answered(status)
            }
            Err(error) => ending_of(&error),
        }
    }
}

/// 32 bits for the jitter of a pause.
pub fn random() -> u32 {
    u32::from_be_bytes(random_bytes())
}

const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

fn status_after(message: &Message, ending: &Ending, now: Timestamp) -> MessageStatus {
    let channel = message.content.channel;
    let is_over = match (channel, ending) {
        (_, Ending::Done(_)) => return MessageStatus::Delivered,
        (_, Ending::Later { at, .. }) => {
            return MessageStatus::Pending {
                next_attempt_at: *at,
            };
        }
        (Channel::Mail, Ending::Answered(200..=299)) => return MessageStatus::Delivered,
        // A reply of the 500s to the letter itself stays the same however often it is asked for (RFC 5321, section 4.2.1).
        (Channel::Mail, Ending::Answered(500..=599)) => true,
        (Channel::Webhook, Ending::Answered(200..=299)) => return MessageStatus::Delivered,
        (Channel::Notification, Ending::Answered(200)) => return MessageStatus::Delivered,
        // 410 Gone: the receiver wants no more of it (Standard Webhooks, section "Delivery and retries").
        (Channel::Webhook, Ending::Answered(410)) => true,
        (_, Ending::Withheld(_)) => true,
        (_, Ending::Answered(_) | Ending::Silent(_)) => false,
    };
    let pause = schedule::pause_after(channel, message.attempts + 1, random());
    match pause {
        Some(pause) if !is_over => MessageStatus::Pending {
            next_attempt_at: now.plus(pause),
        },
        Some(_) | None => MessageStatus::GaveUp,
    }
}

/// A payment that is captured at once was never open, so it is not closed by its capture.
fn is_closed(payment: &Payment) -> bool {
    payment.status.is_final() && payment.request.capture == CaptureMode::Manual
}

/// The payment that a classic notification names.
fn payment_in_form(body: &str) -> Option<PaymentId> {
    let (_, id) = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "mtid")?;
    id.parse().ok()
}

/// Reads the rest of an answer, within bounds; what goes wrong here changes nothing.
async fn drain(mut answer: Response) {
    let mut length = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        length += chunk.len();
        if ANSWER_LENGTH_MAX < length {
            return;
        }
    }
}

fn ending_of(error: &reqwest::Error) -> Ending {
    let chain = || std::iter::successors(error.source(), |error| (*error).source());
    if let Some(refusal) = chain().find_map(|cause| cause.downcast_ref::<TargetRefusal>()) {
        return Ending::Withheld(Withheld::Target(*refusal));
    }
    // The innermost cause says most; the outer ones repeat the URL.
    let cause = || chain().last().map_or_else(String::new, ToString::to_string);
    Ending::Silent(match (error.is_connect(), error.is_timeout()) {
        (true, true) => Silence::ConnectTimeout,
        (false, true) => Silence::Timeout,
        (true, false) => Silence::NoConnection(cause()),
        (false, false) => Silence::Broken(cause()),
    })
}
