//! `/v1/webhook`: a merchant's endpoint for signed webhooks, and the log of what was sent to it.

use std::sync::Arc;

use axum::extract::State;
use payment::merchant::{Merchant, Webhook};
use secrecy::ExposeSecret;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::answer::{Answer, Result};
use crate::call::MerchantCall;
use crate::json::{Object, Warnings};
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, invalid, of};
use crate::state::ApiState;
use crate::webhook::address::{TargetPolicy, parse_target};
use crate::webhook::endpoints::body::{EndpointBody, EndpointRequest, NewEndpointBody, SentBody};
use crate::webhook::message::{message_id_text, test_message};
use crate::webhook::secret::{SigningSecrets, TooManySecrets};
use crate::wire::problem::ProblemBody;

pub mod body;
pub mod deliveries;

const NO_ENDPOINT: &str = "No webhook endpoint is set";

/// All paths of this module.
pub fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(read_webhook, set_webhook, remove_webhook))
        .routes(routes!(rotate_webhook_secret))
        .routes(routes!(test_webhook))
        .routes(routes!(deliveries::list_deliveries))
        .routes(routes!(deliveries::read_delivery))
        .routes(routes!(deliveries::resend_delivery))
}

/// Read the webhook endpoint
#[utoipa::path(
    get,
    path = "/v1/webhook",
    tag = "Webhooks",
    responses(
        (status = 200, description = "The endpoint; its secret is not shown again", body = EndpointBody),
        (status = 404, description = NO_ENDPOINT, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn read_webhook(call: MerchantCall) -> Result<Answer> {
    let webhook = configured(&call.party)?;
    Ok(Answer::ok(&EndpointBody::new(webhook)))
}

/// Set the webhook endpoint
///
/// The first call creates the signing secret and shows it this once. Later calls change the URL and keep the secret.
///
/// From then on every change of a payment is told by a `POST` that is signed after
/// [Standard Webhooks](https://www.standardwebhooks.com): check `webhook-signature` with one of its libraries before you
/// believe the body. `webhook-id` is the same for every attempt, and `data.number` counts 1, 2, 3, … without a gap.
/// Messages may come twice or out of order. Answer with any 2xx status within 15 seconds; otherwise the message is sent
/// again for three days, with growing pauses. 410 ends its attempts. Redirects are not followed.
///
/// | `type` | told when |
/// | --- | --- |
/// | `payment.created` | the payment is INITIATED |
/// | `payment.redirected` | the payer has opened the checkout |
/// | `payment.authorized` | the value is held |
/// | `payment.captured` | value was captured, in part or whole; an automatic capture follows `payment.authorized` at once |
/// | `payment.released` | a payment of which a part was captured ended in SUCCESS, and the rest went back |
/// | `payment.canceled` | the payment is CANCELED_MERCHANT or CANCELED_CUSTOMER |
/// | `payment.expired` | the payment is EXPIRED |
/// | `payment.refund_validated` | a refund was checked; no value has moved |
/// | `payment.refunded` | captured value was given back |
/// | `payment.in_review` | the value is held, and a person at the issuer decides |
/// | `payment.risk_notice` | an attempt to pay was judged, and a rule of the issuer asks that you be told; `data.reasons` are the reasons of such rules, in words, and the payment may go on or be stopped |
/// | `webhook.test` | you asked for it |
///
/// `data.amount` is what the change moved, `data.payment` the payment as the change left it, `data.entry` its place in
/// the payment's history, and `data.refund` the refund that it is about.
#[utoipa::path(
    put,
    path = "/v1/webhook",
    tag = "Webhooks",
    request_body = EndpointRequest,
    responses(
        (status = 200, description = "The URL was changed", body = EndpointBody),
        (status = 201, description = "The endpoint was created, with its secret", body = NewEndpointBody),
    )
)]
pub async fn set_webhook(State(api): State<ApiState>, call: MerchantCall) -> Result<Answer> {
    call.refuse_idempotency_key()?;
    let mut warnings = Warnings::default();
    let mut request = Object::parse(call.json()?)?;
    let url = request.required_text("url")?.into_owned();
    request.finish(&mut warnings);
    require_target(&url, api.targets)?;
    let answer = match &call.party.webhook {
        Some(webhook) => {
            let sealed_secret = Arc::clone(&webhook.sealed_secret);
            let webhook = Webhook { url, sealed_secret };
            let answer = Answer::ok(&EndpointBody::new(&webhook));
            save(&api, &call.party, Some(webhook)).await?;
            answer
        }
        None => {
            let answer = with_secret(&api, &call.party, url, SigningSecrets::generate()).await?;
            Answer::created(&answer)
        }
    };
    Ok(answer.warn(warnings))
}

/// Remove the webhook endpoint
///
/// Messages that wait are not sent any more. The classic notification goes on.
#[utoipa::path(
    delete,
    path = "/v1/webhook",
    tag = "Webhooks",
    responses(
        (status = 200, description = "The endpoint as it was", body = EndpointBody),
        (status = 404, description = NO_ENDPOINT, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn remove_webhook(State(api): State<ApiState>, call: MerchantCall) -> Result<Answer> {
    call.refuse_idempotency_key()?;
    let answer = Answer::ok(&EndpointBody::new(configured(&call.party)?));
    save(&api, &call.party, None).await?;
    Ok(answer)
}

/// Rotate the signing secret
///
/// Shows the new secret once. For a day messages bear a signature of the old secret as well, also if you rotate again
/// because the answer was lost; at most four old secrets sign at a time.
#[utoipa::path(
    post,
    path = "/v1/webhook/rotate",
    tag = "Webhooks",
    responses(
        (status = 200, description = "The endpoint with its new secret", body = NewEndpointBody),
        (status = 404, description = NO_ENDPOINT, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn rotate_webhook_secret(
    State(api): State<ApiState>,
    call: MerchantCall,
) -> Result<Answer> {
    call.refuse_idempotency_key()?;
    let webhook = configured(&call.party)?;
    let sealed = &webhook.sealed_secret;
    let secrets = match SigningSecrets::open(&api.vault, call.party.id, sealed) {
        Ok(secrets) => secrets
            .rotate(api.clock.now())
            .map_err(|TooManySecrets| kinds::TOO_MANY_SECRETS.refused())?,
        // A secret that cannot be opened signs nothing: rotating is how it is mended.
        Err(error) => {
            tracing::error!(merchant = %call.party.id, %error, "a signing secret is replaced without overlap");
            SigningSecrets::generate()
        }
    };
    let url = webhook.url.clone();
    let answer = with_secret(&api, &call.party, url, secrets).await?;
    Ok(Answer::ok(&answer))
}

/// Send a test message
///
/// It goes the way of every other message: it has a number, is signed, is tried again and is in the log.
#[utoipa::path(
    post,
    path = "/v1/webhook/test",
    tag = "Webhooks",
    responses(
        (status = 201, description = "The message is on its way", body = SentBody),
        (status = 404, description = NO_ENDPOINT, body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub async fn test_webhook(State(api): State<ApiState>, call: MerchantCall) -> Result<Answer> {
    call.refuse_idempotency_key()?;
    let webhook = configured(&call.party)?;
    let message = test_message(call.party.id, &webhook.url, api.clock.now());
    let sent = api.outbox.enqueue_now(message).await;
    let id = sent.map_err(|failure| of(failure.into(), Subject::Account))?;
    Ok(Answer::created(&SentBody {
        id: message_id_text(id),
    }))
}

fn configured(merchant: &Merchant) -> Result<&Webhook> {
    merchant.webhook.as_ref().ok_or_else(|| {
        kinds::NOT_FOUND.because("No webhook endpoint is set. Set one with PUT /v1/webhook.")
    })
}

fn require_target(url: &str, policy: TargetPolicy) -> Result<()> {
    match parse_target(url, policy) {
        Ok(url) if url.username().is_empty() && url.password().is_none() => Ok(()),
        Ok(_) => Err(invalid(
            "url",
            "must hold no user name and no password; messages are signed instead",
        )),
        Err(refusal) => Err(invalid("url", refusal.to_string())),
    }
}

/// Saves an endpoint with these secrets; the answer is the one place where the current secret is shown.
async fn with_secret(
    api: &ApiState,
    merchant: &Merchant,
    url: String,
    secrets: SigningSecrets,
) -> Result<NewEndpointBody> {
    let sealed_secret = secrets.seal(&api.vault, merchant.id);
    let body = NewEndpointBody {
        object: body::ENDPOINT_OBJECT,
        url: url.clone(),
        secret: secrets.current().expose().expose_secret().to_owned(),
    };
    save(api, merchant, Some(Webhook { url, sealed_secret })).await?;
    Ok(body)
}

async fn save(
    api: &ApiState,
    merchant: &Merchant,
    webhook: Option<Webhook>,
) -> std::result::Result<(), Refused> {
    let changed = Merchant {
        webhook,
        ..merchant.clone()
    };
    let saved = api.merchants.save(changed).await;
    saved.map_err(|error| of(error, Subject::Account))
}
