//! Handing letters over: slow servers, doubles, and owners who change their mind meanwhile.

use std::time::Duration;

use accounting::entry::Actor;
use engine::service::contact;
use ids::time::Span;
use mail::smtp::Patience;
use store::outbox::{Outcome, Recipient};

use super::mail_server::MailServer;
use super::written::Written;

/// A server that takes a letter may take its time, and need not say goodbye: it has the letter.
#[tokio::test]
async fn a_letter_that_the_server_took_is_sent_once() {
    for name in ["slow", "mute"] {
        let mut server = MailServer::start().await;
        let patience = Patience {
            end: Patience::STANDARD.end,
            ..Patience::each(Duration::from_millis(900))
        };
        let written = Written::waiting(&server.url(), patience).await;
        let serial = written.platform.fresh_voucher();
        written.give(serial, &format!("{name}@example.org")).await;
        written.read().await;
        assert_eq!(written.deliver().await, [Outcome::Answered(250)], "{name}");
        server.letter().await;
        written.platform.clock_forward_by(Span::DAY);
        assert_eq!(written.deliver().await, [], "{name}");
    }
}

#[tokio::test]
async fn a_letter_has_the_same_id_however_often_it_comes() {
    let mut server = MailServer::start().await;
    let written = Written::patient(&server.url()).await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    written.freeze(serial).await;
    written.deliver().await;
    let first = server.letter().await["id"].clone();
    let letter = written.letters(serial).await.remove(0);
    let outbox = written.platform.outbox();
    let now = written.platform.ports().clock.now();
    let again = outbox.resend(Recipient::Owner(serial), letter.id, now);
    assert!(again.await.unwrap());
    written.deliver().await;
    assert_eq!(server.letter().await["id"], first);
    // As an outbox that was brought back from a copy might hold it.
    outbox.enqueue_now(letter.content).await.unwrap();
    written.deliver().await;
    assert_eq!(server.letter().await["id"], first);
    written.unfreeze(serial).await;
    written.deliver().await;
    let other = server.letter().await["id"].clone();
    assert_ne!(other, first);
    let id = first.as_str().unwrap();
    assert!(id.ends_with("@issuer.example>"), "{id}");
    assert!(!id.contains(&serial.to_string()), "{id}");
}

#[tokio::test]
async fn a_letter_is_not_sent_if_its_address_leaves_while_the_server_thinks() {
    let mut server = MailServer::start().await;
    let written = Written::patient(&server.url()).await;
    let serial = written.platform.fresh_voucher();
    written.give(serial, "wait@example.org").await;
    written.read().await;
    let change_of_mind = async {
        let waits = server.letter().await;
        assert_eq!(waits["waits"], "wait@example.org");
        let engine = &written.platform.engine;
        let gone = contact::take_away(engine, Actor::Payer, serial).await;
        gone.unwrap();
        server.go_on().await;
    };
    let (outcomes, ()) = tokio::join!(written.deliver(), change_of_mind);
    assert!(
        matches!(&outcomes[..], [Outcome::Unreachable(why)] if why.starts_with("not sent: the owner")),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn no_link_is_sent_that_is_dead_when_it_arrives() {
    let server = MailServer::start().await;
    let written = Written::patient(&server.url()).await;
    let serial = written.platform.fresh_voucher();
    written.give(serial, "later@example.org").await;
    let other = written.platform.fresh_voucher();
    written.give(other, "later@example.com").await;
    written.read().await;
    assert_eq!(written.deliver().await.len(), 2);
    let engine = &written.platform.engine;
    let given = contact::read(engine, other).await.unwrap().unwrap();
    contact::confirm(engine, other, given.given_at)
        .await
        .unwrap();
    written.platform.clock_forward_by(Span::DAY.times(2));
    let mut outcomes = written.deliver().await;
    outcomes.sort_by_key(|outcome| format!("{outcome:?}"));
    let [Outcome::Unreachable(first), Outcome::Unreachable(second)] = &outcomes[..] else {
        panic!("{outcomes:?}");
    };
    assert!(first.contains("link is too old"), "{first}");
    assert!(second.contains("confirmed already"), "{second}");
}
