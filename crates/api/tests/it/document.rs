//! The OpenAPI document and the pages made from it.

use api::wire::inputs::{AmountInput, CaptureInput, FlagInput};
use api::wire::requests::{
    MerchantSettings, NewCapture, NewCustomer, NewOrder, NewOrderCustomer, NewOwnerContact,
    NewPayment, NewRedirect, NewRefund, NewRefundCustomer,
};
use http::{Method, StatusCode};
use insta::assert_snapshot;
use serde_json::Value;

use crate::platform::{Platform, Reply};

#[tokio::test]
async fn the_document_is_served_and_complete() {
    let platform = Platform::new().await;
    let reply = platform.call(Method::GET, "/openapi.json").send().await;
    assert_eq!(reply.status, StatusCode::OK);
    let document = reply.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            let responses = operation["responses"].as_object().unwrap();
            for status in ["400", "401", "403", "500", "503"] {
                assert!(responses.contains_key(status), "{place} {status}");
            }
            assert!(operation["summary"].is_string(), "{place}");
            assert!(operation["operationId"].is_string(), "{place}");
        }
    }
    for reference in references(&document) {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// Each operation with the statuses that it can answer.
async fn operations(platform: &Platform) -> Vec<String> {
    let document = platform
        .call(Method::GET, "/openapi.json")
        .send()
        .await
        .json();
    let mut lines = Vec::new();
    for (path, item) in document["paths"]
        .as_object()
        .expect("the document has its form")
    {
        for (method, operation) in item.as_object().expect("the document has its form") {
            let statuses = operation["responses"]
                .as_object()
                .expect("the document has its form")
                .keys();
            let statuses: Vec<&str> = statuses.map(String::as_str).collect();
            lines.push(format!("{method} {path}: {}", statuses.join(" ")));
        }
    }
    lines
}

#[tokio::test]
async fn these_are_the_operations() {
    assert_snapshot!(operations(&Platform::new().await).await.join("\n"), @r#"
    delete /v1/cards/{serial}: 200 400 401 403 404 413 422 500 503
    get /v1/liabilities/proof: 200 400 401 403 404 500 503
    get /v1/merchant: 200 400 401 403 500 503
    patch /v1/merchant: 200 400 401 403 409 413 415 500 503
    get /v1/operator/letters: 200 400 401 403 500 503
    post /v1/operator/letters/{id}/resend: 200 400 401 403 404 409 413 500 503
    post /v1/operator/liabilities: 200 400 401 403 404 409 413 500 503
    delete /v1/operator/lists/{list}/{entry}: 200 400 401 403 404 409 413 500 503
    put /v1/operator/lists/{list}/{entry}: 200 400 401 403 404 409 413 415 500 503
    get /v1/operator/models: 200 400 401 403 500 503
    post /v1/operator/models: 200 400 401 403 409 413 415 500 503
    post /v1/operator/models/import: 200 400 401 403 409 413 415 500 503
    post /v1/operator/models/roll-back: 200 400 401 403 409 413 500 503
    delete /v1/operator/models/rule: 200 400 401 403 404 409 413 500 503
    put /v1/operator/models/rule: 200 400 401 403 409 413 415 500 503
    post /v1/operator/models/{model}: 200 400 401 403 404 409 413 415 500 503
    post /v1/operator/payments/{id}/erase-payer: 200 400 401 403 404 413 500 503
    post /v1/operator/payments/{id}/label: 200 400 401 403 404 413 415 500 503
    get /v1/operator/payments/{id}/risk: 200 400 401 403 404 500 503
    get /v1/operator/people: 200 400 401 403 500 503
    delete /v1/operator/people/{id}/key: 200 400 401 403 404 409 413 500 503
    post /v1/operator/people/{id}/key: 201 400 401 403 404 409 413 500 503
    get /v1/operator/reviews: 200 400 401 403 500 503
    post /v1/operator/reviews/{id}: 200 400 401 403 404 413 415 500 503
    get /v1/operator/risk-settings: 200 400 401 403 500 503
    patch /v1/operator/risk-settings: 200 400 401 403 409 413 415 500 503
    get /v1/operator/rules: 200 400 401 403 500 503
    delete /v1/operator/rules/{name}: 200 400 401 403 404 409 413 500 503
    put /v1/operator/rules/{name}: 200 400 401 403 404 409 413 415 500 503
    post /v1/operator/rules/{name}/backtest: 200 400 401 403 404 413 415 500 503
    delete /v1/orders: 200 400 401 403 404 413 422 500 503
    post /v1/orders: 201 400 401 403 413 415 422 500 503
    post /v1/orders/ping: 200 400 401 403 413 500 503
    get /v1/orders/reversals: 200 400 401 403 500 503
    delete /v1/orders/{id}: 200 400 401 403 404 413 422 500 503
    get /v1/orders/{id}: 200 400 401 403 404 500 503
    post /v1/orders/{id}/confirm: 200 400 401 403 404 413 500 503
    get /v1/orders/{id}/receipts/{sequence}: 200 400 401 403 404 500 503
    get /v1/orders/{id}/receipts/{sequence}/tlog-proof: 200 400 401 403 404 500 503
    get /v1/payments: 200 400 401 403 500 503
    post /v1/payments: 201 400 401 403 413 415 422 500 503
    get /v1/payments/{id}: 200 400 401 403 404 500 503
    post /v1/payments/{id}/cancel: 200 400 401 403 404 413 422 500 503
    post /v1/payments/{id}/capture: 200 400 401 403 404 413 415 422 500 503
    get /v1/payments/{id}/history: 200 400 401 403 404 500 503
    get /v1/payments/{id}/receipts/{sequence}: 200 400 401 403 404 500 503
    get /v1/payments/{id}/receipts/{sequence}/tlog-proof: 200 400 401 403 404 500 503
    get /v1/payments/{id}/refunds: 200 400 401 403 404 500 503
    post /v1/payments/{id}/refunds: 201 400 401 403 404 413 415 422 500 503
    get /v1/payments/{id}/refunds/{refund_id}: 200 400 401 403 404 500 503
    post /v1/payments/{id}/refunds/{refund_id}/capture: 201 400 401 403 404 413 422 500 503
    post /v1/payouts: 201 400 401 403 413 500 503
    get /v1/payouts/limits: 200 400 401 403 500 503
    get /v1/payouts/limits/{currency}: 200 400 401 403 404 500 503
    get /v1/payouts/{id}: 200 400 401 403 404 500 503
    post /v1/payouts/{id}/capture: 200 400 401 403 404 413 500 503
    get /v1/reversals: 200 400 401 403 500 503
    delete /v1/webhook: 200 400 401 403 404 409 413 500 503
    get /v1/webhook: 200 400 401 403 404 500 503
    put /v1/webhook: 200 201 400 401 403 404 409 413 415 500 503
    get /v1/webhook/deliveries: 200 400 401 403 404 500 503
    get /v1/webhook/deliveries/{id}: 200 400 401 403 404 500 503
    post /v1/webhook/deliveries/{id}/resend: 200 400 401 403 404 413 500 503
    post /v1/webhook/rotate: 200 400 401 403 404 409 413 500 503
    post /v1/webhook/test: 201 400 401 403 404 413 500 503
    get /v7/reports/settlement: 200 400 401 403 500 503
    "#);
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| match (name.as_str(), value) {
                ("$ref", Value::String(target)) => vec![target.clone()],
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn every_documented_member_is_understood() {
    let platform = Platform::new().await;
    let payment = full_payment();
    let reply = platform
        .shop(Method::POST, "/v1/payments")
        .json(&payment)
        .await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    assert_no_unknown(&reply);
    let id = platform.captured().await;
    for (method, path, body) in [
        (
            Method::POST,
            format!("/v1/payments/{id}/refunds"),
            full_refund(),
        ),
        (Method::PATCH, "/v1/merchant".to_owned(), full_settings()),
    ] {
        let reply = platform.shop(method, path).json(&body).await;
        assert!(reply.status.is_success(), "{}", reply.text);
        assert_no_unknown(&reply);
    }
    let held = platform.authorized().await;
    let path = format!("/v1/payments/{held}/capture");
    let reply = platform
        .shop(Method::POST, path)
        .json(&full_capture())
        .await;
    assert!(reply.status.is_success(), "{}", reply.text);
    assert_no_unknown(&reply);
    let reply = platform
        .till(Method::POST, "/v1/orders")
        .json(&full_order())
        .await;
    assert!(reply.status.is_success(), "{}", reply.text);
    assert_no_unknown(&reply);
}

fn assert_no_unknown(reply: &Reply) {
    let warnings = reply.header("scrip-warnings").unwrap_or_default();
    assert!(!warnings.contains("unknown"), "{warnings}");
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn full_payment() -> Value {
    let url = || "https://shop.example/".to_owned();
    value(NewPayment {
        r#type: "PAYSAFECARD".to_owned(),
        amount: AmountInput("10.00".to_owned()),
        currency: "EUR".to_owned(),
        redirect: NewRedirect {
            success_url: url(),
            failure_url: url(),
        },
        notification_url: url(),
        customer: NewCustomer {
            id: "c1".to_owned(),
            ip: some("192.0.2.1"),
            min_age: Some(18),
            kyc_level: some("FULL"),
            country_restriction: some("AT"),
        },
        submerchant_id: some("rc1"),
        shop_id: some("shop-1"),
        order_reference: Some("order 7".to_owned()),
        capture_window: Some(60),
        capture: Some(CaptureInput("manual".to_owned())),
    })
}

fn full_refund() -> Value {
    value(NewRefund {
        r#type: "PAYSAFECARD".to_owned(),
        capture: Some(FlagInput(true)),
        amount: AmountInput("1.00".to_owned()),
        currency: "EUR".to_owned(),
        customer: NewRefundCustomer {
            id: "c1".to_owned(),
            email: some("payer@mail.example"),
        },
        submerchant_id: some("rc1"),
        comment: some("returned"),
    })
}

fn full_settings() -> Value {
    value(MerchantSettings {
        capture_window: Some(600),
        capture: Some(CaptureInput("manual".to_owned())),
        notification: some("off"),
    })
}

fn full_capture() -> Value {
    value(NewCapture {
        id: some("pay_1000001978_x_EUR"),
        amount: Some(AmountInput("1".to_owned())),
        r#final: Some(FlagInput(true)),
    })
}

fn full_order() -> Value {
    value(NewOrder {
        amount: AmountInput("25".to_owned()),
        currency: "EUR".to_owned(),
        country: "AT".to_owned(),
        product_id: "00002".to_owned(),
        delivery_type: some("RETURN"),
        utc_offset: some("+01:00"),
        shop_id: "shop-1".to_owned(),
        terminal_id: "till-1".to_owned(),
        retailer_id: some("r1"),
        customer: Some(NewOrderCustomer {
            id_type: some("NONE"),
            id: some("x"),
        }),
        capture: Some(FlagInput(true)),
        confirmation_window: Some(60),
        owner_contact: Some(NewOwnerContact {
            email: "anna@example.org".to_owned(),
            language: Some("de".to_owned()),
        }),
    })
}

fn value(body: impl serde::Serialize) -> Value {
    serde_json::to_value(body).expect("a struct of texts is a value")
}

#[tokio::test]
async fn the_pages_are_there_and_need_nothing_from_elsewhere() {
    let platform = Platform::new().await;
    for (path, text) in [
        ("/docs", "Take vouchers as payment"),
        ("/docs/", "https://pay.example/v1/payments"),
        ("/docs/reference", "/v1/payments/{id}/capture"),
        ("/docs/errors", "id=\"payment_invalid_state\""),
        ("/docs/docs.css", ".operation"),
    ] {
        let reply = platform.call(Method::GET, path).send().await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        assert!(reply.text.contains(text), "{path}");
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        for foreign in ["<script", "src=\"http", "style=\"", "@import", "url("] {
            assert!(!reply.text.contains(foreign), "{path} {foreign}");
        }
    }
}

#[tokio::test]
async fn the_reference_prints_every_operation_with_its_members() {
    let platform = Platform::new().await;
    let document = platform
        .call(Method::GET, "/openapi.json")
        .send()
        .await
        .json();
    let page = platform
        .call(Method::GET, "/docs/reference")
        .send()
        .await
        .text;
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let anchor = format!("id=\"{}\"", operation["operationId"].as_str().unwrap());
            assert!(page.contains(&anchor), "{anchor}");
        }
    }
    for member in [
        "redirect.success_url",
        "customer.id",
        "card_details[].serial",
        "targets[].fresh_voucher.claim_url",
    ] {
        assert!(page.contains(&format!("<code>{member}</code>")), "{member}");
    }
}
