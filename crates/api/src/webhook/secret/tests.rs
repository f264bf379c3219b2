use ids::party::MerchantId;
use ids::time::Span;
use secrecy::ExposeSecret;
use vault::vault::Vault;
use vault::webhook_secret::WebhookSecret;

use super::{SecretError, SignedHead, SigningSecrets, webhook_timestamp};
use crate::webhook::fixtures::{MERCHANT, NOON};

const HEAD: SignedHead<'static> = SignedHead {
    id: "msg_1",
    at: NOON,
};

fn vault() -> Vault {
    Vault::in_memory([7; 32])
}

/// A copy of the secret as the merchant would keep it.
fn kept(secrets: &SigningSecrets) -> WebhookSecret {
    WebhookSecret::parse(secrets.current().expose().expose_secret()).unwrap()
}

fn sealed_and_opened(secrets: &SigningSecrets) -> SigningSecrets {
    let sealed = secrets.seal(&vault(), MERCHANT);
    SigningSecrets::open(&vault(), MERCHANT, &sealed).unwrap()
}

#[test]
fn a_sealed_secret_signs_as_it_did() {
    let secrets = SigningSecrets::generate();
    let expected = kept(&secrets).sign("msg_1", webhook_timestamp(NOON), b"{}");
    assert_eq!(sealed_and_opened(&secrets).sign(HEAD, b"{}"), expected);
}

#[test]
fn a_secret_does_not_open_for_another_merchant() {
    let sealed = SigningSecrets::generate().seal(&vault(), MERCHANT);
    let other = MerchantId::new(MERCHANT.number() + 1).unwrap();
    let opened = SigningSecrets::open(&vault(), other, &sealed);
    assert!(matches!(opened, Err(SecretError::Sealed(_))));
}

#[test]
fn for_a_day_after_a_rotation_the_old_secret_signs_too() {
    let secrets = SigningSecrets::generate();
    let old = kept(&secrets);
    let secrets = sealed_and_opened(&secrets.rotate(NOON));
    let new = kept(&secrets);

    let last = SignedHead {
        at: NOON.plus(Span(Span::DAY.0 - 1)),
        ..HEAD
    };
    let seconds = webhook_timestamp(last.at);
    let both = [
        new.sign("msg_1", seconds, b"{}"),
        old.sign("msg_1", seconds, b"{}"),
    ];
    assert_eq!(secrets.sign(last, b"{}"), both.join(" "));

    let later = SignedHead {
        at: NOON.plus(Span::DAY),
        ..HEAD
    };
    let one = new.sign("msg_1", webhook_timestamp(later.at), b"{}");
    assert_eq!(secrets.sign(later, b"{}"), one);
}

#[test]
fn a_second_rotation_ends_the_first_secret() {
    let first = SigningSecrets::generate();
    let lost = kept(&first).sign("msg_1", webhook_timestamp(NOON), b"{}");
    let secrets = sealed_and_opened(&first.rotate(NOON).rotate(NOON));
    assert!(!secrets.sign(HEAD, b"{}").contains(&lost));
}
