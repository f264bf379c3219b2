use ids::command::Sequence;
use ids::time::Timestamp;
use payment::state::{CaptureMode, Change, Finality};
use store::outbox::{Channel, MessageId};

use super::{
    Origin, message_id_text, numbered, parse_message_id, payment_message, rfc3339, test_message,
};
use crate::webhook::event::{EventKind, events, unmoved};
use crate::webhook::fixtures::{MERCHANT, NOON, after, authorize, capture, payment, refund};

const ORIGIN: Origin<'static> = Origin {
    entry: Sequence(11),
    at: Timestamp(NOON.0 + 250),
    url: "https://shop.example/hook",
};

#[test]
fn a_new_payment_is_told_with_what_is_known_of_it() {
    let message = payment_message(unmoved(EventKind::Created), &payment(), ORIGIN);
    assert_eq!(message.recipient, MERCHANT.into());
    assert_eq!(message.channel, Channel::Webhook);
    assert_eq!(message.event, "payment.created");
    assert_eq!(message.url, ORIGIN.url);
    assert_eq!(message.entry, Some(ORIGIN.entry));
    assert_eq!(message.created_at, ORIGIN.at);
    assert_eq!(
        message.body,
        concat!(
            r#"{"type":"payment.created","timestamp":"2026-01-31T12:00:00.25Z","data":{"entry":11,"#,
            r#""payment":{"id":"pay_1000001978_order-7_EUR","status":"INITIATED","#,
            r#""created":1769860800000,"updated":1769860800000,"amount":15.00,"currency":"EUR","#,
            r#""captured_amount":0.00,"refunded_amount":0.00,"customer":{"id":"c\"1"},"#,
            r#""shop_id":"shop1","card_details":[]}}}"#
        )
    );
}

#[test]
fn a_refund_is_told_with_its_amount_and_the_sums_so_far() {
    let authorized = after(&payment(), &authorize(CaptureMode::Manual));
    let captured = after(&authorized, &capture([1_000, 500], Finality::Open));
    let refunded = after(&captured, &refund());
    let event = events(&refund(), 0, &refunded)[0];
    assert_eq!(
        payment_message(event, &refunded, ORIGIN).body,
        concat!(
            r#"{"type":"payment.refunded","timestamp":"2026-01-31T12:00:00.25Z","data":{"entry":11,"#,
            r#""amount":2.50,"refund":{"id":"ref_1000001978_refund-1_EUR","status":"SUCCESS","amount":2.50},"#,
            r#""payment":{"id":"pay_1000001978_order-7_EUR","status":"SUCCESS","#,
            r#""created":1769860800000,"updated":1769860803000,"amount":15.00,"currency":"EUR","#,
            r#""captured_amount":15.00,"refunded_amount":2.50,"customer":{"id":"c\"1"},"#,
            r#""shop_id":"shop1","card_details":["#,
            r#"{"serial":"1888540789315005","currency":"EUR","amount":10.00,"type":"00002","country":"AT"},"#,
            r#"{"serial":"8199292804504933","currency":"EUR","amount":5.00,"type":"00002","country":"AT"}]}}}"#
        )
    );
}

#[test]
fn an_expired_payment_names_the_state_before() {
    let expired = after(&payment(), &Change::Expire { before: None });
    let event = events(&Change::Expire { before: None }, 0, &expired)[0];
    let body = payment_message(event, &expired, ORIGIN).body;
    assert!(
        body.contains(r#""status_before_expiration":"INITIATED""#),
        "{body}"
    );
}

#[test]
fn the_number_becomes_the_first_member_of_data() {
    let message = test_message(MERCHANT, ORIGIN.url, NOON);
    assert_eq!(message.entry, None);
    assert_eq!(
        numbered(&message.body, 42),
        concat!(
            r#"{"type":"webhook.test","timestamp":"2026-01-31T12:00:00Z","data":{"number":42,"#,
            r#""message":"This is a test call that you asked for; no payment has changed."}}"#
        )
    );
}

#[test]
fn a_message_id_reads_back() {
    assert_eq!(message_id_text(MessageId(17)), "msg_17");
    assert_eq!(parse_message_id("msg_17"), Some(MessageId(17)));
    for wrong in [
        "17",
        "msg_",
        "msg_+17",
        "msg_1x",
        "msg_99999999999999999999",
        "MSG_1",
        "",
    ] {
        assert_eq!(parse_message_id(wrong), None, "{wrong}");
    }
}

#[test]
fn a_time_beyond_the_calendar_is_still_a_time() {
    assert_eq!(rfc3339(Timestamp::NEVER), "9999-12-30T22:00:00.999999999Z");
}
