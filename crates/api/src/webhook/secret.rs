//! A merchant's signing secrets, as they lie sealed in the merchant's terms.
//!
//! Sealed for [`SealPurpose::WebhookSecret`] with the merchant's number (four bytes, big-endian) as associated data, so
//! that no merchant's secret opens in another's terms. The plain form is `whsec_…`; for a day after a rotation
//! `whsec_…` of the old secret follows it, with the time at which the old one ends; several rotations leave several.

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

/// Old secrets that sign at a time. One that signs is never dropped early, so further rotations have to wait.
pub const PREVIOUS_MAX: usize = 4;

/// The secrets that sign a merchant's messages.
pub struct SigningSecrets {
    current: WebhookSecret,
    /// Oldest first, each with the time at which it ends.
    previous: Vec<(WebhookSecret, Timestamp)>,
}

/// As many old secrets as may sign at a time still do.
#[derive(Debug, thiserror::Error)]
#[error("{PREVIOUS_MAX} old secrets still sign")]
pub struct TooManySecrets;

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
            previous: Vec::new(),
        }
    }

    /// A fresh secret; the one that was current goes on signing until [`OVERLAP`] is over.
    pub fn rotate(self, now: Timestamp) -> Result<SigningSecrets, TooManySecrets> {
        let mut previous = self.previous;
        previous.retain(|(_, until)| now < *until);
        if PREVIOUS_MAX <= previous.len() {
            return Err(TooManySecrets);
        }
        previous.push((self.current, now.plus(OVERLAP)));
        Ok(SigningSecrets {
            current: WebhookSecret::generate(),
            previous,
        })
    }

    /// What the merchant is shown, once.
    pub fn current(&self) -> &WebhookSecret {
        &self.current
    }

    /// For [`payment::merchant::Webhook::sealed_secret`].
    pub fn seal(&self, vault: &Vault, merchant: MerchantId) -> Arc<[u8]> {
        let mut plain = Zeroizing::new(String::with_capacity(PLAIN_LENGTH_MAX));
        plain.push_str(self.current.expose().expose_secret());
        for (secret, until) in &self.previous {
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
        let mut previous = Vec::new();
        while let Some(secret) = words.next() {
            let until = words.next().ok_or(SecretError::Form)?;
            let until = until.parse().map_err(|_| SecretError::Form)?;
            previous.push((WebhookSecret::parse(secret)?, Timestamp(until)));
        }
        Ok(SigningSecrets { current, previous })
    }

    /// The header `webhook-signature`: signatures with spaces between them, the current secret's and those of the old
    /// secrets that live on, newest first.
    pub fn sign(&self, head: SignedHead<'_>, body: &[u8]) -> String {
        let seconds = webhook_timestamp(head.at);
        let mut signatures = self.current.sign(head.id, seconds, body);
        for (secret, until) in self.previous.iter().rev() {
            if head.at < *until {
                signatures.push(' ');
                signatures.push_str(&secret.sign(head.id, seconds, body));
            }
        }
        signatures
    }
}

/// The header `webhook-timestamp`: whole seconds since the Unix epoch.
pub fn webhook_timestamp(at: Timestamp) -> i64 {
    at.0.div_euclid(1_000)
}

/// Room for the longest secrets and their times, so that growing leaves no copy behind.
const PLAIN_LENGTH_MAX: usize = (1 + PREVIOUS_MAX) * 128;

fn associated_data(merchant: MerchantId) -> [u8; 4] {
    merchant.number().to_be_bytes()
}
