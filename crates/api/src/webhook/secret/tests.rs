use ids::party::MerchantId;
use ids::time::Span;
use secrecy::ExposeSecret;
use vault::vault::Vault;
use vault::webhook_secret::WebhookSecret;

use super::{PREVIOUS_MAX, SecretError, SignedHead, SigningSecrets, webhook_timestamp};
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
    let secrets = sealed_and_opened(&secrets.rotate(NOON).unwrap());
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
fn a_rotation_that_is_repeated_ends_no_secret() {
    let first = SigningSecrets::generate();
    let seconds = webhook_timestamp(NOON);
    let mut expected = vec![kept(&first).sign("msg_1", seconds, b"{}")];
    let mut secrets = first;
    for _ in 0..PREVIOUS_MAX {
        secrets = sealed_and_opened(&secrets.rotate(NOON).unwrap());
        expected.push(kept(&secrets).sign("msg_1", seconds, b"{}"));
    }
    expected.reverse();
    assert_eq!(secrets.sign(HEAD, b"{}"), expected.join(" "));
}

#[test]
fn a_full_set_waits_for_the_oldest_to_end() {
    let mut secrets = SigningSecrets::generate();
    for _ in 0..PREVIOUS_MAX {
        secrets = secrets.rotate(NOON).unwrap();
    }
    let sealed = secrets.seal(&vault(), MERCHANT);
    assert!(secrets.rotate(NOON.plus(Span(Span::DAY.0 - 1))).is_err());
    let secrets = SigningSecrets::open(&vault(), MERCHANT, &sealed).unwrap();
    assert!(secrets.rotate(NOON.plus(Span::DAY)).is_ok());
}
