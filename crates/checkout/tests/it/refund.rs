//! Collecting a refund, through the router.

use http::StatusCode;
use ids::object::{PaymentId, RefundId};
use ids::party::MerchantId;
use ids::time::{Span, Timestamp};
use payment::refund::RefundRequest;
use payment::state::CaptureMode;
use voucher::voucher::Activation;

use crate::platform::{Making, Platform, START, request};

#[tokio::test]
async fn refund_of_an_expired_voucher_comes_as_a_fresh_one() {
    let platform = Platform::start().await;
    let (payment, refund) = refund(&platform, mortal()).await;
    let page = platform.get(&address(&platform, payment, refund)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.shows("Kaffee &#38; Söhne has given €10.00 back to you."));
    let (_, rest) = page.body.split_once("<strong>").unwrap();
    let pin = rest.split_once('<').unwrap().0;
    let balance = platform.post("/balance", &[("pin", pin)]).await;
    assert!(
        balance.shows("<p class=\"balance\">€10.00</p>"),
        "the new PIN works"
    );
    assert!(balance.shows("Refunded by Kaffee"));
}

#[tokio::test]
async fn refund_to_the_same_voucher_shows_no_pin() {
    let platform = Platform::start().await;
    let (payment, refund) = refund(&platform, Making::eur(1_000)).await;
    let page = platform.get(&address(&platform, payment, refund)).await;
    assert!(page.shows("The money is back on the voucher that you paid with."));
    assert!(!page.shows("New voucher"));
}

#[tokio::test]
async fn without_its_key_there_is_no_such_refund() {
    let platform = Platform::start().await;
    let (payment, refund) = refund(&platform, Making::eur(1_000)).await;
    let other: RefundId = "ref_1000001978_other_EUR".parse().unwrap();
    let foreign = platform
        .vault
        .checkout_key(format!("{payment}/{other}").as_bytes());
    // A merchant may give the refunds of two payments the same id, so the id alone opens nothing.
    let alone = platform.vault.checkout_key(refund.to_string().as_bytes());
    for address in [
        format!("/refund/{payment}/{refund}"),
        format!("/refund/{payment}/{refund}?key={}", platform.key(payment)),
        format!("/refund/{payment}/{other}?key={}", foreign.to_hex()),
        format!("/refund/{payment}/{refund}?key={}", alone.to_hex()),
    ] {
        let page = platform.get(&address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
    }
}

/// A voucher of ten euros that lives a day.
pub fn mortal() -> Making {
    Making {
        activation: Activation::Immediate {
            expires_at: START.plus(Span::DAY),
            fee_due_at: Timestamp::NEVER,
        },
        ..Making::eur(1_000)
    }
}

/// Pays, lets two days pass, and gives everything back.
pub async fn refund(platform: &Platform, making: Making) -> (PaymentId, RefundId) {
    let card = platform.card(making).await;
    let mut wish = request(1_000);
    wish.capture = CaptureMode::Automatic;
    let payment = platform.payment_of(wish).await;
    let pay = platform.pay_link(payment.id);
    platform.submit(&pay, &[("pin", &card.pin)]).await;
    platform.wait(Span::DAY.times(2)).await;
    let id = platform.merchants.refund_id(payment.id, None);
    let wish = RefundRequest {
        minor: 1_000,
        customer_id: "customer-1".to_owned(),
        customer_email: None,
        submerchant: None,
        comment: None,
    };
    let done = platform
        .merchants
        .refund(MerchantId::FIRST, payment.id, id, wish, None);
    done.await.unwrap();
    (payment.id, id)
}

pub fn address(platform: &Platform, payment: PaymentId, refund: RefundId) -> String {
    let both = format!("{payment}/{refund}");
    let key = platform.vault.checkout_key(both.as_bytes());
    format!("/refund/{payment}/{refund}?key={}", key.to_hex())
}
