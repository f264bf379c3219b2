//! What was put right by itself, as merchants and distributors see it.

use engine::reversal::Watch;
use http::{Method, StatusCode};
use ids::time::Span;
use serde_json::{Value, json};

use crate::platform::{Platform, new_order, new_payment};

async fn list(platform: &Platform, path: &str) -> Vec<Value> {
    let reply = platform.shop(Method::GET, path).send().await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let data = reply.json()["data"].as_array().cloned();
    data.expect("a list has data")
}

async fn look(platform: &Platform, watch: &mut Watch) {
    platform.wait(Span(1)).await;
    watch.step().await.expect("nothing speaks against it");
}

#[tokio::test]
async fn a_second_payment_of_an_order_is_marked_and_listed() {
    let platform = Platform::new().await;
    let mut watch = Watch::new(platform.engine.clone());
    let mut body = new_payment();
    body["order_reference"] = json!("order 7");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let id = platform.created_from(&body).await;
        platform.pay(&id, &[platform.sold_pin().await]).await;
        ids.push(id);
    }
    look(&platform, &mut watch).await;
    let path = format!("/v1/payments/{}", ids[1]);
    let second = platform.shop(Method::GET, &path).send().await.json();
    assert_eq!(second["duplicate_of"], ids[0].as_str());
    assert_eq!(second["order_reference"], "order 7");
    assert_eq!(second["status"], "AUTHORIZED");
    let history = list(&platform, &format!("{path}/history")).await;
    let marked = history.last().unwrap();
    assert_eq!(marked["event"], "payment.duplicate_found");
    assert_eq!(marked["actor"], "timer");
    assert_eq!(marked["duplicate_of"], ids[0].as_str());

    let found = list(&platform, "/v1/reversals?kind=duplicate").await;
    let [found] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(found["payment_id"], ids[1].as_str());
    assert_eq!(found["amount"], 10.0);
    assert_eq!(found["resolved"]["sequence"], marked["sequence"]);
    assert_eq!(found["appeared"]["sequence"], history[1]["sequence"]);
    for (query, count) in [
        ("kind=hold_lapsed", 0),
        (&format!("payment_id={}", ids[1]), 1),
        (&format!("payment_id={}", ids[0]), 0),
        ("payment_id=pay_1000001978_nobody_EUR", 0),
    ] {
        let found = list(&platform, &format!("/v1/reversals?{query}")).await;
        assert_eq!(found.len(), count, "{query}");
    }
    for query in ["kind=lost", "payment_id=7", "from=yesterday"] {
        let path = format!("/v1/reversals?{query}");
        let refused = platform.shop(Method::GET, path).send().await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn a_hold_that_lapsed_names_the_entries_of_its_cause_and_its_end() {
    let platform = Platform::new().await;
    let id = platform.authorized().await;
    platform.wait(Span::MINUTE).await;
    let history = list(&platform, &format!("/v1/payments/{id}/history")).await;
    let found = list(&platform, "/v1/reversals").await;
    assert_eq!(found[0]["kind"], "hold_lapsed");
    assert_eq!(found[0]["appeared"]["sequence"], history[1]["sequence"]);
    assert_eq!(found[0]["resolved"]["sequence"], history[2]["sequence"]);
    assert_eq!(history[2]["status_before"], "AUTHORIZED");
}

#[tokio::test]
async fn an_order_is_confirmed_or_cancelled_and_listed() {
    let platform = Platform::new().await;
    let mut watch = Watch::new(platform.engine.clone());
    let mut body = new_order();
    body["confirmation_window"] = json!(60);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let sold = platform.till(Method::POST, "/v1/orders").json(&body).await;
        let sold = sold.json();
        assert!(sold["confirm_until"].is_i64(), "{sold}");
        ids.push(sold["order_id"].as_str().unwrap().to_owned());
    }
    let confirm = async |id: &str| {
        let path = format!("/v1/orders/{id}/confirm");
        platform.till(Method::POST, path).send().await
    };
    let first = confirm(&ids[0]).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text);
    assert!(first.json()["confirmed"].is_i64());
    assert_eq!(confirm(&ids[0]).await.text, first.text);
    look(&platform, &mut watch).await;
    platform.clock.advance(Span::MINUTE);
    look(&platform, &mut watch).await;
    let late = confirm(&ids[1]).await;
    assert_eq!(late.json()["number"], 3154);
    let call = platform.till(Method::GET, "/v1/orders/reversals");
    let listed = call.send().await.json();
    assert_eq!(listed["data"][0]["order_id"], ids[1].as_str());
    assert_eq!(listed["data"][0]["kind"], "order_unconfirmed");
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    let [appeared, resolved] = ["appeared", "resolved"].map(|name| &listed["data"][0][name]);
    let minute = resolved["time"].as_i64().unwrap() - appeared["time"].as_i64().unwrap();
    assert!((Span::MINUTE.0..Span::HOUR.0).contains(&minute), "{minute}");
    assert!(appeared["sequence"].as_u64() < resolved["sequence"].as_u64());
    body["confirmation_window"] = json!(9);
    let refused = platform.till(Method::POST, "/v1/orders").json(&body).await;
    assert_eq!(refused.json()["param"], "confirmation_window");
}
