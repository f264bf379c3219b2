//! Letters to owners of vouchers, over a mail server of somebody else's making.

use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Actor;
use engine::command::Command;
use engine::service::contact::{self, EmailAddress, LanguageTag, Letters, Occasion};
use ids::command::Sequence;
use ids::time::Span;
use mail::owners::Owners;
use payment::state::CaptureMode;
use risk::rule::Action;
use risk::verdict::Verdict;
use serde_json::Value;
use store::outbox::{MessageStatus, Outcome, Recipient};
use store::port::Store;
use store::row::Key;
use tokio::net::TcpListener;

use super::mail_server::MailServer;
use super::platform::MERCHANT;
use super::watched::Watched;
use super::written::{Written, link_in};

#[tokio::test]
async fn an_owner_confirms_is_told_and_stops_it() {
    let mut server = MailServer::start().await;
    let written = Written::new(&server.url()).await;
    let serial = written.platform.fresh_voucher();
    written.give(serial, "anna@example.org").await;
    written.read().await;
    // Before it is confirmed, the address is told nothing else.
    written.freeze(serial).await;
    assert_eq!(written.events(serial).await, ["owner.confirm"]);
    assert_eq!(written.deliver().await, [Outcome::Answered(250)]);
    let letter = server.letter().await;
    assert_eq!(letter["to"], serde_json::json!(["anna@example.org"]));
    assert_eq!(letter["from"], "scrip@issuer.example");
    assert_eq!(letter["type"], "text/plain");
    let digits = serial.to_string().split_off(12);
    let subject = letter["subject"].as_str().unwrap();
    assert!(subject.starts_with("Bestätigen Sie") && subject.contains(&digits));
    written
        .payers
        .confirm_contact(&link_in(&letter, "confirm"))
        .await
        .unwrap();
    written.unfreeze(serial).await;
    assert_eq!(written.deliver().await, [Outcome::Answered(250)]);
    let letter = server.letter().await;
    let text = letter["text"].as_str().unwrap();
    assert!(text.contains("freigegeben"), "{text}");
    assert!(!text.contains(&serial.to_string()), "{text}");
    written
        .payers
        .refuse_letters(&link_in(&letter, "stop"))
        .await
        .unwrap();
    written.freeze(serial).await;
    assert_eq!(
        written.events(serial).await,
        ["owner.confirm", "owner.released"]
    );
    let left = contact::read(&written.platform.engine, serial)
        .await
        .unwrap();
    assert!(left.is_none());
}

#[tokio::test]
async fn a_letter_is_not_sent_to_an_address_that_was_taken_away_meanwhile() {
    let server = MailServer::start().await;
    let written = Written::new(&server.url()).await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    written.freeze(serial).await;
    let engine = &written.platform.engine;
    contact::take_away(engine, Actor::Payer, serial)
        .await
        .unwrap();
    let outcomes = written.deliver().await;
    let is_withheld = |outcome: &Outcome| matches!(outcome, Outcome::Unreachable(why) if why.starts_with("not sent: the owner"));
    assert!(outcomes.iter().all(is_withheld), "{outcomes:?}");
    for letter in written.letters(serial).await {
        assert_eq!(letter.status, MessageStatus::Delivered);
    }
    let outbox = written.platform.outbox();
    let open = outbox.letters_given_up(None, 10).await.unwrap();
    assert_eq!(open, [], "nobody waits for it");
}

#[tokio::test]
async fn one_letter_of_a_kind_is_written_to_an_address_in_an_hour() {
    let actions = [Action::NotifyOwner];
    let written = Written::telling("smtp+plain://127.0.0.1:1", Verdict::Block, &actions).await;
    let platform = &written.platform;
    let serial = platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    let refused = async || {
        let id = platform.create(CaptureMode::Manual).await;
        platform.pay_with(id, serial).await;
        written.read().await;
        written.events(serial).await
    };
    assert_eq!(refused().await, ["owner.refused"]);
    assert_eq!(refused().await, ["owner.refused"]);
    platform.clock_forward_by(Span::HOUR);
    assert_eq!(refused().await, ["owner.refused"; 2]);
    // Another address has heard nothing of it.
    written.confirmed(serial, "eve@example.org").await;
    assert_eq!(refused().await, ["owner.refused"; 3]);
    assert_eq!(refused().await, ["owner.refused"; 3]);
}

#[tokio::test]
async fn an_owner_always_knows_whether_the_voucher_is_frozen() {
    let written = Written::new("smtp+plain://127.0.0.1:1").await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    for round in 1..=3 {
        written.freeze(serial).await;
        written.unfreeze(serial).await;
        let told = ["owner.frozen", "owner.released"].repeat(round);
        assert_eq!(written.events(serial).await, told);
    }
}

#[tokio::test]
async fn owners_are_told_of_payments_if_a_rule_asks_for_it() {
    let cases: [(Verdict, &[Action], &[&str]); 5] = [
        (
            Verdict::Challenge,
            &[Action::NotifyOwner],
            &["owner.challenged"],
        ),
        (
            Verdict::Review,
            &[Action::NotifyOwner],
            &["owner.in_review"],
        ),
        (Verdict::Block, &[Action::NotifyOwner], &["owner.refused"]),
        (
            Verdict::Block,
            &[Action::FreezeVoucher, Action::NotifyOwner],
            &["owner.frozen"],
        ),
        (Verdict::Block, &[], &[]),
    ];
    for (effect, actions, expected) in cases {
        let mut server = MailServer::start().await;
        let written = Written::telling(&server.url(), effect, actions).await;
        let serial = written.platform.fresh_voucher();
        written.confirmed(serial, "anna@example.org").await;
        let id = written.platform.create(CaptureMode::Manual).await;
        written.platform.pay_with(id, serial).await;
        written.read().await;
        let mut events = written.events(serial).await;
        events.retain(|event| event != "owner.confirm");
        assert_eq!(events, expected, "{effect:?} {actions:?}");
        if !expected.is_empty() {
            written.deliver().await;
            let letter = server.letter().await;
            let text = letter["text"].as_str().unwrap();
            assert!(text.contains("10,00\u{a0}€ an Shop"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_review_that_a_person_refuses_is_told_where_its_rule_asked_for_it() {
    let actions = [Action::NotifyOwner];
    let written = Written::telling("smtp+plain://127.0.0.1:1", Verdict::Review, &actions).await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    let id = written.platform.create(CaptureMode::Manual).await;
    written.platform.pay_with(id, serial).await;
    written.platform.execute(Command::RefuseReview { id }).await;
    written.read().await;
    let events = written.events(serial).await;
    assert_eq!(events, ["owner.in_review", "owner.refused"]);
}

/// A review whose refusal would be told, if the voucher had an address, is not read at all without one.
#[tokio::test]
async fn what_happened_to_vouchers_without_an_address_is_not_looked_into() {
    let actions = [Action::NotifyOwner];
    let written = Written::telling("smtp+plain://127.0.0.1:1", Verdict::Review, &actions).await;
    let platform = &written.platform;
    let id = platform.create(CaptureMode::Manual).await;
    platform.pay_with(id, platform.fresh_voucher()).await;
    platform.execute(Command::RefuseReview { id }).await;
    let store = Watched::new(platform.store());
    let owners = Owners::new(
        Arc::clone(&store) as Arc<dyn Store>,
        platform.outbox(),
        Letters::Sent,
    );
    let entries = store.entries_after(Sequence(0), 1_000).await.unwrap();
    assert_eq!(owners.messages(&entries).await.unwrap(), []);
    assert_eq!(store.loads(), 1, "the contacts, and nothing else");
}

#[tokio::test]
async fn a_server_that_was_down_gets_the_letter_when_it_is_back() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let written = Written::new(&format!("smtp+plain://127.0.0.1:{port}")).await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    written.freeze(serial).await;
    let outcomes = written.deliver().await;
    assert!(
        matches!(&outcomes[..], [Outcome::Unreachable(why)] if why.starts_with("no connection")),
        "{outcomes:?}"
    );
    assert_eq!(written.deliver().await, [], "it waits for its time");
    let mut server = MailServer::start_at(port).await;
    written.platform.clock_forward_by(Span::SECOND.times(10));
    assert_eq!(written.deliver().await, [Outcome::Answered(250)]);
    assert!(
        server.letter().await["subject"]
            .as_str()
            .unwrap()
            .contains("gesperrt")
    );
}

#[tokio::test]
async fn an_address_that_is_refused_for_good_is_an_open_matter_and_not_tried_again() {
    let server = MailServer::start().await;
    let written = Written::new(&server.url()).await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "refused@example.org").await;
    written.freeze(serial).await;
    assert_eq!(written.deliver().await, [Outcome::Answered(550)]);
    written.platform.clock_forward_by(Span::DAY);
    assert_eq!(written.deliver().await, []);
    let outbox = written.platform.outbox();
    let given_up = outbox.letters_given_up(None, 10);
    let given_up = given_up.await.unwrap();
    assert_eq!(given_up.len(), 1);
    let (letter, last) = &given_up[0];
    assert_eq!(letter.content.recipient, Recipient::Owner(serial));
    let last = last.as_ref().unwrap();
    assert_eq!(last.outcome, Outcome::Answered(550));
    let other = written.platform.fresh_voucher();
    written.confirmed(other, "later@example.org").await;
    written.freeze(other).await;
    assert_eq!(written.deliver().await, [Outcome::Answered(451)]);
    written.platform.clock_forward_by(Span::SECOND.times(10));
    assert_eq!(written.deliver().await, [Outcome::Answered(451)], "again");
}

/// A sender that is refused today is let in again when somebody has looked; its letters are not lost to that.
#[tokio::test]
async fn a_refusal_of_the_sender_ends_no_letter_and_one_of_the_letter_does() {
    let reply = "550 5.7.1 not from here";
    for (command, ends) in [("EHLO", false), ("MAIL", false), ("TEXT", true)] {
        let server = MailServer::answering(command, reply).await;
        let written = Written::new(&server.url()).await;
        let serial = written.platform.fresh_voucher();
        written.confirmed(serial, "anna@example.org").await;
        written.freeze(serial).await;
        let outcomes = written.deliver().await;
        let letters = written.letters(serial).await;
        if ends {
            assert_eq!(outcomes, [Outcome::Answered(550)], "{command}");
            assert_eq!(letters[0].status, MessageStatus::GaveUp, "{command}");
        } else {
            let is_ours = matches!(&outcomes[..], [Outcome::Unreachable(why)] if why.contains("this platform, with 550"));
            assert!(is_ours, "{command}: {outcomes:?}");
            let waits = matches!(letters[0].status, MessageStatus::Pending { .. });
            assert!(waits, "{command}: {letters:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_after_a_while_and_tried_again() {
    let server = MailServer::start().await;
    let written = Written::new(&server.url()).await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "hang@example.org").await;
    written.freeze(serial).await;
    let outcomes = written.deliver().await;
    assert!(
        matches!(&outcomes[..], [Outcome::Unreachable(why)] if why.contains("answer")),
        "{outcomes:?}"
    );
    let letters = written.letters(serial).await;
    assert!(matches!(letters[0].status, MessageStatus::Pending { .. }));
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_gets_no_letter() {
    let server = MailServer::start().await;
    for scheme in ["smtps", "smtp+starttls"] {
        let url = format!("{scheme}://anna:secret@127.0.0.1:{}", server.port);
        let written = Written::new(&url).await;
        let serial = written.platform.fresh_voucher();
        written.confirmed(serial, "anna@example.org").await;
        written.freeze(serial).await;
        let outcomes = written.deliver().await;
        assert!(
            matches!(&outcomes[..], [Outcome::Unreachable(why)] if !why.contains("secret")),
            "{outcomes:?}"
        );
    }
}

#[tokio::test]
async fn no_address_stands_in_the_journal_the_rows_or_the_outbox() {
    let written = Written::new("smtp+plain://127.0.0.1:1").await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    written.freeze(serial).await;
    let store = written.platform.store();
    for entry in store.entries_after(Sequence(0), 1_000).await.unwrap() {
        let bytes = store::codec::encode(entry.as_ref());
        assert!(!bytes.windows(4).any(|part| part == b"anna"));
    }
    let name = DocumentName::VoucherContact(serial);
    let rows = store.load(&[Key::Document(name)]).await.unwrap();
    let row = format!("{rows:?}");
    assert!(
        !row.contains("anna") && !row.contains("97, 110, 110, 97"),
        "{row}"
    );
    for letter in written.letters(serial).await {
        assert!(!format!("{letter:?}").contains("anna"));
    }
}

#[tokio::test]
async fn a_sale_brings_an_address_only_where_the_owner_has_said_nothing() {
    let written = Written::new("smtp+plain://127.0.0.1:1").await;
    let serial = written.platform.fresh_voucher();
    let engine = &written.platform.engine;
    let given_at_sale = |address: &'static str| async move {
        let address = EmailAddress::parse(address).unwrap();
        let language = LanguageTag::new("en").unwrap();
        let occasion = (Actor::Operator, Occasion::Sale);
        contact::give(engine, occasion, serial, (&address, language)).await
    };
    given_at_sale("till@example.org").await.unwrap();
    contact::take_away(engine, Actor::Payer, serial)
        .await
        .unwrap();
    given_at_sale("till@example.org").await.unwrap();
    assert!(contact::read(engine, serial).await.unwrap().is_none());
}

#[tokio::test]
async fn a_shop_is_told_why_where_a_rule_asks_for_it() {
    let cases: [(Verdict, &[Action], &[&str]); 3] = [
        (
            Verdict::Challenge,
            &[Action::NotifyMerchant],
            &["payment.risk_notice"],
        ),
        (
            Verdict::Review,
            &[Action::NotifyMerchant],
            &["payment.in_review", "payment.risk_notice"],
        ),
        (
            Verdict::Review,
            &[Action::NotifyOwner],
            &["payment.in_review"],
        ),
    ];
    for (effect, actions, expected) in cases {
        let written = Written::telling("smtp+plain://127.0.0.1:1", effect, actions).await;
        let platform = &written.platform;
        let endpoint = Some("https://shop.example/hook");
        platform.set_endpoint(MERCHANT, endpoint).await;
        let id = platform.create(CaptureMode::Manual).await;
        platform.pay_with(id, platform.fresh_voucher()).await;
        platform.read().await;
        let messages = platform.messages().await;
        let told = messages.iter().rev().skip(1);
        let events: Vec<&str> = told.map(|message| message.content.event.as_str()).collect();
        assert_eq!(events, expected, "{effect:?} {actions:?}");
        if expected.contains(&"payment.risk_notice") {
            let body: Value = serde_json::from_str(&messages[0].content.body).unwrap();
            let data = &body["data"];
            assert_eq!(data["reasons"], serde_json::json!(["The test says so."]));
            assert_eq!(data["payment"]["id"], serde_json::json!(id.to_string()));
        }
    }
}
