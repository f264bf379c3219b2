//! Repeated requests.

use http::{Method, StatusCode};
use serde_json::json;

use crate::platform::{Call, Platform, Reply, new_order, new_payment, new_refund};

fn keyed<'a>(call: Call<'a>, key: &str) -> Call<'a> {
    call.header("Idempotency-Key", key)
}

/// The second answer is the first one, byte for byte, and says so.
fn assert_replayed(first: &Reply, second: &Reply) {
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.status, second.status);
    assert_eq!(first.text, second.text);
}

#[tokio::test]
async fn a_repeated_creation_is_one_payment() {
    let platform = Platform::new().await;
    let create = async || {
        keyed(platform.shop(Method::POST, "/v1/payments"), "cart-1")
            .json(&new_payment())
            .await
    };
    let first = create().await;
    let id = first.json()["id"].as_str().unwrap().to_owned();
    platform.pay(&id, &[platform.sold_pin().await]).await;
    let second = create().await;
    assert_replayed(&first, &second);
    let listed = platform.shop(Method::GET, "/v1/payments").send().await;
    assert_eq!(listed.json()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_repeated_capture_takes_nothing_more() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    let path = format!("/v1/payments/{id}/capture");
    let capture = async |key: &str| {
        keyed(platform.shop(Method::POST, &path), key)
            .json(&json!({ "amount": 4 }))
            .await
    };
    let first = capture("a").await;
    capture("b").await;
    assert_replayed(&first, &capture("a").await);
    let payment = platform
        .shop(Method::GET, format!("/v1/payments/{id}"))
        .send()
        .await;
    assert_eq!(payment.json()["captured_amount"], 8.0);
}

#[tokio::test]
async fn a_repeated_refund_finds_its_own_refund() {
    let platform = Platform::new().await;
    let id = platform.captured().await;
    let path = format!("/v1/payments/{id}/refunds");
    let refund = async |key: &str| {
        keyed(platform.shop(Method::POST, &path), key)
            .json(&new_refund())
            .await
    };
    let first = refund("a").await;
    let other = refund("b").await;
    assert_ne!(first.json()["id"], other.json()["id"]);
    assert_replayed(&first, &refund("a").await);
    assert_replayed(&other, &refund("b").await);

    let mut body = new_refund();
    body["amount"] = json!(1);
    body["capture"] = json!(false);
    let validated = platform.shop(Method::POST, &path).json(&body).await;
    let refund_id = validated.json()["id"].as_str().unwrap().to_owned();
    let capture = async || {
        let path = format!("{path}/{refund_id}/capture");
        keyed(platform.shop(Method::POST, path), "c").send().await
    };
    let first = capture().await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert_replayed(&first, &capture().await);
}

#[tokio::test]
async fn a_repeated_cancellation_is_answered_alike() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    let path = format!("/v1/payments/{id}/cancel");
    let cancel = async || keyed(platform.shop(Method::POST, &path), "x").send().await;
    assert_replayed(&cancel().await, &cancel().await);
}

#[tokio::test]
async fn a_repeated_order_shows_its_pin_again_and_cancels_once() {
    let platform = Platform::new().await;
    let order = async || {
        keyed(platform.till(Method::POST, "/v1/orders"), "sale-1")
            .json(&new_order())
            .await
    };
    let first = order().await;
    assert_replayed(&first, &order().await);
    let id = first.json()["order_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/orders/{id}");
    let cancel = async || {
        keyed(platform.till(Method::DELETE, &path), "undo-1")
            .send()
            .await
    };
    assert_replayed(&cancel().await, &cancel().await);
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_party() {
    let platform = Platform::new().await;
    let create = |key: &str, body| {
        let call = platform.call(Method::POST, "/v1/payments").key(key);
        let call = keyed(call, "k1").header("content-type", "application/json");
        async move { call.body(serde_json::to_vec(&body).unwrap()).send().await }
    };
    let first = create(&platform.shop_key, new_payment()).await;
    let mut other_body = new_payment();
    other_body["amount"] = json!(11);
    let refused = create(&platform.shop_key, other_body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["code"], "idempotency_key_reused");
    assert_eq!(refused.json()["param"], "Idempotency-Key");
    assert_eq!(refused.json()["applied"], false);
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let cancel = platform.shop(Method::POST, format!("/v1/payments/{id}/cancel"));
    assert_eq!(
        keyed(cancel, "k1").send().await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let others = create(&platform.other_shop_key, new_payment()).await;
    assert_eq!(others.status, StatusCode::CREATED);
    assert_eq!(others.header("idempotency-replayed"), None);
}

#[tokio::test]
async fn a_refused_request_binds_no_key() {
    let platform = Platform::new().await;
    let id = platform.created().await;
    let path = format!("/v1/payments/{id}/capture");
    let capture = async || keyed(platform.shop(Method::POST, &path), "k").send().await;
    assert_eq!(capture().await.json()["number"], 2017);
    platform.pay(&id, &[platform.sold_pin().await]).await;
    let captured = capture().await;
    assert_eq!(captured.json()["status"], "SUCCESS");
    assert_replayed(&captured, &capture().await);
}

#[tokio::test]
async fn a_key_stands_for_one_correlation_id_and_one_query() {
    let platform = Platform::new().await;
    let create = async |path: &str, names: &[&str]| {
        let mut call = keyed(platform.shop(Method::POST, path), "k1");
        for name in names {
            call = call.header("Correlation-ID", *name);
        }
        call.json(&new_payment()).await
    };
    let first = create("/v1/payments", &["cart-1"]).await;
    assert_eq!(first.status, StatusCode::CREATED);
    for (path, names) in [
        ("/v1/payments", &["cart-2"][..]),
        ("/v1/payments", &[]),
        ("/v1/payments?shop=1", &["cart-1"]),
    ] {
        let refused = create(path, names).await;
        assert_eq!(
            refused.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path} {names:?}"
        );
    }
    assert_replayed(&first, &create("/v1/payments", &["cart-1"]).await);
}

#[tokio::test]
async fn a_key_cancels_the_order_of_one_correlation_id() {
    let platform = Platform::new().await;
    for name in ["sale-1", "sale-2"] {
        let call = platform.till(Method::POST, "/v1/orders");
        let sold = call.header("Correlation-ID", name).json(&new_order()).await;
        assert_eq!(sold.status, StatusCode::CREATED);
    }
    let cancel = async |name: &str| {
        let call = keyed(platform.till(Method::DELETE, "/v1/orders"), "undo-1");
        call.header("Correlation-ID", name).send().await
    };
    let first = cancel("sale-1").await;
    assert_eq!(first.json()["status"], "CANCELLED");
    let other = cancel("sale-2").await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_replayed(&first, &cancel("sale-1").await);
}
