//! What the platform tells the shop.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use vault::webhook_secret::WebhookSecret;

use super::Shop;

/// A signed webhook; one without a valid signature is turned away.
pub async fn receive(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let timestamp: i64 = header("webhook-timestamp").parse().unwrap_or(0);
    let Ok(secret) = WebhookSecret::parse(&shop.webhook_secret) else {
        return StatusCode::INTERNAL_SERVER_ERROR;
    };
    let expected = secret.sign(header("webhook-id"), timestamp, &body);
    if !header("webhook-signature")
        .split(' ')
        .any(|signature| signature == expected)
    {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let number = message["data"]["number"].to_string();
    let event = message["type"].as_str().unwrap_or("?");
    if let Some(payment) = message["data"]["payment"]["id"].as_str() {
        shop.remember_event(payment, format!("#{number} {event}"));
    }
    StatusCode::NO_CONTENT
}

/// The classic notification: the payment is authorised, so the shop takes the money.
pub async fn receive_notification(State(shop): State<Shop>, body: String) -> StatusCode {
    let payment = body.split('&').find_map(|pair| pair.strip_prefix("mtid="));
    if let Some(payment) = payment {
        shop.remember_event(payment, "notification ASSIGN_CARDS".to_owned());
        // If the customer's return was faster, the capture is refused, which is fine.
        let _ = shop.client.capture(payment).await;
    }
    StatusCode::OK
}
