//! How often a stranger can be asked whether letters are for them.

use std::sync::Arc;

use accounting::entry::Actor;
use engine::command::Command;
use engine::core::Engine;
use engine::judge::LetPass;
use engine::service::contact::wishes::QUESTIONS_MAX;
use engine::service::contact::{self, ContactError, EmailAddress, LanguageTag, Occasion};
use ids::time::Span;
use ids::voucher::Serial;
use store::outbox::Outcome;
use store::port::Store;

use super::mail_server::MailServer;
use super::watched::Watched;
use super::written::{Written, link_in};

const NO_SERVER: &str = "smtp+plain://127.0.0.1:1";

async fn given(engine: &Engine, serial: Serial, address: &str) -> Result<(), ContactError> {
    let address = EmailAddress::parse(address).unwrap();
    let language = LanguageTag::new("en").unwrap();
    let occasion = (Actor::Payer, Occasion::Owner);
    contact::give(engine, occasion, serial, (&address, language)).await
}

#[tokio::test]
async fn an_address_is_asked_so_often_in_a_day_for_all_vouchers_on_all_nodes() {
    let written = Written::new(NO_SERVER).await;
    let platform = &written.platform;
    let other_node = Engine::start(
        platform.store(),
        platform.ports().clock,
        Arc::clone(&platform.vault),
        Arc::new(LetPass),
    );
    let other_node = other_node.unwrap();
    let vouchers = platform.issue_more(QUESTIONS_MAX as u64 + 2).await;
    let (last, first) = vouchers.split_last().unwrap();
    for (number, serial) in first.iter().enumerate() {
        let engine: &Engine = if number % 2 == 0 {
            &platform.engine
        } else {
            &other_node
        };
        let address = format!("Anna+{number}@example.org");
        let outcome = given(engine, *serial, &address).await;
        let is_asked = number < QUESTIONS_MAX;
        assert_eq!(outcome.is_ok(), is_asked, "{number}: {outcome:?}");
    }
    let eve = given(&platform.engine, *last, "eve@example.org").await;
    assert!(eve.is_ok(), "others are asked all the same: {eve:?}");
    platform.clock_forward_by(Span::DAY);
    let anna = given(&other_node, first[QUESTIONS_MAX], "anna@example.org").await;
    assert!(anna.is_ok(), "{anna:?}");
}

#[tokio::test]
async fn whoever_says_that_a_letter_is_not_for_them_is_not_asked_again() {
    let mut server = MailServer::start().await;
    let written = Written::new(&server.url()).await;
    let platform = &written.platform;
    let [first, second, third] = platform.issue_more(3).await[..] else {
        panic!("three vouchers were issued");
    };
    written.give(first, "anna@example.org").await;
    written.read().await;
    assert_eq!(written.deliver().await, [Outcome::Answered(250)]);
    let letter = server.letter().await;
    // This question is on its way already.
    written.give(second, "ANNA@example.org").await;
    written.read().await;
    let link = link_in(&letter, "stop");
    written.payers.refuse_letters(&link).await.unwrap();
    let outcomes = written.deliver().await;
    assert!(
        matches!(&outcomes[..], [Outcome::Unreachable(why)] if why.contains("not for them")),
        "{outcomes:?}"
    );
    platform.clock_forward_by(Span::DAY.times(400));
    let refused = given(&platform.engine, third, "anna@example.org").await;
    assert!(
        matches!(refused, Err(ContactError::AddressRests)),
        "{refused:?}"
    );
}

/// Whoever gave the address can take it back before its reader answers, and would ask for ever.
#[tokio::test]
async fn a_refusal_counts_whatever_became_of_the_address_and_its_voucher() {
    let mut server = MailServer::start().await;
    for fate in ["removed", "replaced", "ended", "confirmed"] {
        let written = Written::new(&server.url()).await;
        let platform = &written.platform;
        let engine = &platform.engine;
        let [serial, next] = platform.issue_more(2).await[..] else {
            panic!("two vouchers were issued");
        };
        written.give(serial, "victim@example.org").await;
        written.read().await;
        assert_eq!(written.deliver().await, [Outcome::Answered(250)], "{fate}");
        let letter = server.letter().await;
        let removed = async || contact::take_away(engine, Actor::Payer, serial).await;
        match fate {
            "removed" => removed().await.unwrap(),
            "replaced" => {
                platform.clock_forward_by(Span::HOUR);
                given(engine, serial, "eve@example.org").await.unwrap();
            }
            "ended" => {
                platform.execute(Command::VoidVoucher { serial }).await;
                removed().await.unwrap();
            }
            _ => {
                let link = link_in(&letter, "confirm");
                written.payers.confirm_contact(&link).await.unwrap();
            }
        }
        let link = link_in(&letter, "stop");
        written.payers.refuse_letters(&link).await.unwrap();
        platform.clock_forward_by(Span::DAY.times(2));
        let again = given(engine, next, "Victim+1@example.org").await;
        let is_kept = matches!(again, Err(ContactError::AddressRests));
        assert!(is_kept, "{fate}: {again:?}");
        let stays = fate == "replaced";
        assert_eq!(written.has_address(serial).await, stays, "{fate}");
    }
}

/// Eve knows one PIN and gives somebody's address with it as often as she may.
#[tokio::test]
async fn one_voucher_does_not_keep_an_address_from_the_others() {
    let written = Written::new(NO_SERVER).await;
    let platform = &written.platform;
    let engine = &platform.engine;
    let vouchers = platform.issue_more(QUESTIONS_MAX as u64).await;
    let (eves, others) = vouchers.split_first().unwrap();
    let mut letters = 0;
    for _ in 0..23 {
        match given(engine, *eves, "victim@example.org").await {
            Ok(()) => letters += 1,
            Err(error) => assert!(matches!(error, ContactError::AddressRests), "{error:?}"),
        }
        platform.clock_forward_by(Span::HOUR);
    }
    assert_eq!(letters, 1);
    for serial in others {
        let outcome = given(engine, *serial, "victim@example.org").await;
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    platform.clock_forward_by(Span::HOUR);
    let next_day = given(engine, *eves, "victim@example.org").await;
    assert!(next_day.is_ok(), "{next_day:?}");
}

/// Another node keeps another address first, so that this one is sent nothing.
#[tokio::test]
async fn a_question_that_is_not_asked_does_not_count() {
    let written = Written::new(NO_SERVER).await;
    let platform = &written.platform;
    let serial = platform.fresh_voucher();
    let store = Watched::new(platform.store());
    let other_node = Engine::start(
        Arc::clone(&store) as Arc<dyn Store>,
        platform.ports().clock,
        Arc::clone(&platform.vault),
        Arc::new(LetPass),
    );
    let engine = Arc::clone(&platform.engine);
    store.meanwhile(async move { given(&engine, serial, "eve@example.org").await.unwrap() });
    let late = given(&other_node.unwrap(), serial, "anna@example.org").await;
    assert!(matches!(late, Err(ContactError::StaleLink)), "{late:?}");
    for serial in platform.issue_more(QUESTIONS_MAX as u64).await {
        let outcome = given(&platform.engine, serial, "anna@example.org").await;
        assert!(outcome.is_ok(), "{outcome:?}");
    }
}

/// Stopping letters about one voucher, after having wanted them, says nothing about others.
#[tokio::test]
async fn an_address_that_was_confirmed_can_be_given_again_after_its_letters_were_stopped() {
    let mut server = MailServer::start().await;
    let written = Written::new(&server.url()).await;
    let platform = &written.platform;
    let serial = platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    written.freeze(serial).await;
    written.deliver().await;
    let link = link_in(&server.letter().await, "stop");
    written.payers.refuse_letters(&link).await.unwrap();
    let other = platform.fresh_voucher();
    let again = given(&platform.engine, other, "anna@example.org").await;
    assert!(again.is_ok(), "{again:?}");
}
