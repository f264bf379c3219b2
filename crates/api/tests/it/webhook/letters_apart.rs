//! Letters and webhooks, neither of which waits for the other.

use std::time::Duration;

use api::webhook;
use api::webhook::delivery::IN_FLIGHT_MAX;
use ids::time::Span;
use payment::state::CaptureMode;
use store::outbox::{MessageStatus, Recipient, Resend};
use tokio_util::sync::CancellationToken;

use super::SETTINGS;
use super::platform::MERCHANT;
use super::receiver::Receiver;
use super::written::Written;

#[tokio::test]
async fn webhooks_go_out_while_the_mail_server_hangs() {
    let mail_server = Receiver::start_silent().await;
    let mut shop = Receiver::start().await;
    let written = Written::patient(&mail_server.url("").replace("http:", "smtp+plain:")).await;
    let platform = &written.platform;
    // More letters than messages to merchants may be under way, all of them older than the webhook.
    let owners = platform.issue_more(IN_FLIGHT_MAX as u64 + 10).await;
    for (number, serial) in owners.into_iter().enumerate() {
        let address = format!("owner{number}@example.org");
        written.give(serial, &address).await;
    }
    written.read().await;
    platform
        .set_endpoint(MERCHANT, Some(&shop.url("/hook")))
        .await;
    platform.create(CaptureMode::Manual).await;
    let stop = CancellationToken::new();
    let _tasks = webhook::start(written.ports(), SETTINGS, &stop).unwrap();
    let request = shop.next_while(|| {}).await;
    assert_eq!(request.path, "/hook");
}

#[tokio::test]
async fn a_letter_that_a_person_asked_for_is_not_given_up_without_an_attempt() {
    let mail_server = Receiver::start_silent().await;
    let written = Written::patient(&mail_server.url("").replace("http:", "smtp+plain:")).await;
    let platform = &written.platform;
    let serial = platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    written.freeze(serial).await;
    written.deliver_without_post().await;
    let asked_for = written.letters(serial).await.remove(0);
    assert_eq!(asked_for.status, MessageStatus::GaveUp);
    // More than wait for one owner at a time, and all of them older than what may wait.
    let outbox = platform.outbox();
    for _ in 0..70 {
        let copy = asked_for.content.clone();
        outbox.enqueue_now(copy).await.unwrap();
    }
    platform.clock_forward_by(Span::DAY.times(5));
    let now = platform.ports().clock.now();
    let owner = Recipient::Owner(serial);
    assert!(
        outbox
            .resend(owner, asked_for.id, Resend::IfGivenUp, now)
            .await
            .unwrap()
    );
    let stop = CancellationToken::new();
    let _tasks = webhook::start(written.ports(), SETTINGS, &stop).unwrap();
    let given_up = async {
        loop {
            let found = outbox.letters_given_up(None, 100).await.unwrap();
            if !found.is_empty() {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    let given_up = tokio::time::timeout(Duration::from_secs(60), given_up).await;
    let given_up = given_up.expect("what nobody asked for is given up");
    assert!(given_up.iter().all(|(letter, _)| letter.id != asked_for.id));
    let (letter, _) = outbox.message(owner, asked_for.id).await.unwrap().unwrap();
    assert!(
        matches!(letter.status, MessageStatus::Pending { next_attempt_at } if now < next_attempt_at),
        "{letter:?}"
    );
}
