//! One attempt at a time: where messages go, and what ends them.

use api::webhook::address::TargetPolicy;
use api::webhook::delivery::sender::Sender;
use payment::state::{CaptureMode, Finality};
use store::outbox::{Attempt, Channel, Message, MessageStatus, Outcome, Resend};

use super::platform::{MERCHANT, Platform};
use super::receiver::Receiver;

async fn only_message(platform: &Platform) -> Message {
    platform.read().await;
    let messages = platform.messages().await;
    let [message] = messages.as_slice() else {
        panic!("one message was expected: {messages:?}");
    };
    message.clone()
}

/// Makes one attempt at the message as the outbox has it now, and records it.
async fn attempt(platform: &Platform, message: &Message, policy: TargetPolicy) -> Attempt {
    let outbox = platform.outbox();
    let found = outbox.message(MERCHANT.into(), message.id).await.unwrap();
    let (message, _) = found.unwrap();
    let sender = Sender::new(platform.ports(), policy).unwrap();
    let attempt = sender.attempt(&message).await.unwrap();
    outbox.record(vec![attempt.clone()]).await.unwrap();
    attempt
}

/// A platform whose one message is a webhook to this URL.
async fn with_webhook_to(url: &str) -> (Platform, Message) {
    let platform = Platform::new(url).await;
    platform.create(CaptureMode::Manual).await;
    let message = only_message(&platform).await;
    (platform, message)
}

/// A platform whose one message is a classic notification to this URL.
async fn with_notification_to(url: &str) -> (Platform, Message) {
    let platform = Platform::without_endpoint().await;
    platform.notify_at(url);
    let id = platform.create(CaptureMode::Manual).await;
    platform.authorize(id).await;
    let message = only_message(&platform).await;
    assert_eq!(message.content.channel, Channel::Notification);
    (platform, message)
}

fn reason(attempt: &Attempt) -> &str {
    match &attempt.outcome {
        Outcome::Unreachable(reason) => reason,
        Outcome::Answered(status) => panic!("it was answered with {status}"),
    }
}

#[tokio::test]
async fn a_target_on_this_machine_is_refused_by_address_and_by_name() {
    let mut receiver = Receiver::start().await;
    let by_address = receiver.url("/hook").replace("http://", "https://");
    let by_name = by_address.replace("127.0.0.1", "localhost");
    for url in [by_address, by_name] {
        let (platform, message) = with_webhook_to(&url).await;
        let attempt = attempt(&platform, &message, TargetPolicy::PublicOnly).await;
        assert_eq!(attempt.status, MessageStatus::GaveUp, "{url}");
        assert_eq!(
            reason(&attempt),
            "not sent: the address is on a private or reserved network, \
             where this platform does not send messages"
        );
    }
    assert!(receiver.take().is_none());
}

#[tokio::test]
async fn a_notification_without_encryption_is_refused() {
    let mut receiver = Receiver::start().await;
    let (platform, message) = with_notification_to(&receiver.url("/n")).await;
    let attempt = attempt(&platform, &message, TargetPolicy::PublicOnly).await;
    assert_eq!(attempt.status, MessageStatus::GaveUp);
    assert_eq!(
        reason(&attempt),
        "not sent: the URL must begin with https://"
    );
    assert!(receiver.take().is_none());
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let mut receiver = Receiver::start().await;
    receiver.answer_first_with([307]);
    let (platform, message) = with_webhook_to(&receiver.url("/hook")).await;
    let attempt = attempt(&platform, &message, TargetPolicy::PrivateAllowed).await;
    assert_eq!(attempt.outcome, Outcome::Answered(307));
    assert!(matches!(attempt.status, MessageStatus::Pending { .. }));
    assert_eq!(receiver.take().unwrap().path, "/hook");
    assert!(receiver.take().is_none());
}

#[tokio::test]
async fn a_receiver_that_is_gone_for_good_is_left_alone() {
    let receiver = Receiver::start().await;
    receiver.answer_first_with([410]);
    let (platform, message) = with_webhook_to(&receiver.url("/hook")).await;
    let attempt = attempt(&platform, &message, TargetPolicy::PrivateAllowed).await;
    assert_eq!(attempt.outcome, Outcome::Answered(410));
    assert_eq!(attempt.status, MessageStatus::GaveUp);
}

#[tokio::test]
async fn every_2xx_takes_a_webhook_and_200_alone_a_notification() {
    let receiver = Receiver::start().await;
    receiver.answer_first_with([204, 204, 200]);
    let policy = TargetPolicy::PrivateAllowed;
    let (platform, message) = with_webhook_to(&receiver.url("/hook")).await;
    let webhook = attempt(&platform, &message, policy).await;
    assert_eq!(webhook.status, MessageStatus::Delivered);
    let (platform, message) = with_notification_to(&receiver.url("/n")).await;
    let first = attempt(&platform, &message, policy).await;
    assert!(matches!(first.status, MessageStatus::Pending { .. }));
    let second = attempt(&platform, &message, policy).await;
    assert_eq!(second.status, MessageStatus::Delivered);
}

#[tokio::test]
async fn a_webhook_is_tried_eleven_times() {
    let receiver = Receiver::start().await;
    receiver.answer_first_with([500; 11]);
    let (platform, message) = with_webhook_to(&receiver.url("/hook")).await;
    let policy = TargetPolicy::PrivateAllowed;
    for _ in 1..=10 {
        let attempt = attempt(&platform, &message, policy).await;
        assert!(matches!(attempt.status, MessageStatus::Pending { .. }));
    }
    let last = attempt(&platform, &message, policy).await;
    assert_eq!(last.status, MessageStatus::GaveUp);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_told_apart() {
    let (platform, message) = with_webhook_to("http://127.0.0.1:1/hook").await;
    let attempt = attempt(&platform, &message, TargetPolicy::PrivateAllowed).await;
    assert!(reason(&attempt).starts_with("no connection: "));
    assert!(matches!(attempt.status, MessageStatus::Pending { .. }));
}

#[tokio::test]
async fn without_an_endpoint_a_waiting_webhook_is_given_up() {
    let (platform, message) = with_webhook_to("https://shop.example/hook").await;
    platform.set_endpoint(MERCHANT, None).await;
    let attempt = attempt(&platform, &message, TargetPolicy::PublicOnly).await;
    assert_eq!(attempt.status, MessageStatus::GaveUp);
    assert_eq!(
        reason(&attempt),
        "not sent: the merchant has removed its webhook endpoint"
    );
}

#[tokio::test]
async fn a_closed_payment_ends_the_retries_but_not_a_resend() {
    let receiver = Receiver::start().await;
    receiver.answer_first_with([500, 500]);
    let platform = Platform::without_endpoint().await;
    platform.notify_at(&receiver.url("/n"));
    let id = platform.create(CaptureMode::Manual).await;
    platform.authorize(id).await;
    let message = only_message(&platform).await;
    let policy = TargetPolicy::PrivateAllowed;

    let first = attempt(&platform, &message, policy).await;
    assert!(matches!(first.status, MessageStatus::Pending { .. }));
    platform.capture(id, 1_000, Finality::Final).await;
    let second = attempt(&platform, &message, policy).await;
    assert_eq!(reason(&second), "not sent again: the payment is closed");
    assert_eq!(second.status, MessageStatus::GaveUp);

    let now = platform.ports().clock.now();
    let outbox = platform.outbox();
    assert!(
        outbox
            .resend(MERCHANT.into(), message.id, Resend::Always, now)
            .await
            .unwrap()
    );
    let third = attempt(&platform, &message, policy).await;
    assert_eq!(third.outcome, Outcome::Answered(500));
}
