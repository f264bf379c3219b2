//! Requests that are wrong, and what they are told.

use http::{Method, StatusCode};
use insta::assert_snapshot;
use payment::merchant::Standing;
use serde_json::{Value, json};
use sim::memory::Fault;

use crate::platform::{Platform, SHOP, merchant, new_payment};

#[tokio::test]
async fn a_refusal_is_both_kinds_of_error_object() {
    let platform = Platform::new().await;
    let mut body = new_payment();
    body["customer"] = json!({});
    let reply = platform
        .shop(Method::POST, "/v1/payments")
        .json(&body)
        .await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );
    assert_snapshot!(reply.lines(&[]), @r#"
    {"type":"/docs/errors#invalid_request_parameter",
    "title":"Invalid request parameter",
    "status":400,
    "detail":"may not be null",
    "code":"invalid_request_parameter",
    "message":"may not be null",
    "number":10028,
    "param":"customer.id",
    "applied":false}
    "#);
}

/// A good body but for the value at one place.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = new_payment();
    match body.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => body[pointer.trim_start_matches('/')] = value,
    }
    body
}

/// Each body is refused with this number for this member, and nothing comes of it.
async fn check(cases: Vec<(Value, u32, &str)>) {
    let platform = Platform::new().await;
    for (body, number, param) in cases {
        let reply = platform
            .shop(Method::POST, "/v1/payments")
            .json(&body)
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(reply.json()["number"], number, "{body} {}", reply.text);
        assert_eq!(reply.json()["param"], param, "{body}");
        assert_eq!(reply.json()["applied"], false);
    }
    let listed = platform.shop(Method::GET, "/v1/payments").send().await;
    assert_eq!(listed.json()["data"], json!([]));
}

#[tokio::test]
async fn wrong_amounts_and_currencies_are_named() {
    check(vec![
        (with("/amount", json!(null)), 10028, "amount"),
        (with("/amount", json!("")), 10028, "amount"),
        (with("/amount", json!(0)), 2029, "amount"),
        (with("/amount", json!("0.00")), 2029, "amount"),
        (with("/amount", json!(-1.5)), 2029, "amount"),
        (with("/amount", json!("10.001")), 10028, "amount"),
        (with("/amount", json!("1e2")), 10028, "amount"),
        (with("/amount", json!("10,00")), 10028, "amount"),
        (with("/amount", json!([10])), 10028, "amount"),
        (with("/amount", json!(1000.01)), 4003, "amount"),
        (
            with("/amount", json!("99999999999999999999")),
            4003,
            "amount",
        ),
        (with("/currency", json!(null)), 10028, "currency"),
        (with("/currency", json!("eur")), 3002, "currency"),
        (with("/currency", json!("CHF")), 3002, "currency"),
    ])
    .await;
}

#[tokio::test]
async fn wrong_customers_are_named() {
    let customer = |member: &str, value: Value| {
        let mut body = new_payment();
        body["customer"][member] = value;
        body
    };
    check(vec![
        (with("/customer", json!([])), 10028, "customer.id"),
        (customer("id", json!("a@b.example")), 3019, "customer.id"),
        (customer("id", json!("192.0.2.1")), 3019, "customer.id"),
        (customer("id", json!("2001:db8::1")), 3019, "customer.id"),
        (customer("id", json!("x".repeat(61))), 3019, "customer.id"),
        (customer("id", json!("a\u{0}b")), 3019, "customer.id"),
        (customer("min_age", json!(200)), 10028, "customer.min_age"),
        (
            customer("kyc_level", json!("NONE")),
            10028,
            "customer.kyc_level",
        ),
        (
            customer("country_restriction", json!("AUT")),
            10028,
            "customer.country_restriction",
        ),
    ])
    .await;
}

#[tokio::test]
async fn every_other_wrong_member_is_named() {
    let url = "redirect.failure_url";
    check(vec![
        (with("/type", json!(null)), 10028, "type"),
        (with("/type", json!("PAYSAFECASH")), 10028, "type"),
        (
            with("/redirect", json!(null)),
            10028,
            "redirect.success_url",
        ),
        (with("/redirect", json!("x")), 10028, "redirect"),
        (with("/redirect/failure_url", json!("ftp://x")), 10028, url),
        (
            with("/notification_url", json!("")),
            10028,
            "notification_url",
        ),
        (
            with("/submerchant_id", json!("rc9")),
            3014,
            "submerchant_id",
        ),
        (
            with("/submerchant_id", json!("rc2")),
            3034,
            "submerchant_id",
        ),
        (
            with("/submerchant_id", json!("too-long-9")),
            10028,
            "submerchant_id",
        ),
        (with("/shop_id", json!("a b")), 10028, "shop_id"),
        (with("/capture_window", json!(59)), 10028, "capture_window"),
        (
            with("/capture_window", json!(604_801)),
            10028,
            "capture_window",
        ),
        (with("/capture_window", json!(1.5)), 10028, "capture_window"),
        (with("/capture", json!("later")), 10028, "capture"),
    ])
    .await;
}

#[tokio::test]
async fn headers_are_checked_like_members() {
    let platform = Platform::new().await;
    let too_long = "k".repeat(256);
    for (name, value, param) in [
        ("Correlation-ID", "a b", "Correlation-ID"),
        ("Correlation-ID", &"x".repeat(42), "Correlation-ID"),
        ("Idempotency-Key", "", "Idempotency-Key"),
        ("Idempotency-Key", "a b", "Idempotency-Key"),
        ("Idempotency-Key", &too_long, "Idempotency-Key"),
    ] {
        let call = platform
            .shop(Method::POST, "/v1/payments")
            .header(name, value);
        let reply = call.json(&new_payment()).await.json();
        assert_eq!(
            (&reply["number"], &reply["param"]),
            (&json!(10028), &json!(param)),
            "{value}"
        );
    }
}

#[tokio::test]
async fn whoever_has_no_key_for_this_is_told_so() {
    let platform = Platform::new().await;
    for (key, path, status, number) in [
        (None, "/v1/payments", StatusCode::UNAUTHORIZED, 10008),
        (
            Some("psc_wrong"),
            "/v1/payments",
            StatusCode::UNAUTHORIZED,
            10008,
        ),
        (
            Some(platform.till_key.as_str()),
            "/v1/payments",
            StatusCode::FORBIDDEN,
            9003,
        ),
        (
            Some(platform.shop_key.as_str()),
            "/v1/orders",
            StatusCode::FORBIDDEN,
            9003,
        ),
        (None, "/v1/orders/ping", StatusCode::UNAUTHORIZED, 10008),
    ] {
        let mut call = platform.call(Method::POST, path);
        if let Some(key) = key {
            call = call.key(key);
        }
        let reply = call.json(&new_payment()).await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.json()["number"], number, "{path}");
        let challenge = reply.header("www-authenticate");
        assert_eq!(challenge.is_some(), status == StatusCode::UNAUTHORIZED);
    }
    platform
        .operator
        .revoke_api_key(&platform.shop_key)
        .await
        .unwrap();
    let reply = platform.shop(Method::GET, "/v1/payments").send().await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn things_of_another_merchant_do_not_exist() {
    let platform = Platform::new().await;
    let id = platform.captured().await;
    for (method, path, number) in [
        (Method::GET, format!("/v1/payments/{id}"), 2002),
        (Method::GET, format!("/v1/payments/{id}/history"), 2002),
        (Method::POST, format!("/v1/payments/{id}/capture"), 2002),
        (Method::POST, format!("/v1/payments/{id}/cancel"), 2002),
        (Method::GET, format!("/v1/payments/{id}/refunds"), 3184),
        (
            Method::GET,
            "/v1/payments/pay_1000001978_none_EUR".to_owned(),
            2002,
        ),
        (Method::GET, "/v1/payments/nonsense".to_owned(), 2002),
        (Method::GET, "/v1/payments/%ff".to_owned(), 9004),
    ] {
        let call = platform.call(method, &path).key(&platform.other_shop_key);
        let reply = call.send().await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(reply.json()["number"], number, "{path}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_json_too() {
    let platform = Platform::new().await;
    let unknown = platform.shop(Method::GET, "/v1/nothing").send().await;
    assert_eq!(
        (unknown.status, unknown.json()["number"].clone()),
        (StatusCode::NOT_FOUND, json!(9004))
    );
    let wrong = platform.shop(Method::DELETE, "/v1/payments/").send().await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong.header("allow"), Some("POST,GET,HEAD"));
    assert_eq!(wrong.json()["code"], "method_not_allowed");
    let form = platform
        .shop(Method::POST, "/v1/payments")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("type=PAYSAFECARD")
        .send()
        .await;
    assert_eq!(form.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(form.text.contains("This path takes JSON"), "{}", form.text);
    let large = platform
        .shop(Method::POST, "/v1/payments")
        .body(vec![b' '; 64 * 1024 + 1])
        .send()
        .await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(large.json()["applied"], false);
}

#[tokio::test]
async fn a_suspended_merchant_creates_nothing() {
    let platform = Platform::new().await;
    let mut suspended = merchant(SHOP);
    suspended.standing = Standing::Suspended;
    platform.operator.save_merchant(suspended).await.unwrap();
    let reply = platform
        .shop(Method::POST, "/v1/payments")
        .json(&new_payment())
        .await;
    assert_eq!(reply.json()["number"], 3001);
}

#[tokio::test]
async fn a_full_disk_is_said_to_pass() {
    let platform = Platform::new().await;
    platform.store.inject(Fault::Full);
    let create = async || {
        platform
            .shop(Method::POST, "/v1/payments")
            .json(&new_payment())
            .await
    };
    let reply = create().await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.json()["applied"], false);
    assert_eq!(create().await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_lost_confirmation_is_not_called_a_refusal() {
    let platform = Platform::new().await;
    platform.store.inject(Fault::LostAnswer);
    let create = async || {
        let call = platform.shop(Method::POST, "/v1/payments");
        call.header("Idempotency-Key", "cart-1")
            .json(&new_payment())
            .await
    };
    let reply = create().await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(reply.json()["number"], 10007);
    assert_eq!(reply.json()["applied"], Value::Null);
    let again = create().await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

#[tokio::test]
async fn payouts_say_that_there_are_no_accounts() {
    let platform = Platform::new().await;
    let reply = platform
        .shop(Method::POST, "/v1/payouts")
        .json(&json!({}))
        .await
        .json();
    assert_eq!(reply["number"], 3161);
    assert!(
        reply["detail"]
            .as_str()
            .unwrap()
            .contains("accounts are not enabled")
    );
    for path in ["/v1/payouts/limits/EUR", "/v1/payouts/limits/EUREUR"] {
        let limits = platform.shop(Method::GET, path).send().await.json();
        assert_eq!(
            (&limits["mid"], &limits["daily_payout_limit"]),
            (&json!("1000001978"), &json!(0.0))
        );
    }
    let all = platform
        .shop(Method::GET, "/v1/payouts/limits")
        .send()
        .await
        .json();
    assert_eq!(all.as_array().unwrap().len(), 2);
    let none = platform
        .shop(Method::GET, "/v1/payouts/limits/CHF")
        .send()
        .await
        .json();
    assert_eq!(none["number"], 3002);
}

#[tokio::test]
async fn a_header_that_stands_twice_is_refused() {
    let platform = Platform::new().await;
    for name in ["Correlation-ID", "Idempotency-Key"] {
        let call = platform.shop(Method::POST, "/v1/payments");
        let call = call.header(name, "a").header(name, "b");
        let reply = call.json(&new_payment()).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(reply.json()["param"], name);
    }
    let listed = platform.shop(Method::GET, "/v1/payments").send().await;
    assert_eq!(listed.json()["data"], json!([]));
}

#[tokio::test]
async fn a_key_where_nothing_can_be_replayed_is_not_ignored() {
    let platform = Platform::new().await;
    for (method, path) in [
        (Method::PATCH, "/v1/merchant"),
        (Method::PUT, "/v1/webhook"),
        (Method::DELETE, "/v1/webhook"),
        (Method::POST, "/v1/webhook/rotate"),
        (Method::POST, "/v1/webhook/test"),
        (Method::POST, "/v1/webhook/deliveries/msg_1/resend"),
    ] {
        let call = platform.shop(method, path).header("Idempotency-Key", "k1");
        let reply = call.json(&json!({ "url": "https://shop.example/" })).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}");
        let json = reply.json();
        assert_eq!(json["code"], "idempotency_key_not_supported", "{path}");
        assert_eq!(json["param"], "Idempotency-Key", "{path}");
        assert_eq!(json["applied"], false, "{path}");
    }
}

#[tokio::test]
async fn a_capture_that_may_mean_less_than_everything_is_refused() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    let path = format!("/v1/payments/{id}/capture");
    for (body, param) in [
        (json!({ "amount": null }), "amount"),
        (json!({ "amount": "" }), "amount"),
        (json!({ "ammount": 4 }), "ammount"),
        (json!({ "id": "x", "customer": {} }), "customer"),
        (json!({ "amount": 4, "Final": true }), "Final"),
    ] {
        let reply = platform.shop(Method::POST, &path).json(&body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(reply.json()["number"], 10028, "{body}");
        assert_eq!(reply.json()["param"], param, "{body}");
    }
    let read = platform.shop(Method::GET, format!("/v1/payments/{id}"));
    assert_eq!(read.send().await.json()["captured_amount"], 0.0);
}

#[tokio::test]
async fn two_capture_windows_that_differ_are_refused() {
    let platform = Platform::new().await;
    let create = async |long: u32| {
        let mut body = with("/capture_window", json!(60));
        body["capture_window_seconds"] = json!(long);
        let call = platform.shop(Method::POST, "/v1/payments");
        call.json(&body).await
    };
    let refused = create(600).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.json()["param"], "capture_window_seconds");
    assert_eq!(create(60).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn whatever_looks_like_the_interface_is_answered_in_json() {
    let platform = Platform::new().await;
    for path in ["/v2/payments", "/v2", "/v9/", "//v2/x", "//nothing"] {
        let reply = platform.shop(Method::GET, path).send().await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(reply.json()["code"], "not_found", "{path}");
    }
    for path in ["/docs", "/docs/errors", "/openapi.json"] {
        let reply = platform.call(Method::POST, path).send().await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(reply.header("allow"), Some("GET,HEAD"), "{path}");
        assert_eq!(reply.json()["code"], "method_not_allowed", "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_answered_in_json_and_claims_nothing() {
    let platform = Platform::new().await;
    let path = "/v1/webhook/deliveries/msg_1/resend";
    let reply = platform.shop(Method::POST, path).send().await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(reply.json()["number"], 10007);
    assert_eq!(reply.json()["applied"], Value::Null);
}
