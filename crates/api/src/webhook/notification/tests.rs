use accounting::entry::{Actor, Circumstances, Entry};
use accounting::fact::Fact;
use ids::command::Sequence;
use payment::state::CaptureMode;
use store::outbox::{Channel, NewMessage};

use super::notification;
use crate::webhook::fixtures::{MERCHANT, NOON, after, authorize, payment_to};

const ID: &str = "pay_1000001978_order-7_EUR";

fn notification_to(url: &str) -> Option<NewMessage> {
    let change = authorize(CaptureMode::Manual);
    let authorized = after(&payment_to(url), &change);
    let circumstances = Circumstances {
        sequence: Sequence(11),
        at: NOON,
        actor: Actor::Payer,
        idempotency: None,
    };
    let fact = Fact::PaymentChanged {
        id: authorized.id,
        change,
        effects: Vec::new(),
        replacements: Vec::new(),
        attempt: None,
    };
    notification(&authorized, &Entry::new(circumstances, fact))
}

#[test]
fn the_form_is_the_one_that_paysafecard_documents() {
    let message = notification_to("https://shop.example/n").unwrap();
    assert_eq!(message.recipient, MERCHANT.into());
    assert_eq!(message.channel, Channel::Notification);
    assert_eq!(message.event, "payment.authorized");
    assert_eq!(message.entry, Some(Sequence(11)));
    assert_eq!(
        message.body,
        "mtid=pay_1000001978_order-7_EUR&eventType=ASSIGN_CARDS&serialNumbers=\
         1888540789315005%3BEUR%3B10.00%3BAT00002%3B8199292804504933%3BEUR%3B5.00%3BAT00002%3B"
    );
}

#[test]
fn the_payment_is_named_in_the_query_and_wherever_the_shop_left_room() {
    let cases = [
        ("https://shop.example/n", format!("?mtid={ID}")),
        (
            "https://shop.example/n?a=b%20c",
            format!("?a=b%20c&mtid={ID}"),
        ),
        (
            "https://shop.example/n/{payment_id}?p={payment_id}",
            format!("/{ID}?p={ID}&mtid={ID}"),
        ),
        (
            "https://shop.example/n/%7Bpayment_id%7D",
            format!("/{ID}?mtid={ID}"),
        ),
        (
            "https://shop.example/n?mtid={payment_id}",
            format!("?mtid={ID}"),
        ),
        (
            "https://shop.example/n?mtid=other",
            format!("?mtid=other&mtid={ID}"),
        ),
    ];
    for (template, rest) in cases {
        let message = notification_to(template).unwrap();
        assert_eq!(message.url, format!("https://shop.example/n{rest}"));
    }
}

#[test]
fn a_text_that_is_no_url_is_kept_for_the_log() {
    assert_eq!(notification_to("nowhere").unwrap().url, "nowhere");
}

#[test]
fn without_a_url_there_is_no_notification() {
    assert_eq!(notification_to(" "), None);
}
