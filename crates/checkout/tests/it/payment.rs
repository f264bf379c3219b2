//! Paying, through the router.

use axum::body::Body;
use http::{Request, StatusCode, header};
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use money::currency::Currency;
use payment::payment::{KycLevel, PaymentRequest};
use payment::state::Status;
use voucher::voucher::Activation;

use crate::platform::{Making, Platform, form, request, unknown_pin};

const REFUSED: &str = "We cannot accept this PIN. Check it, or use another voucher.";

#[tokio::test]
async fn right_pin_pays_and_leads_back_to_the_shop() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let payment = platform.payment(1_000).await;

    let page = platform.get(&platform.link(payment.id)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.shows("€10.00") && page.shows("Kaffee &#38; Söhne"));
    let opened = platform.look_up(payment.id).await;
    assert_eq!(opened.status, Status::Redirected);
    assert_eq!(opened.customer_address, Some([203, 0, 113, 9].into()));

    let result = platform
        .submit(
            &platform.pay_link(payment.id),
            &[("vouchers", ""), ("pin", &card.pin)],
        )
        .await;
    assert!(result.shows("You paid €10.00 to Kaffee &#38; Söhne."));
    assert!(result.shows(&format!("https://shop.example/ok?id={}", payment.id)));
    assert!(result.shows(&last_four(card.serial)) && result.shows("€15.00 left"));
    assert!(!result.shows(&card.pin));
    let paid = platform.look_up(payment.id).await;
    assert_eq!((paid.status, paid.held()), (Status::Authorized, 1_000));
}

#[tokio::test]
async fn payment_can_be_paid_in_one_request() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(1_000)).await;
    let payment = platform.payment(1_000).await;
    let key = platform.key(payment.id);
    let address = format!("/checkout/{}/pay", payment.id);
    let answer = platform
        .post(&address, &[("key", &key), ("pin", &card.pin)])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.location().contains("/result?"));
    assert!(answer.body.is_empty() && !answer.location().contains(&card.pin));
    assert_eq!(
        platform.look_up(payment.id).await.status,
        Status::Authorized
    );
}

#[tokio::test]
async fn two_vouchers_pay_together() {
    let platform = Platform::start().await;
    let small = platform.card(Making::eur(400)).await;
    let large = platform.card(Making::eur(2_500)).await;
    let payment = platform.payment(1_000).await;
    let pay = platform.pay_link(payment.id);

    let page = platform.submit(&pay, &[("pin", &small.pin)]).await;
    assert!(page.shows(&last_four(small.serial)) && page.shows("€6.00"));
    let basket = page.basket().to_owned();
    let reloaded = platform
        .get(&format!("{}&vouchers={basket}", platform.link(payment.id)))
        .await;
    assert!(reloaded.shows("€6.00"), "a reload keeps the basket");

    let result = platform
        .submit(&pay, &[("vouchers", &basket), ("pin", &large.pin)])
        .await;
    assert!(result.shows("€0.00 left") && result.shows("€19.00 left"));
    let held: Vec<(Serial, i64)> = platform
        .look_up(payment.id)
        .await
        .allocations
        .iter()
        .map(|part| (part.serial, part.held))
        .collect();
    assert_eq!(held, [(small.serial, 400), (large.serial, 600)]);
}

#[tokio::test]
async fn voucher_can_be_taken_out_again() {
    let platform = Platform::start().await;
    let small = platform.card(Making::eur(400)).await;
    let payment = platform.payment(1_000).await;
    let page = platform
        .submit(&platform.pay_link(payment.id), &[("pin", &small.pin)])
        .await;
    let remove = format!(
        "/checkout/{}/vouchers/remove?key={}",
        payment.id,
        platform.key(payment.id)
    );
    let fields = [("vouchers", page.basket()), ("remove", "0")];
    let page = platform.submit(&remove, &fields).await;
    assert!(page.basket().is_empty() && !page.shows(&last_four(small.serial)));
    let page = platform
        .submit(&remove, &[("vouchers", ""), ("remove", "7")])
        .await;
    assert_eq!(page.status, StatusCode::OK);
}

/// Wrong, empty, frozen, expired, unsold and void are one answer.
#[tokio::test]
async fn every_pin_that_cannot_pay_gets_the_same_answer() {
    let platform = Platform::start().await;
    let mut answers = Vec::new();
    for pin in useless_pins(&platform).await {
        let payment = platform.payment(1_000).await;
        let id = payment.id.to_string();
        let key = platform.key(payment.id);
        let anonymous = |text: &str| text.replace(&id, "ID").replace(&key, "KEY");
        let pay = platform.pay_link(payment.id);
        let answer = platform.post(&pay, &[("pin", &pin)]).await;
        let page = platform.follow(&answer).await;
        assert!(page.shows(REFUSED));
        let (status, headers, body) = page.comparable();
        answers.push((
            anonymous(answer.location()),
            status,
            headers,
            anonymous(body),
        ));
        assert_eq!(platform.look_up(payment.id).await.rejected_pins, 1);
    }
    for answer in &answers[1..] {
        assert_eq!(answer, &answers[0]);
    }
}

#[tokio::test]
async fn fifth_wrong_pin_cancels_the_payment() {
    let platform = Platform::start().await;
    let payment = platform.payment(1_000).await;
    let pay = platform.pay_link(payment.id);
    for wrong in 1..=4 {
        let page = platform.submit(&pay, &[("pin", &unknown_pin())]).await;
        assert!(page.shows(REFUSED));
        let warns = page.shows("more wrong PIN");
        assert_eq!(warns, 3 <= wrong, "after {wrong} wrong PINs");
    }
    let page = platform.submit(&pay, &[("pin", &unknown_pin())]).await;
    assert!(page.shows("Too many wrong PINs"));
    assert!(page.shows(&format!("https://shop.example/failed?id={}", payment.id)));
    let ended = platform.look_up(payment.id).await;
    assert_eq!(ended.status, Status::CanceledCustomer);

    let card = platform.card(Making::eur(2_500)).await;
    let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert!(
        page.shows("Too many wrong PINs"),
        "it takes no right PIN either"
    );
}

#[tokio::test]
async fn typing_slip_is_told_at_once_and_costs_no_try() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(1_000)).await;
    let payment = platform.payment(1_000).await;
    let pay = platform.pay_link(payment.id);
    let last = card.pin.as_bytes()[15] - b'0';
    let slip = format!("{}{}", &card.pin[..15], (last + 1) % 10);
    for _ in 0..12 {
        let page = platform.submit(&pay, &[("pin", &slip)]).await;
        assert!(page.shows("There is a typing slip in this PIN."));
    }
    let page = platform.submit(&pay, &[("pin", &card.pin[..15])]).await;
    assert!(page.shows("A PIN has 16 digits; you entered 15."));
    let page = platform.submit(&pay, &[("pin", "sixteen")]).await;
    assert!(page.shows("A PIN has digits only."));
    let page = platform.submit(&pay, &[("pin", " ")]).await;
    assert!(page.shows("Enter the PIN: the 16 digits on your voucher."));
    assert_eq!(platform.look_up(payment.id).await.rejected_pins, 0);
    let grouped = format!(
        "{} {}-{} {}",
        &card.pin[..4],
        &card.pin[4..8],
        &card.pin[8..12],
        &card.pin[12..]
    );
    let page = platform.submit(&pay, &[("pin", &grouped)]).await;
    assert!(page.shows("Payment received"));
}

#[tokio::test]
async fn guessing_is_slowed_down_with_the_time_to_wait() {
    let platform = Platform::start().await;
    for _ in 0..10 {
        let payment = platform.payment(1_000).await;
        let pay = platform.pay_link(payment.id);
        platform.post(&pay, &[("pin", &unknown_pin())]).await;
    }
    let card = platform.card(Making::eur(2_000)).await;
    let neighbour = platform.payment(1_000).await;
    let first_try = platform.pay_link(neighbour.id);
    let page = platform.submit(&first_try, &[("pin", &card.pin)]).await;
    assert!(
        page.shows("Payment received"),
        "the first try of a payment does not wait for what others guessed"
    );
    let payment = platform.payment(1_000).await;
    let pay = platform.pay_link(payment.id);
    platform.post(&pay, &[("pin", &unknown_pin())]).await;
    let answer = platform.post(&pay, &[("pin", &card.pin)]).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers[header::RETRY_AFTER], "360");
    assert!(answer.shows("Try again in 6 minutes."));
    assert!(
        answer.shows(&platform.link(payment.id)),
        "the page leads back"
    );
    let page = platform.post("/balance", &[("pin", &card.pin)]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);

    platform.clock.advance(Span::MINUTE.times(6));
    let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert!(
        page.shows("Payment received"),
        "a right PIN pays after the wait"
    );
}

#[tokio::test]
async fn good_voucher_that_does_not_suit_is_told_why() {
    let platform = Platform::start().await;
    let zloty = Making {
        currency: Currency::PLN,
        ..Making::eur(5_000)
    };
    let zloty = platform.card(zloty).await;
    let euro = platform.card(Making::eur(400)).await;
    let plain = platform.payment(1_000).await;
    let pay = platform.pay_link(plain.id);
    let page = platform.submit(&pay, &[("pin", &zloty.pin)]).await;
    assert!(page.shows("This voucher is in PLN, but the shop wants EUR."));
    let page = platform.submit(&pay, &[("pin", &euro.pin)]).await;
    let fields = [("vouchers", page.basket()), ("pin", euro.pin.as_str())];
    let page = platform.submit(&pay, &fields).await;
    assert!(page.shows("You have already entered this PIN.") && page.shows("€6.00"));

    let german = restricted(|customer| customer.country_restriction = "DE".parse().ok());
    let german = platform.payment_of(german).await;
    let page = platform
        .submit(&platform.pay_link(german.id), &[("pin", &euro.pin)])
        .await;
    assert!(page.shows("This shop takes vouchers from DE only."));
    let verified = restricted(|customer| customer.kyc_level = Some(KycLevel::Simple));
    let verified = platform.payment_of(verified).await;
    let page = platform
        .submit(&platform.pay_link(verified.id), &[("pin", &euro.pin)])
        .await;
    assert!(page.shows("This shop asks for a verified account"));
    for payment in [plain, german, verified] {
        assert_eq!(platform.look_up(payment.id).await.rejected_pins, 0);
    }
}

#[tokio::test]
async fn voucher_that_was_spent_elsewhere_drops_out_and_counts_as_no_wrong_pin() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(400)).await;
    let other = platform.card(Making::eur(300)).await;
    let first = platform.payment(1_000).await;
    let page = platform
        .submit(&platform.pay_link(first.id), &[("pin", &card.pin)])
        .await;
    let basket = page.basket().to_owned();
    let second = platform.payment(400).await;
    platform
        .submit(&platform.pay_link(second.id), &[("pin", &card.pin)])
        .await;

    let fields = [("vouchers", basket.as_str()), ("pin", &other.pin)];
    let page = platform.submit(&platform.pay_link(first.id), &fields).await;
    assert!(page.shows("The value of a voucher has changed in the meantime."));
    assert!(page.shows("€7.00") && !page.shows(&last_four(card.serial)));
    assert_eq!(platform.look_up(first.id).await.rejected_pins, 0);
}

#[tokio::test]
async fn basket_of_another_payment_is_empty() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(400)).await;
    let first = platform.payment(1_000).await;
    let page = platform
        .submit(&platform.pay_link(first.id), &[("pin", &card.pin)])
        .await;
    let second = platform.payment(300).await;
    let fields = [("vouchers", page.basket())];
    let page = platform
        .submit(&platform.pay_link(second.id), &fields)
        .await;
    assert!(page.shows("Enter the PIN: the 16 digits on your voucher."));
    assert_eq!(platform.look_up(second.id).await.held(), 0);
}

#[tokio::test]
async fn basket_that_is_none_goes_nowhere() {
    let platform = Platform::start().await;
    let payment = platform.payment(1_000).await;
    let fields = [("vouchers", "x%0D%0Aset-cookie:y"), ("pin", "1")];
    let answer = platform.post(&platform.pay_link(payment.id), &fields).await;
    let expected = format!("{}&problem=pin-length-1", platform.link(payment.id));
    assert_eq!(answer.location(), expected);
}

#[tokio::test]
async fn payment_whose_time_is_over_takes_nothing() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(1_000)).await;
    let payment = platform.payment(1_000).await;
    platform.get(&platform.link(payment.id)).await;
    platform.clock.advance(Span::MINUTE.times(30));
    let unnoticed = platform.get(&platform.link(payment.id)).await;
    assert!(
        platform
            .follow(&unnoticed)
            .await
            .shows("The time to pay is over")
    );
    platform.wait(Span::SECOND).await;
    let pay = platform.pay_link(payment.id);
    let page = platform.submit(&pay, &[("pin", &card.pin)]).await;
    assert!(page.shows("The time to pay is over"));
    assert!(page.shows("https://shop.example/failed?id="));
    let ended = platform.look_up(payment.id).await;
    assert_eq!((ended.status, ended.held()), (Status::Expired, 0));
}

#[tokio::test]
async fn without_its_key_there_is_no_such_payment() {
    let platform = Platform::start().await;
    let payment = platform.payment(1_000).await;
    let other = platform.payment(1_000).await;
    let (id, foreign) = (payment.id, platform.key(other.id));
    let nowhere = platform.get("/nowhere").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    for address in [
        format!("/checkout/{id}"),
        format!("/checkout/{id}?key="),
        format!("/checkout/{id}?key={foreign}"),
        format!("/checkout/{id}/result?key={foreign}"),
        format!("/checkout/{id}/pay?key={foreign}"),
        format!("/checkout/pay_nonsense?key={foreign}"),
    ] {
        let page = platform.get(&address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        assert!(page.shows("There is no such page") && !page.shows("Kaffee"));
    }
    let card = platform.card(Making::eur(1_000)).await;
    for place in ["pay", "cancel", "vouchers/remove"] {
        let address = format!("/checkout/{id}/{place}?key={foreign}");
        let page = platform.post(&address, &[("pin", &card.pin)]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{place}");
    }
    assert_eq!(platform.look_up(id).await.status, Status::Initiated);
}

#[tokio::test]
async fn payer_can_cancel_until_it_is_paid() {
    let platform = Platform::start().await;
    let payment = platform.payment(1_000).await;
    let cancel = format!(
        "/checkout/{}/cancel?key={}",
        payment.id,
        platform.key(payment.id)
    );
    let page = platform.submit(&cancel, &[]).await;
    assert!(page.shows("Payment cancelled"));
    assert!(page.shows(&format!("https://shop.example/failed?id={}", payment.id)));
    assert_eq!(
        platform.look_up(payment.id).await.status,
        Status::CanceledCustomer
    );

    let card = platform.card(Making::eur(1_000)).await;
    let payment = platform.payment(1_000).await;
    platform
        .submit(&platform.pay_link(payment.id), &[("pin", &card.pin)])
        .await;
    let cancel = format!(
        "/checkout/{}/cancel?key={}",
        payment.id,
        platform.key(payment.id)
    );
    let page = platform.submit(&cancel, &[]).await;
    assert!(page.shows("Payment received"));
    assert_eq!(
        platform.look_up(payment.id).await.status,
        Status::Authorized
    );
}

#[tokio::test]
async fn shop_does_not_see_what_is_left_on_a_voucher() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(2_500)).await;
    let payment = platform.payment(1_000).await;
    platform
        .submit(&platform.pay_link(payment.id), &[("pin", &card.pin)])
        .await;
    let as_shop = platform.get(&platform.link(payment.id)).await;
    let page = platform.follow(&as_shop).await;
    assert!(page.shows("You paid €10.00"));
    assert!(!page.shows("left") && !page.shows(&last_four(card.serial)));
}

#[tokio::test]
async fn form_of_another_website_is_refused() {
    let platform = Platform::start().await;
    let card = platform.card(Making::eur(1_000)).await;
    let payment = platform.payment(1_000).await;
    let mut request = form(&platform.pay_link(payment.id), &[("pin", &card.pin)]);
    let foreign = http::HeaderValue::from_static("cross-site");
    request.headers_mut().insert("sec-fetch-site", foreign);
    let page = platform.send(request).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.shows("This form came from another website"));
    assert_eq!(platform.look_up(payment.id).await.status, Status::Initiated);
}

#[tokio::test]
async fn address_that_could_run_as_a_script_is_no_link() {
    let platform = Platform::start().await;
    let payment = platform
        .payment_of(PaymentRequest {
            failure_url: "javascript:alert(1)".to_owned(),
            ..request(1_000)
        })
        .await;
    let cancel = format!(
        "/checkout/{}/cancel?key={}",
        payment.id,
        platform.key(payment.id)
    );
    let page = platform.submit(&cancel, &[]).await;
    assert!(page.shows("Payment cancelled") && !page.shows("javascript:alert"));
}

#[tokio::test]
async fn language_that_the_shop_proposes_stays() {
    let platform = Platform::start().await;
    let payment = platform.payment(1_000).await;
    let page = platform
        .get(&format!("{}&lang=de", platform.link(payment.id)))
        .await;
    assert!(page.shows("Sie zahlen") && page.shows("&#38;lang=de"));
    let pay = format!("{}&lang=de", platform.pay_link(payment.id));
    let page = platform.submit(&pay, &[("pin", &unknown_pin())]).await;
    assert!(page.shows("Diese PIN können wir nicht annehmen."));
}

#[tokio::test]
async fn address_of_a_form_leads_to_the_page() {
    let platform = Platform::start().await;
    let payment = platform.payment(1_000).await;
    let answer = platform.get(&platform.pay_link(payment.id)).await;
    assert_eq!(answer.location(), platform.link(payment.id));
}

/// One PIN for each reason why a PIN cannot pay.
async fn useless_pins(platform: &Platform) -> Vec<String> {
    let mortal = Activation::Immediate {
        expires_at: crate::platform::START.plus(Span::HOUR),
        fee_due_at: Timestamp::NEVER,
    };
    let with = |activation| Making {
        activation,
        ..Making::eur(1_000)
    };
    let expired = platform.card(with(mortal)).await;
    platform.wait(Span::HOUR).await;
    let unsold = platform.card(with(Activation::Pending)).await;
    let frozen = platform.card(Making::eur(1_000)).await;
    platform.operator.freeze(frozen.serial).await.unwrap();
    let void = platform.card(Making::eur(1_000)).await;
    platform.operator.void(void.serial).await.unwrap();
    let empty = platform.card(Making::eur(1_000)).await;
    let payment = platform.payment(1_000).await;
    platform
        .submit(&platform.pay_link(payment.id), &[("pin", &empty.pin)])
        .await;
    let cards = [expired, unsold, frozen, void, empty];
    let known = cards.into_iter().map(|card| card.pin);
    std::iter::once(unknown_pin()).chain(known).collect()
}

fn restricted(restrict: impl FnOnce(&mut payment::payment::Customer)) -> PaymentRequest {
    let mut request = request(1_000);
    restrict(&mut request.customer);
    request
}

fn last_four(serial: Serial) -> String {
    format!("…{}", &serial.to_string()[12..])
}

#[tokio::test]
async fn a_look_without_a_body_does_not_open_the_payment() {
    let platform = Platform::start().await;
    let payment = platform.payment(1_000).await;
    let link = platform.link(payment.id);
    let head = Request::head(&link).body(Body::empty()).unwrap();
    assert_eq!(platform.send(head).await.status, StatusCode::OK);
    let after = platform.look_up(payment.id).await;
    assert_eq!(after.status, Status::Initiated);
    platform.get(&link).await;
    let after = platform.look_up(payment.id).await;
    assert_eq!(after.status, Status::Redirected);
}
