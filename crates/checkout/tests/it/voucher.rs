//! Balance and freezing, through the router.

use http::StatusCode;
use ids::party::MerchantId;
use ids::time::{Span, Timestamp};
use payment::state::{CaptureMode, Finality};
use voucher::state::State;
use voucher::voucher::Activation;

use crate::platform::{Card, Making, Platform, START, request, unknown_pin};

#[tokio::test]
async fn balance_shows_what_is_left_and_what_became_of_the_rest() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    pay(&platform, &card, 800, CaptureMode::Automatic).await;
    pay(&platform, &card, 500, CaptureMode::Manual).await;
    let page = platform.post("/balance", &[("pin", &card.pin)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.shows("<p class=\"balance\">€12.00</p>"));
    assert!(page.shows("Reserved for a payment"));
    for line in ["Bought", "Paid to Kaffee", "Reserved for Kaffee"] {
        assert!(page.shows(line), "{line}");
    }
    for amount in ["+€25.00", "−€8.00", "€17.00", "−€5.00"] {
        assert!(page.shows(amount), "{amount}");
    }
    assert!(!page.shows(&card.pin));
}

#[tokio::test]
async fn captured_reservation_is_told_and_changes_no_balance() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let payment = pay(&platform, &card, 500, CaptureMode::Manual).await;
    let merchant = MerchantId::FIRST;
    let capture = platform
        .merchants
        .capture(merchant, payment, Some(300), Finality::Final, None);
    capture.await.unwrap();
    let page = platform.post("/balance", &[("pin", &card.pin)]).await;
    assert!(page.shows("<p class=\"balance\">€22.00</p>"));
    assert!(page.shows("Reservation paid to Kaffee") && page.shows("+€2.00"));
}

/// Unknown, used up, frozen, expired, unsold and void are one answer.
#[tokio::test]
async fn every_voucher_without_a_balance_to_show_gets_the_same_answer() {
    let platform = Platform::start().await;
    let mut pins = Vec::from(ended_pins(&platform).await);
    let frozen = platform.card(Making::eur(1_000)).await;
    platform.operator.freeze(frozen.serial).await.unwrap();
    pins.push(frozen.pin);
    let first = platform.post("/balance", &[("pin", &unknown_pin())]).await;
    assert_eq!(first.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(first.shows("We have no balance to show for this PIN."));
    for pin in pins {
        let page = platform.post("/balance", &[("pin", &pin)]).await;
        assert_eq!(page.comparable(), first.comparable());
    }
}

#[tokio::test]
async fn holder_of_the_pin_stops_a_voucher_once_and_for_all() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let page = platform.post("/freeze/pin", &[("pin", &card.pin)]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.shows("The voucher is frozen") && page.shows("€25.00"));
    let again = platform.post("/freeze/pin", &[("pin", &card.pin)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.shows("If you have frozen it before, it stays frozen."));
    let frozen = platform
        .operator
        .voucher(card.serial)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(frozen.state, State::Frozen(_)));
    let reference = format!(">{}</strong>", frozen.version.0);
    assert!(page.shows(&reference), "the page names the journal entry");
}

#[tokio::test]
async fn every_voucher_that_cannot_be_frozen_gets_the_same_answer() {
    let platform = Platform::start().await;
    let mut pins = Vec::from(ended_pins(&platform).await);
    let frozen = platform.card(Making::eur(1_000)).await;
    platform.operator.freeze(frozen.serial).await.unwrap();
    pins.push(frozen.pin);
    let first = platform
        .post("/freeze/pin", &[("pin", &unknown_pin())])
        .await;
    assert_eq!(first.status, StatusCode::UNPROCESSABLE_ENTITY);
    for pin in pins {
        let page = platform.post("/freeze/pin", &[("pin", &pin)]).await;
        assert_eq!(page.comparable(), first.comparable());
    }
}

#[tokio::test]
async fn owner_of_the_receipt_stops_a_voucher() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let serial = card.serial.to_string();
    let freeze = |date: &'static str, amount: &'static str| {
        let serial = serial.clone();
        let platform = &platform;
        async move {
            let fields = [
                ("serial", serial.as_str()),
                ("date", date),
                ("amount", amount),
            ];
            platform.post("/freeze/serial", &fields).await
        }
    };
    for (date, amount) in [
        ("2026-12-02", "20"),
        ("2026-11-30", "25"),
        ("2026-12-02", "25.001"),
    ] {
        let page = freeze(date, amount).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.shows("These details do not fit"), "{date} {amount}");
        assert!(page.shows(&serial), "what was typed comes back");
    }
    assert!(freeze("", "25").await.shows("Enter the day of purchase."));
    assert!(
        freeze("2026-12-02", "")
            .await
            .shows("Enter the value of the voucher")
    );
    let page = freeze("2026-12-03", "25,00").await;
    assert!(
        page.shows("The voucher is frozen"),
        "the day after, where it is already tomorrow"
    );
    let again = freeze("2026-12-03", "25,00").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.shows("If you have frozen the voucher before, it stays frozen."));
}

#[tokio::test]
async fn slip_in_a_pin_costs_no_try() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let last = card.pin.as_bytes()[15] - b'0';
    let slip = format!("{}{}", &card.pin[..15], (last + 1) % 10);
    for address in ["/balance", "/freeze/pin"] {
        for _ in 0..12 {
            let page = platform.post(address, &[("pin", &slip)]).await;
            assert!(page.shows("There is a typing slip in this PIN."));
        }
    }
    let page = platform.post("/balance", &[("pin", &card.pin)]).await;
    assert_eq!(page.status, StatusCode::OK);
}

/// PINs of vouchers that are used up, expired, not sold, and void.
async fn ended_pins(platform: &Platform) -> [String; 4] {
    let with = |activation| Making {
        activation,
        ..Making::eur(1_000)
    };
    let expired = platform
        .card(with(Activation::Immediate {
            expires_at: START.plus(Span::HOUR),
            fee_due_at: Timestamp::NEVER,
        }))
        .await;
    platform.wait(Span::HOUR).await;
    let unsold = platform.card(with(Activation::Pending)).await;
    let void = platform.card(Making::eur(1_000)).await;
    platform.operator.void(void.serial).await.unwrap();
    let spent = platform.card(Making::eur(1_000)).await;
    pay(platform, &spent, 1_000, CaptureMode::Automatic).await;
    [spent.pin, expired.pin, unsold.pin, void.pin]
}

async fn pay(
    platform: &Platform,
    card: &Card,
    minor: i64,
    capture: CaptureMode,
) -> ids::object::PaymentId {
    let mut request = request(minor);
    request.capture = capture;
    let payment = platform.payment_of(request).await;
    let pay = platform.pay_link(payment.id);
    let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert!(page.shows("Payment received"));
    payment.id
}
