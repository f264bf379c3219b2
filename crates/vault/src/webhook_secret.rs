//! Webhook signatures of Standard Webhooks (symmetric, scheme `v1`).
//!
//! Specification: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>,
//! sections "Signature scheme" and "Signing secret serialization".

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::random;

#[cfg(test)]
mod tests;

const PREFIX: &str = "whsec_";
const GENERATED_LENGTH: usize = 32;

/// Bounds of the specification, in bytes before base64.
const LENGTH_MIN: usize = 24;
const LENGTH_MAX: usize = 64;

/// The secret that a merchant shares with the platform to check its webhooks.
pub struct WebhookSecret {
    bytes: Zeroizing<Vec<u8>>,
    key: hmac::Key,
}

/// Why text is not a webhook secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WebhookSecretError {
    #[error("a webhook secret begins with {PREFIX}; copy it whole")]
    Prefix,
    #[error("the part of the webhook secret after {PREFIX} is not base64; copy it whole")]
    Base64,
    #[error("a webhook secret has {LENGTH_MIN} to {LENGTH_MAX} bytes before base64, not {length}")]
    Length { length: usize },
}

impl WebhookSecret {
    /// A fresh secret of 32 bytes.
    pub fn generate() -> WebhookSecret {
        let mut bytes = Zeroizing::new(vec![0; GENERATED_LENGTH]);
        random::fill(&mut bytes);
        WebhookSecret::from_bytes(bytes)
    }

    /// Reads `whsec_` and base64.
    pub fn parse(text: &str) -> Result<WebhookSecret, WebhookSecretError> {
        let encoded = text
            .strip_prefix(PREFIX)
            .ok_or(WebhookSecretError::Prefix)?;
        let bytes = Zeroizing::new(
            STANDARD
                .decode(encoded)
                .map_err(|_| WebhookSecretError::Base64)?,
        );
        if (LENGTH_MIN..=LENGTH_MAX).contains(&bytes.len()) {
            Ok(WebhookSecret::from_bytes(bytes))
        } else {
            Err(WebhookSecretError::Length {
                length: bytes.len(),
            })
        }
    }

    /// The text to show to the merchant once, and to seal.
    pub fn expose(&self) -> SecretString {
        let mut encoded = STANDARD.encode(self.bytes.as_slice());
        let mut text = String::with_capacity(PREFIX.len() + encoded.len());
        text.push_str(PREFIX);
        text.push_str(&encoded);
        encoded.zeroize();
        SecretString::from(text)
    }

    /// The value of the header `webhook-signature`: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`.
    ///
    /// `timestamp_seconds` counts from the Unix epoch and must equal the header `webhook-timestamp`.
    pub fn sign(&self, id: &str, timestamp_seconds: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(id.as_bytes());
        context.update(b".");
        context.update(timestamp_seconds.to_string().as_bytes());
        context.update(b".");
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }

    fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> WebhookSecret {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        WebhookSecret { bytes, key }
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret([redacted])")
    }
}
