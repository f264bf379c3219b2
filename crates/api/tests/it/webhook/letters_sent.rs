//! Handing letters over: slow servers, doubles, and owners who change their mind meanwhile.

use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Actor;
use engine::core::Engine;
use engine::guard::{Guard, GuardLimits};
use engine::judge::LetPass;
use engine::service::contact::link::{Link, Right};
use engine::service::contact::{self, ContactError, EmailAddress, LanguageTag, Occasion};
use engine::service::payer::PayerService;
use engine::service::person::Scope;
use http::StatusCode;
use ids::time::Span;
use mail::smtp::Patience;
use serde_json::json;
use store::outbox::{Outcome, Recipient, Resend};
use store::port::Store;

use super::endpoints::Client;
use super::mail_server::MailServer;
use super::watched::Watched;
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
    let again = outbox.resend(Recipient::Owner(serial), letter.id, Resend::Always, now);
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

/// Another node keeps another address between the look at the first one and its removal.
#[tokio::test]
async fn whoever_stops_letters_to_an_old_address_does_not_remove_the_new_one() {
    let written = Written::patient("smtp+plain://127.0.0.1:1").await;
    let platform = &written.platform;
    let serial = platform.fresh_voucher();
    written.give(serial, "anna@example.org").await;
    let given = contact::read(&platform.engine, serial).await.unwrap();
    let link = Link {
        serial,
        at: given.unwrap().given_at,
        refuses: None,
    };
    let link = link.seal(&platform.vault, Right::TakeAway);
    platform.clock_forward_by(Span::HOUR);
    let clock = platform.ports().clock;
    let store = Watched::new(platform.store());
    let other_node = Engine::start(
        Arc::clone(&store) as Arc<dyn Store>,
        Arc::clone(&clock),
        Arc::clone(&platform.vault),
        Arc::new(LetPass),
    );
    let guard = Arc::new(Guard::new(GuardLimits::default(), clock));
    let payers = PayerService::new(other_node.unwrap(), guard);
    let engine = Arc::clone(&platform.engine);
    store.meanwhile(async move {
        let address = EmailAddress::parse("eve@example.org").unwrap();
        let language = LanguageTag::new("en").unwrap();
        let occasion = (Actor::Payer, Occasion::Owner);
        let given = contact::give(&engine, occasion, serial, (&address, language));
        given.await.unwrap();
    });
    let stopped = payers.refuse_letters(&link).await;
    assert!(
        matches!(stopped, Err(ContactError::StaleLink)),
        "{stopped:?}"
    );
    assert!(written.has_address(serial).await);
}

#[tokio::test]
async fn a_letter_that_was_given_up_is_sent_again_by_a_person_who_may() {
    let mut server = MailServer::start().await;
    let written = Written::patient(&server.url()).await;
    let platform = &written.platform;
    let serial = platform.fresh_voucher();
    // A full mailbox refuses the first letter for good, and takes the second.
    written.confirmed(serial, "once@example.org").await;
    written.freeze(serial).await;
    assert_eq!(written.deliver().await, [Outcome::Answered(552)]);
    let may = Client::of_person(platform, &[Scope::Reviews]).await;
    let (_, listed) = may.get("/v1/operator/letters").await;
    let letter = &listed["data"][0];
    assert_eq!(letter["answered"], 552);
    let id = letter["id"].as_str().unwrap();
    let again = format!("/v1/operator/letters/{id}/resend");
    let may_not = Client::of_person(platform, &[Scope::Rules]).await;
    let (status, _) = may_not.call("POST", &again, None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(written.deliver().await, []);
    let (status, sent) = may.call("POST", &again, None).await;
    assert_eq!((status, &sent["id"]), (StatusCode::OK, &letter["id"]));
    assert_eq!(written.deliver().await, [Outcome::Answered(250)]);
    server.letter().await;
    let (_, listed) = may.get("/v1/operator/letters").await;
    assert_eq!(listed["data"], json!([]));
    for unknown in [again.as_str(), "/v1/operator/letters/msg_999/resend"] {
        let (status, _) = may.call("POST", unknown, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn all_letters_that_were_given_up_can_be_listed() {
    let written = Written::patient("smtp+plain://127.0.0.1:1").await;
    let platform = &written.platform;
    let serial = platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    written.freeze(serial).await;
    let letter = written.letters(serial).await.remove(0);
    let outbox = platform.outbox();
    for _ in 0..200 {
        outbox.enqueue_now(letter.content.clone()).await.unwrap();
    }
    for _ in 0..3 {
        written.deliver_without_post().await;
    }
    let may = Client::of_person(platform, &[Scope::Reviews]).await;
    let (_, first) = may.get("/v1/operator/letters").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let place = format!("/v1/operator/letters?cursor={cursor}");
    let (_, second) = may.get(&place).await;
    assert_eq!(second["next_cursor"], json!(null));
    let pages = [&first, &second].map(|page| page["data"].as_array().unwrap().len());
    assert_eq!(pages, [200, 1]);
    assert_eq!(second["data"][0]["id"], format!("msg_{}", letter.id.0));
    for wrong in ["cursor=1", "before=msg_1", "cursor="] {
        let (status, _) = may.get(&format!("/v1/operator/letters?{wrong}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
}
