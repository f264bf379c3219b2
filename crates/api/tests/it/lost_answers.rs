//! Requests that are sent again because their answer was lost, without an idempotency key.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use sim::memory::Fault;
use store::port::Store;

use crate::platform::{Call, Platform, Reply, new_order, new_payment, new_refund};

fn named<'a>(call: Call<'a>, name: &str) -> Call<'a> {
    call.header("Correlation-ID", name)
}

/// Loses the answer of a request after it was carried out, and sends it again: one entry, and the answer that was lost.
async fn check_lost(
    platform: &Platform,
    send: impl AsyncFn() -> Reply,
    created: StatusCode,
) -> Value {
    let head = async || platform.store.head().await.expect("it can be read");
    let before = head().await;
    platform.store.inject(Fault::LostAnswer);
    let lost = send().await;
    assert_eq!(lost.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(lost.json()["applied"], Value::Null);
    let again = send().await;
    assert_eq!(again.status, created, "{}", again.text);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(send().await.text, again.text);
    assert_eq!(head().await, before.next());
    again.json()
}

#[tokio::test]
async fn every_step_of_a_named_payment_is_found_again() {
    let platform = Platform::new().await;
    let create = async || {
        let call = named(platform.shop(Method::POST, "/v1/payments"), "cart-1");
        call.json(&new_payment()).await
    };
    let created = check_lost(&platform, create, StatusCode::CREATED).await;
    assert_eq!(created["id"], "pay_1000001978_cart-1_EUR");
    let path = "/v1/payments/pay_1000001978_cart-1_EUR";
    platform
        .pay(
            created["id"].as_str().unwrap(),
            &[platform.sold_pin().await],
        )
        .await;

    let capture = async || {
        let call = platform.shop(Method::POST, format!("{path}/capture"));
        named(call, "cart-1").json(&json!({ "amount": 6 })).await
    };
    let captured = check_lost(&platform, capture, StatusCode::OK).await;
    assert_eq!(captured["captured_amount"], 6.0);

    let mut body = new_refund();
    body["capture"] = json!(false);
    let validate = async || {
        let call = platform.shop(Method::POST, format!("{path}/refunds"));
        named(call, "cart-1").json(&body).await
    };
    let validated = check_lost(&platform, validate, StatusCode::CREATED).await;
    assert_eq!(validated["status"], "VALIDATION_SUCCESSFUL");
    // Some clients carry a refund out by sending it again with another `capture`.
    let refund = async || {
        let call = platform.shop(Method::POST, format!("{path}/refunds"));
        named(call, "cart-1").json(&new_refund()).await
    };
    let refunded = check_lost(&platform, refund, StatusCode::CREATED).await;
    assert_eq!(refunded["id"], validated["id"]);
    assert_eq!(refunded["status"], "SUCCESS");
    let validated_again = validate().await;
    assert_eq!(validated_again.json()["status"], "VALIDATION_SUCCESSFUL");

    let cancel = async || {
        let call = platform.shop(Method::POST, format!("{path}/cancel"));
        named(call, "cart-1").send().await
    };
    let ended = check_lost(&platform, cancel, StatusCode::OK).await;
    assert_eq!(ended["status"], "SUCCESS");
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_shows_its_pin_again() {
    let platform = Platform::new().await;
    let order = async || {
        let call = named(platform.till(Method::POST, "/v1/orders"), "sale-1");
        call.json(&new_order()).await
    };
    let sold = check_lost(&platform, order, StatusCode::CREATED).await;
    assert_eq!(sold["order_id"], "order_2000000001_sale-1");
    assert_eq!(sold["card"]["pin"].as_str().unwrap().len(), 16);
    let mut other = new_order();
    other["amount"] = json!(10);
    let call = named(platform.till(Method::POST, "/v1/orders"), "sale-1");
    let refused = call.json(&other).await.json();
    assert_eq!(
        (&refused["number"], &refused["param"]),
        (&json!(2001), &json!("Correlation-ID"))
    );
    assert_eq!(refused["code"], "duplicate_correlation_id");
}

#[tokio::test]
async fn a_name_stands_for_one_body_of_each_request() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    let path = format!("/v1/payments/{id}/capture");
    let capture = async |amount: u32| {
        let call = named(platform.shop(Method::POST, &path), "part-1");
        call.json(&json!({ "amount": amount })).await
    };
    assert_eq!(capture(3).await.json()["captured_amount"], 3.0);
    let refused = capture(4).await.json();
    assert_eq!(
        (&refused["number"], &refused["applied"]),
        (&json!(2001), &json!(false))
    );
    assert_eq!(capture(3).await.json()["captured_amount"], 3.0);
}

#[tokio::test]
async fn a_refused_request_binds_no_name() {
    let platform = Platform::new().await;
    let id = platform.created().await;
    let path = format!("/v1/payments/{id}/capture");
    let capture = async || named(platform.shop(Method::POST, &path), "c").send().await;
    assert_eq!(capture().await.json()["number"], 2017);
    platform.pay(&id, &[platform.sold_pin().await]).await;
    let captured = capture().await;
    assert_eq!(captured.header("idempotency-replayed"), None);
    assert_eq!(captured.json()["status"], "SUCCESS");
}

#[tokio::test]
async fn a_repeated_request_without_any_name_is_told_what_happened() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    let capture = async || {
        let call = platform.shop(Method::POST, format!("/v1/payments/{id}/capture"));
        call.send().await
    };
    capture().await;
    let again = capture().await.json();
    assert_eq!(
        (&again["number"], &again["applied"]),
        (&json!(2017), &json!(false))
    );
    let detail = again["detail"].as_str().unwrap();
    assert!(
        detail.contains("A capture like this one, of 10.00 EUR, was carried out"),
        "{detail}"
    );
    let standing = &again["payment"];
    assert_eq!(standing["id"], id.as_str());
    assert_eq!(
        (&standing["status"], &standing["captured_amount"]),
        (&json!("SUCCESS"), &json!(10.0))
    );

    let mut whole = new_refund();
    whole["amount"] = json!(10);
    let refund = async || {
        let call = platform.shop(Method::POST, format!("/v1/payments/{id}/refunds"));
        call.json(&whole).await
    };
    assert_eq!(refund().await.status, StatusCode::CREATED);
    let again = refund().await.json();
    assert_eq!(
        (&again["number"], &again["applied"]),
        (&json!(3179), &json!(false))
    );
    assert_eq!(again["payment"]["refunded_amount"], 10.0);
    let detail = again["detail"].as_str().unwrap();
    assert!(detail.contains("A refund like this one, ref_"), "{detail}");
}
