//! A merchant's signing secrets, as they lie sealed in the merchant's terms.
//!
//! Sealed for [`SealPurpose::WebhookSecret`] with the merchant's number (four bytes, big-endian) as associated data, so
//! that no merchant's secret opens in another's terms. The plain form is `whsec_…`; for a day after a rotation
//! `whsec_…` of the old secret follows it, with the time at which the old one ends.

use std::sync::Arc;

use ids::party::MerchantId;
use ids::time::{Span, Timestamp};
use secrecy::ExposeSecret;
use vault::vault::{OpenError, SealPurpose, Vault};
use vault::webhook_secret::{WebhookSecret, WebhookSecretError};
use zeroize::Zeroizing;

#[cfg(test)]
mod tests;

/// How long messages are signed with the old secret too, so that a receiver can change over without a loss.
pub const OVERLAP: Span = Span::DAY;

/// The secrets that sign a merchant's messages.
pub struct SigningSecrets {
    current: WebhookSecret,
    previous: Option<(WebhookSecret, Timestamp)>,
}

/// Why sealed bytes are not signing secrets.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the signing secret could not be opened")]
    Sealed(#[from] OpenError),
    #[error("the signing secret is not in its form")]
    Form,
    #[error("the signing secret is not one of Standard Webhooks")]
    Secret(#[from] WebhookSecretError),
}

/// What the receiver checks; the body is signed apart from it.
#[derive(Clone, Copy, Debug)]
pub struct SignedHead<'a> {
    /// The header `webhook-id`.
    pub id: &'a str,
    /// The header `webhook-timestamp`, seconds, is taken from here.
    pub at: Timestamp,
}

impl SigningSecrets {
    /// A fresh secret and no other.
    pub fn generate() -> SigningSecrets {
        SigningSecrets {
            current: WebhookSecret::generate(),
            previous: None,
        }
    }

    /// A fresh secret; the one that was current goes on signing until [`OVERLAP`] is over.
    pub fn rotate(self, now: Timestamp) -> SigningSecrets {
        SigningSecrets {
            current: WebhookSecret::generate(),
            previous: Some((self.current, now.plus(OVERLAP))),
        }
    }

    /// What the merchant is shown, once.
    pub fn current(&self) -> &WebhookSecret {
        &self.current
    }

    /// For [`payment::merchant::Webhook::sealed_secret`].
    pub fn seal(&self, vault: &Vault, merchant: MerchantId) -> Arc<[u8]> {
        let mut plain = Zeroizing::new(String::with_capacity(PLAIN_LENGTH_MAX));
        plain.push_str(self.current.expose().expose_secret());
        if let Some((secret, until)) = &self.previous {
            plain.push(' ');
            plain.push_str(secret.expose().expose_secret());
            plain.push(' ');
            plain.push_str(&until.0.to_string());
        }
        let purpose = SealPurpose::WebhookSecret;
        vault
            .seal(purpose, &associated_data(merchant), plain.as_bytes())
            .into()
    }

    pub fn open(
        vault: &Vault,
        merchant: MerchantId,
        sealed: &[u8],
    ) -> Result<SigningSecrets, SecretError> {
        let purpose = SealPurpose::WebhookSecret;
        let plain = vault.open_sealed(purpose, &associated_data(merchant), sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| SecretError::Form)?;
        let mut words = text.split(' ');
        let current = WebhookSecret::parse(words.next().unwrap_or_default())?;
        let previous = match (words.next(), words.next(), words.next()) {
            (None, _, _) => None,
            (Some(secret), Some(until), None) => {
                let until = until.parse().map_err(|_| SecretError::Form)?;
                Some((WebhookSecret::parse(secret)?, Timestamp(until)))
            }
            _ => return Err(SecretError::Form),
        };
        Ok(SigningSecrets { current, previous })
    }

    /// The header `webhook-signature`: one signature, or two with a space between them while an old secret lives on.
    pub fn sign(&self, head: SignedHead<'_>, body: &[u8]) -> String {
        let seconds = webhook_timestamp(head.at);
        let current = self.current.sign(head.id, seconds, body);
        match &self.previous {
            Some((secret, until)) if head.at < *until => {
                format!("{current} {}", secret.sign(head.id, seconds, body))
            }
            Some(_) | None => current,
        }
    }
}

/// The header `webhook-timestamp`: whole seconds since the Unix epoch.
pub fn webhook_timestamp(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000)
}

/// Room for two secrets and a time, so that growing leaves no copy behind.
const PLAIN_LENGTH_MAX: usize = 256;

fn associated_data(merchant: MerchantId) -> [u8; 4] {
    merchant.number().to_be_bytes()
}
