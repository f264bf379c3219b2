//! Refunds.

use http::{Method, StatusCode};
use ids::time::Span;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::platform::{Platform, Reply, new_refund};

async fn refund(platform: &Platform, id: &str, body: &Value) -> Reply {
    let path = format!("/v1/payments/{id}/refunds");
    platform.shop(Method::POST, path).json(body).await
}

#[tokio::test]
async fn a_refund_goes_back_to_the_voucher_that_paid() {
    let platform = Platform::new().await;
    let id = platform.captured().await;
    let mut body = new_refund();
    body["customer"]["email"] = json!("payer@mail.example");
    let reply = refund(&platform, &id, &body).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    let json = reply.json();
    let refund_id = json["id"].as_str().unwrap();
    let serial = json["targets"][0]["serial"].as_str().unwrap();
    assert!(refund_id.starts_with("ref_1000001978_"));
    let names = [
        (id.as_str(), "PAYMENT"),
        (refund_id, "ID"),
        (serial, "SERIAL"),
    ];
    assert_snapshot!(reply.lines(&names), @r#"
    {"object":"REFUND",
    "id":"ID",
    "payment_id":"PAYMENT",
    "created":1769860800000,
    "updated":1769860800000,
    "currency":"EUR",
    "amount":4.00,
    "status":"SUCCESS",
    "customer":{"id":"c1",
    "email":"payer@mail.example"},
    "customer_currency":"EUR",
    "customer_amount":4.00,
    "targets":[{"serial":"SERIAL",
    "amount":4.00}]}
    "#);

    let path = format!("/v1/payments/{id}/refunds");
    let listed = platform.shop(Method::GET, &path).send().await.json();
    assert_eq!(listed["data"], json!([json]));
    let read = platform
        .shop(Method::GET, format!("{path}/{refund_id}"))
        .send()
        .await;
    assert_eq!(read.text, reply.text);
    let payment = platform
        .shop(Method::GET, format!("/v1/payments/{id}"))
        .send()
        .await;
    assert_eq!(payment.json()["refunds"], json!([json]));
    assert!(payment.text.contains("\"refunded_amount\":4.00"));
}

#[tokio::test]
async fn a_validated_refund_moves_nothing_until_it_is_captured() {
    let platform = Platform::new().await;
    let id = platform.captured().await;
    let mut body = new_refund();
    body["capture"] = json!("false");
    let validated = refund(&platform, &id, &body).await;
    assert_eq!(validated.status, StatusCode::CREATED);
    assert_eq!(validated.json()["status"], "VALIDATION_SUCCESSFUL");
    assert_eq!(validated.json()["targets"], json!([]));
    let refund_id = validated.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/payments/{id}/refunds/{refund_id}/capture");
    let done = platform.shop(Method::POST, &path).body("[]").send().await;
    assert_eq!(done.status, StatusCode::CREATED);
    assert_eq!(done.json()["status"], "SUCCESS");
    let again = platform.shop(Method::POST, &path).send().await;
    assert_eq!(again.json()["number"], 2017);
}

#[tokio::test]
async fn value_of_a_closed_voucher_goes_to_a_fresh_one() {
    let platform = Platform::new().await;
    let id = platform.captured().await;
    let path = format!("/v1/payments/{id}");
    let captured = platform.shop(Method::GET, path).send().await.json();
    let serial = captured["card_details"][0]["serial"]
        .as_str()
        .unwrap()
        .to_owned();
    platform.expire_voucher(&serial).await;

    let reply = refund(&platform, &id, &new_refund()).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    let json = reply.json();
    let refund_id = json["id"].as_str().unwrap();
    let target = &json["targets"][0];
    assert_eq!(target["serial"], serial.as_str());
    assert_ne!(target["fresh_voucher"]["serial"], serial.as_str());
    let both = format!("{id}/{refund_id}");
    let key = platform.vault.checkout_key(both.as_bytes()).to_hex();
    let claim_url = format!("https://pay.example/refund/{id}/{refund_id}?key={key}");
    assert_eq!(target["fresh_voucher"]["claim_url"], claim_url);
}

#[tokio::test]
async fn refunds_are_refused_with_the_numbers_of_the_interface() {
    let platform = Platform::new().await;
    let captured = platform.captured().await;
    let check = async |id: &str, body: &Value, number: u32, param: Option<&str>| {
        let reply = refund(&platform, id, body).await;
        let json = reply.json();
        assert_eq!(json["number"], number, "{body} {}", reply.text);
        assert_eq!(json["param"].as_str(), param, "{body}");
        assert_eq!(json["applied"], false);
        assert_eq!(json["status"], reply.status.as_u16());
    };
    for (member, value, number, param) in [
        ("amount", json!(10.01), 3179, "amount"),
        ("amount", json!(0), 3165, "amount"),
        ("amount", json!(-1), 2029, "amount"),
        ("customer", json!({ "id": "c2" }), 3181, "customer.id"),
        ("customer", json!({}), 10028, "customer.id"),
        ("customer", json!({ "psc_id": 7 }), 9009, "customer.psc_id"),
        ("currency", json!("GBP"), 3151, "currency"),
        ("submerchant_id", json!("rc9"), 3014, "submerchant_id"),
        ("comment", json!("<script>"), 10028, "comment"),
        ("type", json!(null), 10028, "type"),
    ] {
        let mut body = new_refund();
        body[member] = value;
        check(&captured, &body, number, Some(param)).await;
    }
    let open = platform.created().await;
    check(&open, &new_refund(), 3180, None).await;
    check("pay_1000001978_x_EUR", &new_refund(), 3184, None).await;
    platform.clock.advance(Span::DAY.times(46));
    check(&captured, &new_refund(), 3180, None).await;
}
