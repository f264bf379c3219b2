//! Paying as a person does: in a real browser, over a real connection.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use http::StatusCode;
use money::amount::Amount;
use money::currency::Currency;
use payment::state::Status;

use risk::rule::Action;
use risk::verdict::Verdict;

use crate::misstated;
use crate::platform::{Making, Platform, unknown_pin};
use crate::screening::rule;

mod driver;
mod explorer;
mod promises;
mod window;

use driver::{Screen, Scripts, Setup};
use window::{Window, in_browser, in_browser_at};

const DESKTOP: Setup = Setup {
    screen: Screen::Desktop,
    scripts: Scripts::On,
};
const PHONE: Setup = Setup {
    screen: Screen::Phone,
    scripts: Scripts::On,
};
const WITHOUT_SCRIPTS: Setup = Setup {
    screen: Screen::Desktop,
    scripts: Scripts::Off,
};

#[tokio::test]
async fn person_pays_with_a_typed_pin_and_goes_back_to_the_shop() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(2_500)).await;
        let payment = window.open_payment(1_000).await;
        window.check("pay").await;
        window.type_into("pin", &card.pin).await;
        let grouped = window.value_of("pin").await;
        assert_eq!(grouped.replace(' ', ""), card.pin);
        assert_eq!(grouped.matches(' ').count(), 3, "groups of four");
        window.press("Pay €10.00").await;
        window.see("Payment received").await;
        window.see("€15.00 left").await;
        window.check("paid").await;
        window.press("Stay here").await;
        window.follow("Back to Kaffee & Söhne").await;
        window.see(&format!("Thank you for {payment}")).await;
        let paid = window.platform.look_up(payment).await;
        assert_eq!(paid.status, Status::Authorized);
    })
    .await;
}

#[tokio::test]
async fn pin_can_be_pasted_with_its_gaps() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(1_000)).await;
        let pin = &card.pin;
        let printed = format!(
            "{}-{} {}  {}",
            &pin[..4],
            &pin[4..8],
            &pin[8..12],
            &pin[12..]
        );
        window.copy(&printed).await;
        window.open_payment(1_000).await;
        window.paste_into("pin").await;
        assert_eq!(window.value_of("pin").await.replace(' ', ""), *pin);
        window.press("Pay €10.00").await;
        window.see("Payment received").await;
    })
    .await;
}

#[tokio::test]
async fn two_pins_pay_together_and_one_can_be_taken_out() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let small = window.platform.card(Making::eur(400)).await;
        let large = window.platform.card(Making::eur(2_500)).await;
        let payment = window.open_payment(1_000).await;
        window.type_into("pin", &small.pin).await;
        window.press("Pay €10.00").await;
        window.see("Enter the next PIN").await;
        window.see("€6.00").await;
        window.check("pay-next").await;
        assert_eq!(window.focus().await, "pin", "one goes on typing");
        let ending = small.serial.to_string().split_off(12);
        window
            .press(&format!("Remove voucher ending in {ending}"))
            .await;
        window.see("Enter the PIN of your voucher").await;
        window.type_into("pin", &small.pin).await;
        window.press("Pay €10.00").await;
        window.see("Enter the next PIN").await;
        window.reload().await;
        window.see("€6.00").await;
        window.type_into("pin", &large.pin).await;
        window.press("Pay €10.00").await;
        window.see("Payment received").await;
        window.see("€19.00 left").await;
        let paid = window.platform.look_up(payment).await;
        assert_eq!(paid.allocations.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn wrong_pin_is_told_and_a_reload_does_not_try_it_again() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let payment = window.open_payment(1_000).await;
        window.type_into("pin", &unknown_pin()).await;
        window.press("Pay €10.00").await;
        window.see("We cannot accept this PIN.").await;
        assert_eq!(window.value_of("pin").await, "", "no PIN comes back");
        window.check("pay-wrong").await;
        window.reload().await;
        window.see("We cannot accept this PIN.").await;
        let payment = window.platform.look_up(payment).await;
        assert_eq!(payment.rejected_pins, 1);
    })
    .await;
}

#[tokio::test]
async fn payment_can_be_cancelled() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let payment = window.open_payment(1_000).await;
        window.press("Cancel payment").await;
        window.see("Payment cancelled").await;
        window.check("cancelled").await;
        window.follow("Back to Kaffee & Söhne").await;
        window.see(&format!("Nothing bought with {payment}")).await;
        let ended = window.platform.look_up(payment).await;
        assert_eq!(ended.status, Status::CanceledCustomer);
    })
    .await;
}

#[tokio::test]
async fn language_is_switched_without_losing_what_was_entered() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(400)).await;
        window.open_payment(1_000).await;
        window.type_into("pin", &card.pin).await;
        window.press("Pay €10.00").await;
        window.see("Enter the next PIN").await;
        window.open_languages().await;
        window.press("Deutsch").await;
        window.see("Geben Sie die nächste PIN ein").await;
        window.see("6,00").await;
        window.check("pay-next-german").await;
        window.go("/").await;
        window.see("Online zahlen. Ohne Bankkonto.").await;
    })
    .await;
}

#[tokio::test]
async fn browser_checks_that_a_voucher_is_counted() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(2_500)).await;
        window.platform.card(Making::eur(10_000)).await;
        let look = async || {
            window.go("/balance").await;
            window.type_into("pin", &card.pin).await;
            window.press("Show balance").await;
            window.press("Check it now").await;
        };
        look().await;
        window
            .see_in_time("The issuer has not stated anything yet.")
            .await;
        window.platform.stated.state().await;
        look().await;
        window.see_in_time("Yes.").await;
        for part in ["25.00 EUR", "125.00 EUR", "pay.example/log", "nobody"] {
            window.see(part).await;
        }
        window.check("counted").await;
        window.pay_behind_the_scenes(&card, 1_000).await;
        let late = window.platform.card(Making::eur(1_000)).await;
        look().await;
        window.see_in_time("Yes.").await;
        // What the payment holds is owed to the voucher's owner as before.
        window.see("125.00 EUR").await;
        window.go("/balance").await;
        window.type_into("pin", &late.pin).await;
        window.press("Show balance").await;
        window.press("Check it now").await;
        window.see_in_time("nothing was owed on this voucher").await;
        window.see("value has changed since").await;
        window.check("counted-nothing").await;
    })
    .await;
}

#[tokio::test]
async fn browser_does_not_believe_a_statement_of_another_log() {
    let platform = Platform::showing_another_log().await;
    let card = platform.card(Making::eur(2_500)).await;
    platform.stated.state().await;
    in_browser_at(platform, DESKTOP, async move |window: Arc<Window>| {
        window.go("/balance").await;
        window.type_into("pin", &card.pin).await;
        window.press("Show balance").await;
        window.press("Check it now").await;
        window
            .see_in_time("What the issuer showed does not hold")
            .await;
        window.see("log signature").await;
        window.check("counted-refused").await;
    })
    .await;
}

#[tokio::test]
async fn browser_does_not_take_a_proof_in_another_currency_for_the_vouchers() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(2_500)).await;
        for (currency, verdict) in [
            (Currency::EUR, "Yes."),
            (Currency::GBP, "The proof is for another currency."),
        ] {
            let owed = Amount::new(2_500, currency);
            window.serve_instead(misstated::site(&window.platform, card.serial, owed).await);
            window.go("/balance").await;
            window.type_into("pin", &card.pin).await;
            window.press("Show balance").await;
            window.press("Check it now").await;
            window.see_in_time(verdict).await;
        }
        window.see("What the issuer showed does not hold").await;
    })
    .await;
}

#[tokio::test]
async fn browser_says_whose_fault_it_is_that_there_is_no_proof() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(2_500)).await;
        let failing = post(async || StatusCode::INTERNAL_SERVER_ERROR);
        let site = Router::new().route("/balance/counted", failing);
        window.serve_instead(site.fallback_service(window.platform.router.clone()));
        window.go("/balance").await;
        window.type_into("pin", &card.pin).await;
        window.press("Show balance").await;
        window.press("Check it now").await;
        window.see_in_time("because of a fault of its own").await;
        window.check("counted-lost").await;
    })
    .await;
}

#[tokio::test]
async fn balance_and_history_are_shown_for_a_pin() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(2_500)).await;
        window.pay_behind_the_scenes(&card, 1_000).await;
        window.go("/").await;
        window.check("home").await;
        window.follow("Check a balance").await;
        window.check("balance-form").await;
        window.type_into("pin", &card.pin).await;
        window.press("Show balance").await;
        window.see("€15.00").await;
        window.see("Reserved for Kaffee & Söhne").await;
        window.check("balance").await;
        window.follow("Check another voucher").await;
        window.type_into("pin", &unknown_pin()).await;
        window.press("Show balance").await;
        window.see("We have no balance to show for this PIN.").await;
        window.check("balance-wrong").await;
    })
    .await;
}

#[tokio::test]
async fn voucher_is_frozen_by_its_pin_and_by_its_receipt() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(2_500)).await;
        window.go("/freeze").await;
        window.check("freeze").await;
        window.type_into("pin", &card.pin).await;
        window.press("Freeze the voucher").await;
        window.see("The voucher is frozen").await;
        window.check("frozen").await;

        let card = window.platform.card(Making::eur(2_500)).await;
        window.go("/freeze").await;
        window.type_into("serial", &card.serial.to_string()).await;
        window.fill_date("date", "2026-12-02").await;
        window.type_into("amount", "24").await;
        window.submit("amount").await;
        window.see("These details do not fit").await;
        window.check("freeze-wrong").await;
        assert_eq!(window.value_of("date").await, "2026-12-02");
        window.clear("amount").await;
        window.type_into("amount", "25").await;
        window.submit("amount").await;
        window.see("The voucher is frozen").await;
    })
    .await;
}

#[tokio::test]
async fn keyboard_alone_is_enough() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let small = window.platform.card(Making::eur(400)).await;
        let large = window.platform.card(Making::eur(2_500)).await;
        let payment = window.open_payment(1_000).await;
        window.tab_to("pin").await;
        window.keys(&small.pin).await;
        window.keys("\u{E007}").await;
        window.see("Enter the next PIN").await;
        window.keys(&large.pin).await;
        window.keys("\u{E007}").await;
        window.see("Payment received").await;
        window.tab_to("continue").await;
        window.keys("\u{E007}").await;
        window.see(&format!("Thank you for {payment}")).await;
    })
    .await;
}

#[tokio::test]
async fn everything_works_without_scripts() {
    in_browser(WITHOUT_SCRIPTS, async |window: Arc<Window>| {
        let small = window.platform.card(Making::eur(400)).await;
        let large = window.platform.card(Making::eur(2_500)).await;
        let payment = window.open_payment(1_000).await;
        window.type_into("pin", &small.pin).await;
        assert_eq!(window.value_of("pin").await, small.pin, "scripts are off");
        window.press("Pay €10.00").await;
        window.see("€6.00").await;
        window.picture("pay-next-without-scripts").await;
        window.type_into("pin", &large.pin).await;
        window.press("Pay €10.00").await;
        window.see("Payment received").await;
        window.follow("Back to Kaffee & Söhne").await;
        window.see(&format!("Thank you for {payment}")).await;
        window.go("/balance").await;
        window.open_languages().await;
        window.press("Polski").await;
        window.see("Sprawdź saldo").await;
        window.type_into("pin", &large.pin).await;
        window.press("Pokaż saldo").await;
        window.see("19,00").await;
    })
    .await;
}

#[tokio::test]
async fn phone_shows_every_page_without_scrolling_sideways() {
    in_browser(PHONE, async |window: Arc<Window>| {
        let small = window.platform.card(Making::eur(400)).await;
        let large = window.platform.card(Making::eur(2_500)).await;
        window.open_payment(1_000).await;
        window.check("phone-pay").await;
        window.type_into("pin", &small.pin).await;
        window.press("Pay €10.00").await;
        window.see("Enter the next PIN").await;
        window.check("phone-pay-next").await;
        window.type_into("pin", &unknown_pin()).await;
        window.press("Pay €10.00").await;
        window.see("We cannot accept this PIN.").await;
        window.check("phone-pay-wrong").await;
        window.type_into("pin", &large.pin).await;
        window.press("Pay €10.00").await;
        window.see("Payment received").await;
        window.check("phone-paid").await;
        window.go("/balance").await;
        window.type_into("pin", &large.pin).await;
        window.press("Show balance").await;
        window.see("left to spend").await;
        window.check("phone-balance").await;
        for (address, name) in [
            ("/", "home"),
            ("/freeze", "freeze"),
            ("/privacy", "privacy"),
            ("/nowhere", "not-found"),
        ] {
            window.go(address).await;
            window.check(&format!("phone-{name}")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn endings_and_refusals_are_fit_for_a_phone() {
    in_browser(PHONE, async |window: Arc<Window>| {
        let platform = &window.platform;
        let (payment, refund) = crate::refund::refund(platform, crate::refund::mortal()).await;
        window
            .go(&crate::refund::address(platform, payment, refund))
            .await;
        window.see("New voucher, €10.00").await;
        window.check("phone-refund").await;
        let guessed = window.open_payment(1_000).await;
        platform.guess(guessed, 3).await;
        window.type_into("pin", &unknown_pin()).await;
        window.press("Pay €10.00").await;
        window.see("One more wrong PIN cancels this payment.").await;
        window.check("phone-last-try").await;
        window.type_into("pin", &unknown_pin()).await;
        window.press("Pay €10.00").await;
        window.see("Too many wrong PINs").await;
        window.check("phone-too-many-wrong").await;
        let late = window.open_payment(1_000).await;
        platform.clock.advance(ids::time::Span::HOUR);
        window.go(&platform.link(late)).await;
        window.see("The time to pay is over").await;
        window.check("phone-expired").await;
        for _ in 0..2 {
            let payment = platform.payment(1_000).await;
            platform.guess(payment.id, 5).await;
        }
        window.go("/balance").await;
        window.type_into("pin", &unknown_pin()).await;
        window.press("Show balance").await;
        window.see("Too many tries").await;
        window.check("phone-slowed-down").await;
    })
    .await;
}

#[tokio::test]
async fn shop_that_opens_the_checkout_in_a_window_of_its_own_hears_of_the_end() {
    in_browser(DESKTOP, async |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(1_000)).await;
        let payment = window.platform.payment_of(window.request(1_000)).await.id;
        window.open_from_shop(payment).await;
        window.see("You pay").await;
        window.type_into("pin", &card.pin).await;
        window.press("Pay €10.00").await;
        window.see("Payment received").await;
        window.follow("Back to Kaffee & Söhne").await;
        window.see("The shop's first window is still there").await;
    })
    .await;
}

#[tokio::test]
async fn payer_of_a_frozen_voucher_reads_what_to_do_and_what_the_issuer_says() {
    let words = "Rufen Sie uns an: 0800 1234 <kostenlos>.";
    let actions = [Action::FreezeVoucher, Action::WarnPayer];
    let rule = rule("stolen", Verdict::Block, words, &actions);
    let platform = Platform::ruled(vec![rule]).await;
    in_browser_at(platform, DESKTOP, async move |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(2_500)).await;
        window.open_payment(1_000).await;
        window.type_into("pin", &card.pin).await;
        window.press("Pay €10.00").await;
        window.see("This payment was stopped").await;
        window.see("Your voucher is frozen").await;
        window.see("Is somebody asking you to pay?").await;
        window.see(words).await;
        window.check("blocked-and-frozen").await;
    })
    .await;
}

#[tokio::test]
async fn payer_who_is_challenged_reads_what_the_issuer_says() {
    let words = "Wir fragen nach der Seriennummer, weil viele Gutscheine gestohlen werden.";
    let rule = rule("asked", Verdict::Challenge, words, &[Action::WarnPayer]);
    let platform = Platform::ruled(vec![rule]).await;
    in_browser_at(platform, PHONE, async move |window: Arc<Window>| {
        let card = window.platform.card(Making::eur(2_500)).await;
        window.open_payment(1_000).await;
        window.type_into("pin", &card.pin).await;
        window.press("Pay €10.00").await;
        window.see("One more check").await;
        window.see("Is somebody asking you to pay?").await;
        window.see(words).await;
        window.check("phone-challenge-with-words").await;
    })
    .await;
}
