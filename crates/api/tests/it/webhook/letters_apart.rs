//! Letters and webhooks, neither of which waits for the other.

use api::webhook;
use api::webhook::delivery::IN_FLIGHT_MAX;
use payment::state::CaptureMode;
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
