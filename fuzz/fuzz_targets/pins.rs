//! PINs as payers type them, and the secrets and recipients that operators paste.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vault::batch_file::Recipient;
use vault::pin::Pin;
use vault::webhook_secret::WebhookSecret;

fuzz_target!(|text: &str| {
    if let Ok(pin) = Pin::parse(text) {
        assert_eq!(format!("{pin:?}").chars().filter(char::is_ascii_digit).count(), 0);
    }
    let _ = WebhookSecret::parse(text);
    let _ = Recipient::parse(text);
});
