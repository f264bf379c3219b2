//! Messages to merchants over a real store, a real engine and a real receiver.

// Says to clippy that helpers too are tests, which may unwrap.
#![cfg(test)]

mod endpoints;
mod letters;
mod letters_apart;
mod letters_asked;
mod letters_last;
mod letters_sent;
mod mail_server;
mod platform;
mod receiver;
mod targets;
mod watched;
mod written;

use std::time::Duration;

use api::webhook::address::TargetPolicy;
use api::webhook::reader::Reader;
use api::webhook::{self, Settings};
use payment::state::{CaptureMode, Finality};
use store::outbox::{Channel, Message, MessageStatus};
use tokio_util::sync::CancellationToken;

use platform::{MERCHANT, Platform, other_merchant};
use receiver::{Receiver, Request};

const SETTINGS: Settings = Settings {
    targets: TargetPolicy::PrivateAllowed,
    reader_poll: Duration::from_millis(2),
    delivery_poll: Duration::from_millis(2),
};

/// `number type status captured refunded` of the merchant's webhooks, oldest first.
async fn told(platform: &Platform) -> Vec<String> {
    let mut messages = platform.messages().await;
    messages.retain(|message| message.content.channel == Channel::Webhook);
    messages.iter().rev().map(told_by).collect()
}

fn told_by(message: &Message) -> String {
    let body: serde_json::Value = serde_json::from_str(&message.content.body).unwrap();
    let payment = &body["data"]["payment"];
    let (status, captured) = (&payment["status"], &payment["captured_amount"]);
    let refunded = &payment["refunded_amount"];
    format!(
        "{} {} {} {captured} {refunded}",
        message.number,
        message.content.event,
        status.as_str().unwrap()
    )
}

const WHOLE_LIFE: [&str; 6] = [
    "1 payment.created INITIATED 0.0 0.0",
    "2 payment.redirected REDIRECTED 0.0 0.0",
    "3 payment.authorized AUTHORIZED 0.0 0.0",
    "4 payment.captured AUTHORIZED 4.0 0.0",
    "5 payment.captured SUCCESS 10.0 0.0",
    "6 payment.refunded SUCCESS 10.0 2.5",
];

#[tokio::test]
async fn a_reader_that_comes_late_tells_each_state_as_it_was() {
    let platform = Platform::new("https://shop.example/hook").await;
    platform.whole_life().await;
    platform.read().await;
    assert_eq!(told(&platform).await, WHOLE_LIFE);
}

#[tokio::test]
async fn a_reader_that_is_restarted_after_any_entry_tells_the_same() {
    let platform = Platform::new("https://shop.example/hook").await;
    let id = platform.create(CaptureMode::Manual).await;
    platform.read().await;
    platform.open(id).await;
    platform.read().await;
    platform.authorize(id).await;
    platform.read().await;
    platform.capture(id, 400, Finality::Open).await;
    // The next reader finds two entries, and must know the payment from before them.
    platform.capture(id, 600, Finality::Open).await;
    platform.refund(id, 250).await;
    platform.read().await;
    platform.read().await;
    assert_eq!(told(&platform).await, WHOLE_LIFE);
}

#[tokio::test]
async fn a_failure_between_reading_and_writing_doubles_nothing() {
    let platform = Platform::new("https://shop.example/hook").await;
    platform.whole_life().await;
    let mut first = Reader::new(platform.store(), platform.outbox(), None);
    let mut second = Reader::new(platform.store(), platform.outbox(), None);
    first.step().await.unwrap();
    second.step().await.unwrap();
    assert_eq!(told(&platform).await, WHOLE_LIFE);
}

#[tokio::test]
async fn the_endpoint_that_counts_is_the_one_of_the_time() {
    let platform = Platform::without_endpoint().await;
    platform.create(CaptureMode::Manual).await;
    platform
        .set_endpoint(MERCHANT, Some("https://a.example/"))
        .await;
    platform.create(CaptureMode::Manual).await;
    platform
        .set_endpoint(MERCHANT, Some("https://b.example/"))
        .await;
    platform.create(CaptureMode::Manual).await;
    platform.set_endpoint(MERCHANT, None).await;
    platform.create(CaptureMode::Manual).await;
    platform.read().await;
    let messages = platform.messages().await;
    let urls: Vec<&str> = messages.iter().map(|m| m.content.url.as_str()).collect();
    assert_eq!(urls, ["https://b.example/", "https://a.example/"]);
}

#[tokio::test]
async fn an_automatic_capture_is_told_as_two_events_and_one_notification() {
    let platform = Platform::new("https://shop.example/hook").await;
    let id = platform.create(CaptureMode::Automatic).await;
    platform.authorize(id).await;
    platform.read().await;
    let messages = platform.messages().await;
    let told: Vec<_> = messages
        .iter()
        .rev()
        .map(|m| (m.content.channel, m.content.event.as_str(), m.number))
        .collect();
    assert_eq!(
        told,
        [
            (Channel::Webhook, "payment.created", 1),
            (Channel::Webhook, "payment.authorized", 2),
            (Channel::Webhook, "payment.captured", 3),
            (Channel::Notification, "payment.authorized", 1),
        ]
    );
}

#[tokio::test]
async fn a_payment_that_a_person_lets_go_is_told_like_one_that_was_never_held() {
    let platform = Platform::new("https://shop.example/hook").await;
    // Of this amount the judge wants a review.
    let id = platform.create_of(MERCHANT, 1_011, CaptureMode::Automatic);
    let id = id.await;
    platform.authorize(id).await;
    platform.read().await;
    let held = platform.messages().await;
    let body: serde_json::Value = serde_json::from_str(&held[0].content.body).unwrap();
    assert_eq!(body["data"]["payment"]["in_review"], true);
    platform.release(id).await;
    platform.read().await;
    let mut told: Vec<_> = platform.messages().await;
    told.reverse();
    let body: serde_json::Value = serde_json::from_str(&told[2].content.body).unwrap();
    assert_eq!(body["data"]["payment"].get("in_review"), None);
    let told = told
        .iter()
        .map(|m| (m.content.channel, m.content.event.as_str()));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (Channel::Webhook, "payment.created"),
            (Channel::Webhook, "payment.in_review"),
            (Channel::Webhook, "payment.authorized"),
            (Channel::Webhook, "payment.captured"),
            (Channel::Notification, "payment.authorized"),
        ]
    );
}

#[tokio::test]
async fn a_merchant_without_endpoint_gets_the_notification_alone() {
    let platform = Platform::without_endpoint().await;
    platform.whole_life().await;
    platform.read().await;
    let messages = platform.messages().await;
    let channels: Vec<Channel> = messages.iter().map(|m| m.content.channel).collect();
    assert_eq!(channels, [Channel::Notification]);
}

#[tokio::test]
async fn what_a_receiver_did_not_take_comes_again_and_every_number_arrives() {
    let mut endpoint = Receiver::start().await;
    endpoint.answer_first_with([500, 503, 302]);
    let mut shop = Receiver::start().await;
    let platform = Platform::new(&endpoint.url("/hook")).await;
    platform.notify_at(&shop.url("/notify"));
    let stop = CancellationToken::new();
    let tasks = webhook::start(platform.ports(), SETTINGS, &stop).unwrap();
    platform.whole_life().await;

    let mut numbers = Vec::new();
    while numbers.len() < 6 {
        let request = endpoint.next_while(|| platform.clock_forward()).await;
        let number = verified(&platform, &request);
        if request.answered == 200 {
            numbers.push(number);
        }
    }
    require_notification(&shop.next_while(|| {}).await);
    stop.cancel();
    tasks.join().await;

    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    for message in platform.messages().await {
        assert_eq!(message.status, MessageStatus::Delivered);
    }
}

/// Checks the signature as a receiver does, and answers the message's number.
fn verified(platform: &Platform, request: &Request) -> u64 {
    let id = request.header("webhook-id");
    let seconds: i64 = request.header("webhook-timestamp").parse().unwrap();
    let expected = platform.secret.sign(id, seconds, &request.body);
    assert_eq!(request.header("webhook-signature"), expected);
    assert_eq!(request.header("content-type"), "application/json");
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    body["data"]["number"].as_u64().unwrap()
}

fn require_notification(request: &Request) {
    let content_type = request.header("content-type");
    assert_eq!(content_type, "application/x-www-form-urlencoded");
    assert!(request.body_text().starts_with("mtid=pay_"));
    assert!(request.path.starts_with("/notify?mtid=pay_"));
}

#[tokio::test]
async fn a_merchant_that_never_answers_holds_up_nobody() {
    let silent = Receiver::start_silent().await;
    let mut receiver = Receiver::start().await;
    let platform = Platform::new(&silent.url("/hook")).await;
    let stop = CancellationToken::new();
    let tasks = webhook::start(platform.ports(), SETTINGS, &stop).unwrap();
    for _ in 0..200 {
        platform.create(CaptureMode::Manual).await;
    }
    let other = other_merchant();
    platform
        .set_endpoint(other, Some(&receiver.url("/hook")))
        .await;
    platform.create_for(other, CaptureMode::Manual).await;
    let request = receiver.next_while(|| {}).await;
    assert!(request.body_text().contains("payment.created"));
    drop(tasks);
    let cursor = platform.outbox().cursor().await.unwrap();
    assert_eq!(cursor, platform.store().head().await.unwrap());
}
