//! The life of a payment.

use http::{Method, StatusCode};
use ids::time::Span;
use insta::assert_snapshot;
use serde_json::json;

use crate::platform::{Platform, new_payment};

#[tokio::test]
async fn a_new_payment_has_the_shape_of_the_interface() {
    let platform = Platform::new().await;
    let reply = platform
        .shop(Method::POST, "/v1/payments")
        .json(&new_payment())
        .await;
    assert_eq!(reply.status, StatusCode::CREATED);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("scrip-warnings"), None);
    let id = reply.json()["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("pay_1000001978_") && id.ends_with("_EUR"));
    let key = platform.vault.checkout_key(id.as_bytes()).to_hex();
    assert_snapshot!(reply.lines(&[(&id, "ID"), (&key, "KEY")]), @r#"
    {"object":"PAYMENT",
    "id":"ID",
    "created":1769860800000,
    "updated":1769860800000,
    "amount":10.00,
    "currency":"EUR",
    "status":"INITIATED",
    "type":"PAYSAFECARD",
    "redirect":{"success_url":"https://shop.example/ok?id=ID",
    "failure_url":"https://shop.example/failed",
    "auth_url":"https://pay.example/checkout/ID?key=KEY"},
    "customer":{"id":"c1"},
    "notification_url":"https://shop.example/notify/ID",
    "capture":"manual",
    "capture_window":60,
    "captured_amount":0.00,
    "refunded_amount":0.00,
    "sequence":8}
    "#);
}

#[tokio::test]
async fn a_captured_payment_shows_its_vouchers() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    let path = format!("/v1/payments/{id}");
    let held = platform.shop(Method::GET, &path).send().await.json();
    assert_eq!(held["status"], "AUTHORIZED");
    assert_eq!(held["capture_until"], 1_769_860_860_000_i64);
    let reply = platform
        .shop(Method::POST, format!("{path}/capture"))
        .json(&json!({ "id": id }))
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    let key = platform.vault.checkout_key(id.as_bytes()).to_hex();
    let serial = reply.json()["card_details"][0]["serial"]
        .as_str()
        .unwrap()
        .to_owned();
    let names = [(id.as_str(), "ID"), (&key, "KEY"), (&serial, "SERIAL")];
    assert_snapshot!(reply.lines(&names), @r#"
    {"object":"PAYMENT",
    "id":"ID",
    "created":1769860800000,
    "updated":1769860800000,
    "amount":10.00,
    "currency":"EUR",
    "status":"SUCCESS",
    "type":"PAYSAFECARD",
    "redirect":{"success_url":"https://shop.example/ok?id=ID",
    "failure_url":"https://shop.example/failed",
    "auth_url":"https://pay.example/checkout/ID?key=KEY"},
    "customer":{"id":"c1"},
    "notification_url":"https://shop.example/notify/ID",
    "card_details":[{"serial":"SERIAL",
    "currency":"EUR",
    "amount":10.00,
    "type":"00002",
    "country":"AT",
    "captured_amount":10.00,
    "refunded_amount":0.00}],
    "capture":"manual",
    "capture_window":60,
    "captured_amount":10.00,
    "refunded_amount":0.00,
    "sequence":11}
    "#);
    let read = platform.shop(Method::GET, &path).send().await;
    assert_eq!(read.text, reply.text);
}

#[tokio::test]
async fn every_body_that_clients_send_captures_everything() {
    let platform = Platform::new().await;
    for body in ["", "{}", "[]", "null", " \n", "{\"id\":\"x\"}"] {
        let id = platform.authorized().await;
        let path = format!("/v1/payments/{id}/capture");
        let call = platform.shop(Method::POST, path).body(body);
        let reply = call
            .header("content-type", "application/x-www-form-urlencoded")
            .send()
            .await;
        assert_eq!(reply.json()["status"], "SUCCESS", "{body}");
        assert!(reply.text.contains("\"captured_amount\":10.00"), "{body}");
    }
}

#[tokio::test]
async fn captures_in_part_leave_the_rest_held_until_the_last() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    let path = format!("/v1/payments/{id}/capture");
    let capture = async |body| platform.shop(Method::POST, &path).json(&body).await.json();
    let first = capture(json!({ "amount": "4.00" })).await;
    assert_eq!(first["status"], "AUTHORIZED");
    assert_eq!(first["captured_amount"], 4.0);
    let too_much = capture(json!({ "amount": 6.01 })).await;
    assert_eq!(too_much["code"], "capture_exceeds_authorized");
    assert_eq!(too_much["detail"], "6.00 EUR is left to capture.");
    let last = capture(json!({ "amount": 1, "final": "true" })).await;
    assert_eq!(last["status"], "SUCCESS");
    assert_eq!(last["captured_amount"], 5.0);
    let again = capture(json!({})).await;
    assert_eq!(again["number"], 2017);
}

#[tokio::test]
async fn a_payment_may_be_captured_by_its_authorization() {
    let platform = Platform::new().await;
    for (member, value) in [
        ("capture", json!("automatic")),
        ("capture", json!(true)),
        ("auto_capture", json!("true")),
    ] {
        let mut body = new_payment();
        body[member] = value;
        let id = platform.created_from(&body).await;
        platform.pay(&id, &[platform.sold_pin().await]).await;
        let path = format!("/v1/payments/{id}");
        let payment = platform.shop(Method::GET, path).send().await.json();
        assert_eq!(payment["status"], "SUCCESS");
        assert_eq!(payment["capture"], "automatic");
    }
}

#[tokio::test]
async fn a_capture_after_its_window_is_refused_as_such() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    platform.clock.advance(Span::MINUTE);
    let path = format!("/v1/payments/{id}/capture");
    let reply = platform.shop(Method::POST, path).send().await;
    assert_eq!(reply.json()["number"], 3007);
}

#[tokio::test]
async fn the_shop_cancels_before_and_after_the_payer_has_paid() {
    let platform = Platform::new().await;
    for id in [platform.created().await, platform.authorized().await] {
        let path = format!("/v1/payments/{id}/cancel");
        let reply = platform.shop(Method::POST, &path).send().await;
        assert_eq!(reply.json()["status"], "CANCELED_MERCHANT");
        let again = platform.shop(Method::POST, &path).send().await;
        assert_eq!(again.json()["number"], 2017);
    }
}

#[tokio::test]
async fn spare_slashes_do_not_matter() {
    let platform = Platform::new().await;
    for path in [
        "/v1/payments/",
        "/v1//payments",
        "/v1//payments//",
        "//v1/payments",
        "///v1/payments/",
    ] {
        let reply = platform.shop(Method::POST, path).json(&new_payment()).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{path}");
        let id = reply.json()["id"].as_str().unwrap().to_owned();
        let read = platform
            .shop(Method::GET, format!("/v1/payments/{id}/"))
            .header("content-type", "application/json")
            .send()
            .await;
        assert_eq!(read.text, reply.text);
    }
}

#[tokio::test]
async fn quirks_of_published_clients_are_tolerated_and_told() {
    let platform = Platform::new().await;
    let mut body = new_payment();
    body["amount"] = json!("0.10");
    body["shop_id"] = json!(null);
    body["submerchant_id"] = json!("");
    body["0"] = json!({ "submerchant_id": "1" });
    body["customer"] = json!({ "id": 4711, "ip": "unknown", "0": "country_restriction", "1": "DE", "minAge": null });
    let reply = platform
        .shop(Method::POST, "/v1/payments")
        .json(&body)
        .await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    assert!(reply.text.contains("\"amount\":0.10,"));
    assert_eq!(reply.json()["customer"]["id"], "4711");
    let warnings = reply.header("scrip-warnings").unwrap();
    for told in [
        "customer.ip",
        "member customer.0",
        "member customer.1",
        "customer.minAge",
        "member 0",
    ] {
        assert!(warnings.contains(told), "{told}: {warnings}");
    }
}

#[tokio::test]
async fn a_demand_for_an_account_is_kept_and_warned_of() {
    let platform = Platform::new().await;
    let mut body = new_payment();
    body["customer"] =
        json!({ "id": "c1", "min_age": 18, "kyc_level": "SIMPLE", "country_restriction": "AT" });
    let reply = platform
        .shop(Method::POST, "/v1/payments")
        .json(&body)
        .await;
    assert_eq!(reply.json()["customer"], body["customer"]);
    let warnings = reply.header("scrip-warnings").unwrap();
    assert!(warnings.contains("accounts are not enabled"), "{warnings}");
}

#[tokio::test]
async fn the_correlation_id_names_the_payment() {
    let platform = Platform::new().await;
    let create = || {
        platform
            .shop(Method::POST, "/v1/payments")
            .header("Correlation-ID", "cart-7_a")
    };
    let reply = create().json(&new_payment()).await;
    assert_eq!(reply.json()["id"], "pay_1000001978_cart-7_a_EUR");
    let mut other = new_payment();
    other["amount"] = json!(11);
    let again = create().json(&other).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(again.json()["code"], "duplicate_transaction_id");
    assert_eq!(again.json()["number"], 2001);
}

#[tokio::test]
async fn the_history_tells_every_entry_with_its_postings() {
    let platform = Platform::new().await;
    let id = platform.captured().await;
    let path = format!("/v1/payments/{id}/history");
    let reply = platform.shop(Method::GET, path).send().await;
    let serial = reply.json()["data"][1]["vouchers"][0]
        .as_str()
        .unwrap()
        .to_owned();
    assert_snapshot!(reply.lines(&[(&serial, "SERIAL")]), @r#"
    {"object":"LIST",
    "data":[{"sequence":8,
    "time":1769860800000,
    "event":"payment.created",
    "actor":"merchant",
    "amount":10.00,
    "vouchers":[],
    "postings":[]},{"sequence":10,
    "time":1769860800000,
    "event":"payment.authorized",
    "actor":"payer",
    "amount":10.00,
    "vouchers":["SERIAL"],
    "postings":[{"code":2100,
    "account":"vouchers, remaining value",
    "amount":10.00,
    "currency":"EUR"},{"code":2200,
    "account":"vouchers, held value",
    "amount":-10.00,
    "currency":"EUR"}]},{"sequence":11,
    "time":1769860800000,
    "event":"payment.captured",
    "actor":"merchant",
    "amount":10.00,
    "fee":0.15,
    "vouchers":["SERIAL"],
    "postings":[{"code":2200,
    "account":"vouchers, held value",
    "amount":10.00,
    "currency":"EUR"},{"code":2300,
    "account":"payable to merchants",
    "amount":-10.00,
    "currency":"EUR"},{"code":2300,
    "account":"payable to merchants",
    "amount":0.15,
    "currency":"EUR"},{"code":4200,
    "account":"merchant fees",
    "amount":-0.15,
    "currency":"EUR"}]}],
    "next_cursor":null}
    "#);
}

#[tokio::test]
async fn a_notification_url_that_gets_nothing_is_warned_of() {
    let platform = Platform::new().await;
    for (url, told) in [
        ("http://shop.example/notify", "https://"),
        ("https://10.0.0.1/notify", "private"),
        ("https://shop.example/notify", ""),
    ] {
        let mut body = new_payment();
        body["notification_url"] = json!(url);
        let call = platform.shop(Method::POST, "/v1/payments");
        let reply = call.json(&body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{url}");
        let warnings = reply.header("scrip-warnings").unwrap_or_default();
        assert_eq!(
            warnings.contains("notification_url"),
            !told.is_empty(),
            "{url}"
        );
        assert!(warnings.contains(told), "{url}: {warnings}");
    }
}

#[tokio::test]
async fn the_history_names_an_end_as_the_webhooks_do() {
    let platform = Platform::new().await;
    let unpaid = platform.created().await;
    let held = platform.authorized().await;
    let taken = platform.authorized().await;
    let path = format!("/v1/payments/{taken}/capture");
    let capture = platform.shop(Method::POST, path);
    capture.json(&json!({ "amount": 4 })).await;
    platform.wait(Span::HOUR).await;
    for (id, event, before) in [
        (unpaid, "payment.expired", "INITIATED"),
        (held, "payment.expired", "AUTHORIZED"),
        (taken, "payment.released", "AUTHORIZED"),
    ] {
        let path = format!("/v1/payments/{id}/history");
        let history = platform.shop(Method::GET, path).send().await.json();
        let last = history["data"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["event"], event);
        assert_eq!(last["status_before"], before);
    }
}

#[tokio::test]
async fn a_cancelled_rest_is_released_in_the_history() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    for (action, body) in [("capture", json!({ "amount": 4 })), ("cancel", json!({}))] {
        let call = platform.shop(Method::POST, format!("/v1/payments/{id}/{action}"));
        assert_eq!(call.json(&body).await.status, StatusCode::OK);
    }
    let path = format!("/v1/payments/{id}/history");
    let history = platform.shop(Method::GET, path).send().await.json();
    let last = history["data"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["event"], "payment.released");
    assert_eq!(last["reason"], "by the merchant");
}
