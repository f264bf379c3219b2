use secrecy::ExposeSecret;

use super::*;

#[test]
fn published_vector_has_its_signature() {
    // From the reference libraries of Standard Webhooks.
    let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let signature = secret.sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        br#"{"test": 2432232314}"#,
    );
    assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn generated_secret_survives_its_text() {
    let secret = WebhookSecret::generate();
    let again = WebhookSecret::parse(secret.expose().expose_secret()).unwrap();
    assert_eq!(secret.sign("m", 1, b"body"), again.sign("m", 1, b"body"));
    assert_ne!(
        secret.sign("m", 1, b"body"),
        WebhookSecret::generate().sign("m", 1, b"body")
    );
}

#[test]
fn text_that_is_no_secret_is_refused_with_the_reason() {
    for (text, expected) in [
        ("", WebhookSecretError::Prefix),
        (
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            WebhookSecretError::Prefix,
        ),
        ("whsec_not base64", WebhookSecretError::Base64),
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
            WebhookSecretError::Base64,
        ),
        ("whsec_AAAA", WebhookSecretError::Length { length: 3 }),
    ] {
        assert_eq!(WebhookSecret::parse(text).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn debug_shows_no_secret() {
    assert_eq!(
        format!("{:?}", WebhookSecret::generate()),
        "WebhookSecret([redacted])"
    );
}
