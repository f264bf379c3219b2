//! The end of a voucher: its owner is told of it, and then the address leaves.

use accounting::entry::Actor;
use engine::command::Command;
use engine::reversal::Watch;
use engine::service::contact::{self, ContactError, EmailAddress, LanguageTag, Occasion};
use ids::time::Span;
use ids::voucher::Serial;
use payment::state::CaptureMode;
use risk::rule::Action;
use risk::verdict::Verdict;
use std::sync::Arc;
use store::outbox::{MessageStatus, Outcome};

use super::mail_server::MailServer;
use super::platform::MERCHANT;
use super::written::Written;

const NO_SERVER: &str = "smtp+plain://127.0.0.1:1";

/// Pays with all that the voucher holds, so that it has ended.
async fn empty(written: &Written, serial: Serial) {
    let platform = &written.platform;
    let id = platform.create_of(MERCHANT, 2_500, CaptureMode::Automatic);
    let id = id.await;
    platform.pay_with(id, serial).await;
}

async fn telling_of_payments(url: &str) -> Written {
    Written::telling(url, Verdict::Allow, &[Action::NotifyOwner]).await
}

#[tokio::test]
async fn the_owner_is_told_of_the_payment_that_empties_the_voucher_and_then_the_address_leaves() {
    let mut server = MailServer::start().await;
    let written = telling_of_payments(&server.url()).await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    written.deliver().await;
    empty(&written, serial).await;
    let mut watch = Watch::new(Arc::clone(&written.platform.engine));
    watch.step().await.unwrap();
    written.read().await;
    // The letter comes first, however early the parting is looked at.
    written.part().await;
    assert!(written.has_address(serial).await);
    assert_eq!(written.deliver().await, [Outcome::Answered(250)]);
    let letter = server.letter().await;
    let text = letter["text"].as_str().unwrap();
    assert!(text.contains("25,00\u{a0}€ an Shop"), "{text}");
    written.platform.clock_forward_by(Span::SECOND.times(10));
    written.part().await;
    assert!(!written.has_address(serial).await);
    written.platform.clock_forward_by(Span::DAY);
    assert_eq!(written.part().await, [], "it is done");
}

#[tokio::test]
async fn an_address_waits_for_its_last_letter_until_that_is_given_up() {
    let server = MailServer::start().await;
    let written = telling_of_payments(&server.url()).await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "later@example.org").await;
    written.deliver().await;
    empty(&written, serial).await;
    written.read().await;
    let mut attempts = 0;
    while written
        .letters(serial)
        .await
        .iter()
        .any(|letter| matches!(letter.status, MessageStatus::Pending { .. }))
    {
        written.part().await;
        assert!(written.has_address(serial).await);
        written.deliver().await;
        written.platform.clock_forward_by(Span::HOUR.times(30));
        attempts += 1;
    }
    assert!(5 < attempts, "{attempts}");
    written.platform.clock_forward_by(Span::HOUR.times(2));
    written.part().await;
    assert!(!written.has_address(serial).await);
}

#[tokio::test]
async fn an_address_leaves_also_where_no_letters_are_sent() {
    let written = Written::new(NO_SERVER).await;
    let serial = written.platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    written
        .platform
        .execute(Command::VoidVoucher { serial })
        .await;
    written.read_silently().await;
    // What was written before nobody sent letters any more is given up.
    written.deliver_without_post().await;
    written.part().await;
    assert!(!written.has_address(serial).await);
    let engine = &written.platform.engine;
    let address = EmailAddress::parse("anna@example.org").unwrap();
    let again = contact::give(
        engine,
        (Actor::Payer, Occasion::Owner),
        serial,
        (&address, LanguageTag::new("en").unwrap()),
    );
    assert!(matches!(again.await, Err(ContactError::VoucherEnded)));
}

/// A refund gives value back to a voucher whose parting is written already; the parting of its last end is the one that counts.
#[tokio::test]
async fn an_address_stays_with_a_voucher_that_got_value_back_until_it_ends_again() {
    let written = telling_of_payments(NO_SERVER).await;
    let platform = &written.platform;
    let serial = platform.fresh_voucher();
    written.confirmed(serial, "anna@example.org").await;
    let ended_and_refunded = async || {
        let id = platform.create_of(MERCHANT, 2_500, CaptureMode::Automatic);
        let id = id.await;
        platform.pay_with(id, serial).await;
        written.read_silently().await;
        platform.refund(id, 2_500).await;
    };
    ended_and_refunded().await;
    assert_eq!(written.part().await.len(), 1);
    assert!(written.has_address(serial).await, "it can pay again");
    written.platform.clock_forward_by(Span::SECOND);
    ended_and_refunded().await;
    empty(&written, serial).await;
    // Nobody has read that entry, so the letter about it is not written yet.
    assert_eq!(written.part().await.len(), 1);
    assert!(written.has_address(serial).await);
    written.read().await;
    assert_eq!(written.events(serial).await.last().unwrap(), "owner.paid");
    written.deliver_without_post().await;
    platform.clock_forward_by(Span::MINUTE);
    written.part().await;
    assert!(!written.has_address(serial).await);
    platform.clock_forward_by(Span::DAY);
    assert_eq!(written.part().await, []);
}

/// The letter about the freeze failed, and is due again behind the one that says the opposite.
#[tokio::test]
async fn the_last_letter_says_whether_the_voucher_is_frozen_also_if_an_earlier_one_failed() {
    for frozen_last in [false, true] {
        let down = Written::new(NO_SERVER).await;
        let serial = down.platform.fresh_voucher();
        down.confirmed(serial, "anna@example.org").await;
        let change = async |written: &Written, freezes: bool| {
            if freezes {
                written.freeze(serial).await;
            } else {
                written.unfreeze(serial).await;
            }
        };
        if frozen_last {
            down.freeze(serial).await;
            down.deliver().await;
            down.platform.clock_forward_by(Span::DAY.times(4));
        }
        change(&down, !frozen_last).await;
        let outcomes = down.deliver().await;
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Unreachable(_));
        assert!(outcomes.iter().all(failed), "{outcomes:?}");
        change(&down, frozen_last).await;
        let mut server = MailServer::start().await;
        let up = Written::of(down.platform, &server.url());
        let mut outcomes = up.deliver().await;
        up.platform.clock_forward_by(Span::HOUR);
        outcomes.extend(up.deliver().await);
        let is_left_out = |outcome: &&Outcome| matches!(outcome, Outcome::Unreachable(why) if why.starts_with("not sent: the voucher"));
        assert_eq!(
            outcomes.iter().filter(is_left_out).count(),
            1,
            "{outcomes:?}"
        );
        let word = if frozen_last {
            "gesperrt"
        } else {
            "freigegeben"
        };
        for _ in 1..outcomes.len() {
            let letter = server.letter().await;
            let subject = letter["subject"].as_str().unwrap();
            assert!(subject.contains(word), "{subject}");
        }
    }
}
