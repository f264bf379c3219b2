//! Pin-on-demand orders.

use accounting::entry::Idempotency;
use engine::service::merchant::Freshness;
use http::{Method, StatusCode};
use ids::command::{Fingerprint, IdempotencyKey};
use ids::object::OrderId;
use ids::time::Span;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::platform::{Platform, Reply, TILL, new_order, new_payment};

async fn order(platform: &Platform, body: &Value) -> Reply {
    platform.till(Method::POST, "/v1/orders/").json(body).await
}

#[tokio::test]
async fn an_order_delivers_a_pin_once() {
    let platform = Platform::new().await;
    let reply = order(&platform, &new_order()).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    let json = reply.json();
    let (id, pin) = (
        json["order_id"].as_str().unwrap(),
        json["card"]["pin"].as_str().unwrap(),
    );
    let serial = json["card"]["serial"].as_str().unwrap();
    assert_eq!((pin.len(), serial.len()), (16, 16));
    assert_snapshot!(reply.lines(&[(id, "ID"), (pin, "PIN"), (serial, "SERIAL")]), @r#"
    {"object":"ORDER",
    "order_id":"ID",
    "distributor_id":"2000000001",
    "status":"DELIVERED",
    "created":1769860800000,
    "amount":25.00,
    "currency":"EUR",
    "product_id":"00002",
    "country":"AT",
    "terminal_id":"till-7",
    "shop_id":"shop-12",
    "card":{"amount":25.00,
    "currency":"EUR",
    "serial":"SERIAL",
    "pin":"PIN",
    "product_id":"00002"},
    "sequence":8}
    "#);

    let read = platform
        .till(Method::GET, format!("/v1/orders/{id}"))
        .send()
        .await;
    assert_eq!(read.json()["status"], "DELIVERED");
    assert!(!read.text.contains(pin) && !read.text.contains("\"pin\""));
}

#[tokio::test]
async fn an_order_is_cancelled_by_each_of_its_names() {
    let platform = Platform::new().await;
    for name in ["id", "correlation", "serial"] {
        let correlation = format!("sale-{name}");
        let json = platform
            .till(Method::POST, "/v1/orders")
            .header("Correlation-ID", &correlation)
            .json(&new_order())
            .await
            .json();
        let id = json["order_id"].as_str().unwrap();
        assert_eq!(id, format!("order_2000000001_{correlation}"));
        let serial = json["card"]["serial"].as_str().unwrap();
        let cancel = async || match name {
            "id" => {
                platform
                    .till(Method::DELETE, format!("/v1/orders/{id}"))
                    .send()
                    .await
            }
            "correlation" => {
                let call = platform.till(Method::DELETE, "/v1/orders");
                call.header("Correlation-ID", &correlation).send().await
            }
            _ => {
                platform
                    .till(Method::DELETE, format!("/v1/cards/{serial}"))
                    .send()
                    .await
            }
        };
        let cancelled = cancel().await;
        assert_eq!(cancelled.status, StatusCode::OK, "{}", cancelled.text);
        assert_eq!(cancelled.json()["status"], "CANCELLED");
        let again = cancel().await.json();
        assert_eq!(again["number"], 3154);
    }
}

#[tokio::test]
async fn orders_are_refused_with_the_numbers_of_the_interface() {
    let platform = Platform::new().await;
    let with = |member: &str, value: Value| {
        let mut body = new_order();
        body[member] = value;
        body
    };
    for (body, number, param) in [
        (with("amount", json!(11)), 3106, "amount"),
        (with("amount", json!(null)), 10028, "amount"),
        (with("currency", json!("XXX")), 3151, "currency"),
        (with("currency", json!("GBP")), 3105, "product_id"),
        (with("country", json!("Austria")), 10028, "country"),
        (with("product_id", json!("2")), 10028, "product_id"),
        (with("product_id", json!("00009")), 3105, "product_id"),
        (
            with("delivery_type", json!("ACCOUNT")),
            9009,
            "delivery_type",
        ),
        (with("delivery_type", json!("MAIL")), 10028, "delivery_type"),
        (with("terminal_id", json!("")), 10028, "terminal_id"),
        (with("shop_id", json!("a b")), 10028, "shop_id"),
        (with("capture", json!(false)), 10028, "capture"),
    ] {
        let reply = order(&platform, &body).await;
        assert_eq!(reply.json()["number"], number, "{body} {}", reply.text);
        assert_eq!(reply.json()["param"], param, "{body}");
    }
    let unknown = platform
        .till(Method::GET, "/v1/orders/order_2000000001_x")
        .send()
        .await;
    assert_eq!(
        (unknown.status, unknown.json()["number"].clone()),
        (StatusCode::NOT_FOUND, json!(3102))
    );
    let nameless = platform.till(Method::DELETE, "/v1/orders").send().await;
    assert_eq!(nameless.json()["param"], "Correlation-ID");
}

#[tokio::test]
async fn a_used_voucher_and_a_closed_window_stop_a_cancellation() {
    let platform = Platform::new().await;
    let used = order(&platform, &new_order()).await.json();
    let payment = platform.created_from(&new_payment()).await;
    platform
        .pay(
            &payment,
            &[used["card"]["pin"].as_str().unwrap().to_owned()],
        )
        .await;
    let untouched = order(&platform, &new_order()).await.json();
    let cancel = async |order: &Value| {
        let id = order["order_id"].as_str().unwrap();
        let path = format!("/v1/orders/{id}");
        platform.till(Method::DELETE, path).send().await.json()
    };
    assert_eq!(cancel(&used).await["number"], 1004);
    platform.clock.advance(Span::MINUTE.times(31));
    assert_eq!(cancel(&untouched).await["number"], 3158);
}

#[tokio::test]
async fn a_terminal_has_limits() {
    let platform = Platform::new().await;
    let mut body = new_order();
    body["amount"] = json!("100.00");
    for _ in 0..10 {
        assert_eq!(order(&platform, &body).await.status, StatusCode::CREATED);
    }
    let reply = order(&platform, &body).await.json();
    assert_eq!(
        (&reply["number"], &reply["param"]),
        (&json!(3175), &json!("terminal_id"))
    );
    body["terminal_id"] = json!("till-8");
    assert_eq!(order(&platform, &body).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_ping_is_answered_in_text() {
    let platform = Platform::new().await;
    let reply = platform.till(Method::POST, "/v1/orders/ping").send().await;
    assert_eq!(reply.text, "{\"success\":\"true\"}");
}

#[tokio::test]
async fn a_replayed_cancellation_tells_of_its_own_order() {
    let platform = Platform::new().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let sold = order(&platform, &new_order()).await.json();
        let id = sold["order_id"].as_str().unwrap();
        ids.push(id.parse::<OrderId>().unwrap());
    }
    let name = Idempotency {
        key: IdempotencyKey([1; 16]),
        fingerprint: Fingerprint([2; 16]),
    };
    let cancel = async |id| {
        let cancelled = platform.distributors.cancel(TILL, id, Some(name)).await;
        cancelled.unwrap()
    };
    let first = cancel(ids[0]).await;
    assert_eq!(first.freshness, Freshness::New);
    let again = cancel(ids[1]).await;
    assert_eq!(again.freshness, Freshness::Replayed);
    assert_eq!(again.order, first.order);
}
