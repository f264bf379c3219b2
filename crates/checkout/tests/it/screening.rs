//! What a payer sees of a challenge, a review and a block.

use ids::voucher::Serial;
use payment::state::Status;
use risk::name::Name;
use risk::rule::defaults::SWINDLER_WORDS;
use risk::rule::{Action, Mode, Rule};
use risk::verdict::Verdict;
use sim::suspicion::COOL_DOWN;

use crate::platform::{Making, Platform, unknown_pin};

/// Amounts of which the judge wants a proof, a proof after a while, a review, and a block that freezes.
const CHALLENGED: i64 = 1_009;
const COOLED_DOWN: i64 = 1_010;
const REVIEWED: i64 = 1_011;
const FROZEN: i64 = 1_013;
/// One of which it wants a block that leaves the vouchers as they are.
const BLOCKED: i64 = 1_014;

#[tokio::test]
async fn the_serial_is_asked_for_and_pays() {
    let platform = Platform::suspicious().await;
    let card = platform.card(Making::eur(2_500)).await;
    let id = platform.payment(CHALLENGED).await.id;
    let pay = platform.pay_link(id);
    let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
    let digits = card.serial.to_string();
    assert!(page.shows("Serial number ending in"), "{}", page.body);
    assert!(page.shows(&digits[12..]));
    assert!(
        !page.shows(&digits[..12]),
        "the page does not give the answer"
    );
    assert_eq!(platform.look_up(id).await.held(), 0);
    let basket = page.basket().to_owned();
    let other = other_serial(&card.serial);
    let fields = [("vouchers", basket.as_str()), ("serial", &other)];
    let page = platform.submit(&pay, &fields).await;
    assert!(page.shows("role=\"alert\""), "{}", page.body);
    assert_eq!(
        platform
            .look_up(id)
            .await
            .challenge
            .as_ref()
            .unwrap()
            .failed,
        1
    );
    // What cannot be a serial is told and costs nothing.
    let fields = [("vouchers", page.basket()), ("serial", "12")];
    let page = platform.submit(&pay, &fields).await;
    assert!(page.shows("role=\"alert\""), "{}", page.body);
    assert_eq!(
        platform
            .look_up(id)
            .await
            .challenge
            .as_ref()
            .unwrap()
            .failed,
        1
    );
    let fields = [("vouchers", page.basket()), ("serial", &digits)];
    platform.submit(&pay, &fields).await;
    assert_eq!(platform.look_up(id).await.status, Status::Authorized);
}

#[tokio::test]
async fn many_serials_in_one_form_are_one_wrong_answer() {
    let platform = Platform::suspicious().await;
    let card = platform.card(Making::eur(2_500)).await;
    let id = platform.payment(CHALLENGED).await.id;
    let pay = platform.pay_link(id);
    let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
    let digits = card.serial.to_string();
    let other = other_serial(&card.serial);
    let mut fields = vec![("vouchers", page.basket()), ("serial", other.as_str())];
    fields.push(("serial", &digits));
    fields.extend((0..50).map(|_| ("serial", other.as_str())));
    platform.submit(&pay, &fields).await;
    let payment = platform.look_up(id).await;
    assert_eq!(payment.status, Status::Redirected);
    assert_eq!(payment.challenge.as_ref().unwrap().failed, 1);
}

#[tokio::test]
async fn a_payer_who_is_to_think_is_warned_and_loses_no_try() {
    let platform = Platform::suspicious().await;
    let card = platform.card(Making::eur(2_500)).await;
    let id = platform.payment(COOLED_DOWN).await.id;
    let pay = platform.pay_link(id);
    let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert!(
        page.shows("Is somebody asking you to pay?"),
        "{}",
        page.body
    );
    let digits = card.serial.to_string();
    let fields = [("vouchers", page.basket()), ("serial", &digits)];
    let page = platform.submit(&pay, &fields).await;
    assert!(
        page.shows("Please wait until the time to think is over"),
        "{}",
        page.body
    );
    assert_eq!(
        platform
            .look_up(id)
            .await
            .challenge
            .as_ref()
            .unwrap()
            .failed,
        0
    );
    platform.wait(COOL_DOWN).await;
    let fields = [("vouchers", page.basket()), ("serial", &digits)];
    platform.submit(&pay, &fields).await;
    assert_eq!(platform.look_up(id).await.status, Status::Authorized);
}

#[tokio::test]
async fn a_wrong_pin_is_answered_alike_whatever_the_judge_would_say() {
    let platform = Platform::suspicious().await;
    let mut answers = Vec::new();
    for minor in [1_000, CHALLENGED, COOLED_DOWN, REVIEWED, FROZEN] {
        let id = platform.payment(minor).await.id;
        let (pay, pin) = (platform.pay_link(id), unknown_pin());
        let answer = platform.post(&pay, &[("pin", &pin)]).await;
        let location = answer.location().replace(&id.to_string(), "ID");
        let (path, rest) = location.split_once("key=").unwrap();
        let rest = rest.split_once('&').map_or("", |(_, rest)| rest).to_owned();
        answers.push((answer.status, path.to_owned(), rest));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_reviewed_payment_takes_nothing_more_and_a_blocked_one_says_what_to_do() {
    let platform = Platform::suspicious().await;
    let card = platform.card(Making::eur(2_500)).await;
    let id = platform.payment(REVIEWED).await.id;
    let pay = platform.pay_link(id);
    let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert!(page.shows("Your payment is being checked"), "{}", page.body);
    let again = platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert!(
        again.shows("Your payment is being checked"),
        "{}",
        again.body
    );
    assert_eq!(platform.look_up(id).await.held(), REVIEWED);
    let id = platform.payment(FROZEN).await.id;
    let pay = platform.pay_link(id);
    let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert!(page.shows("This payment was stopped"), "{}", page.body);
    assert!(page.shows("Your voucher is frozen"), "{}", page.body);
    let frozen = platform.operator.voucher(card.serial).await.unwrap();
    let reference = frozen.unwrap().version.0;
    assert!(page.shows(&format!(">{reference}<")), "{}", page.body);
    // The frozen voucher is as unknown as a wrong PIN.
    let id = platform.payment(1_000).await.id;
    let pay = platform.pay_link(id);
    platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert_eq!(platform.look_up(id).await.rejected_pins, 1);
}

#[tokio::test]
async fn a_voucher_that_was_released_is_not_called_frozen_any_more() {
    let platform = Platform::suspicious().await;
    let card = platform.card(Making::eur(2_500)).await;
    let id = platform.payment(FROZEN).await.id;
    platform
        .submit(&platform.pay_link(id), &[("pin", &card.pin)])
        .await;
    platform.operator.unfreeze(card.serial).await.unwrap();
    let page = platform
        .follow(&platform.get(&platform.link(id)).await)
        .await;
    assert!(page.shows("This payment was stopped"), "{}", page.body);
    assert!(!page.shows("frozen"), "{}", page.body);
}

#[tokio::test]
async fn a_blocked_payment_that_freezes_nothing_says_nothing_of_it() {
    let platform = Platform::suspicious().await;
    let card = platform.card(Making::eur(2_500)).await;
    let id = platform.payment(BLOCKED).await.id;
    let page = platform
        .submit(&platform.pay_link(id), &[("pin", &card.pin)])
        .await;
    assert!(page.shows("This payment was stopped"), "{}", page.body);
    assert!(!page.shows("frozen"), "{}", page.body);
}

/// A rule that matches whatever comes.
pub fn rule(name: &str, effect: Verdict, words: &str, actions: &[Action]) -> Rule {
    Rule {
        name: Name::parse(name).unwrap(),
        expression: "attempt.amount >= 0".to_owned(),
        effect: Some(effect),
        actions: actions.to_vec(),
        reason: "The test says so.".to_owned(),
        payer_words: words.to_owned(),
        mode: Mode::Live,
    }
}

#[tokio::test]
async fn payers_read_what_the_rules_say_and_the_warning_once_in_their_own_language() {
    for (effect, heading) in [
        (Verdict::Challenge, "Noch eine Prüfung"),
        (Verdict::Review, "Ihre Zahlung wird geprüft"),
        (Verdict::Block, "Diese Zahlung wurde angehalten"),
    ] {
        let shipped = rule("shipped", effect, SWINDLER_WORDS, &[Action::WarnPayer]);
        let ours = rule("ours", effect, "Call <us> & ask.", &[]);
        let quiet = Rule {
            mode: Mode::Shadow,
            ..rule("quiet", effect, "Nobody reads this.", &[])
        };
        let platform = Platform::ruled(vec![shipped, ours, quiet]).await;
        let card = platform.card(Making::eur(2_500)).await;
        let id = platform.payment(1_000).await.id;
        let pay = format!("{}&lang=de", platform.pay_link(id));
        let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
        assert!(page.shows(heading), "{}", page.body);
        assert!(page.shows("Call &#60;us&#62; &#38; ask."), "{}", page.body);
        let warnings = page.body.matches("Fordert Sie jemand auf zu zahlen?");
        assert_eq!(warnings.count(), 1, "{}", page.body);
        assert!(!page.shows("Nobody"), "{}", page.body);
    }
}

/// A serial that is not this one.
fn other_serial(serial: &Serial) -> String {
    let number = serial.number();
    let other = if number == 9_999_999_999_999_999 {
        number - 1
    } else {
        number + 1
    };
    other.to_string()
}
