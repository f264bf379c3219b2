//! Receipts of the transparency log, for shops and distributors.

use engine::reversal::Watch;
use http::{Method, StatusCode};
use ids::time::Span;
use vault::vault::Vault;
use verifier::checkpoint::Clock;
use verifier::policy::Policy;
use verifier::receipt::Receipt;

use crate::platform::{Platform, Reply, new_order};

const ORIGIN: &str = "pay.example/log";

/// The groups that a receipt opens, once all of it holds.
fn groups(receipt: &str) -> Vec<u8> {
    let vault = Vault::in_memory([7; 32]);
    let log = engine::log::Log::named(ORIGIN, &vault).expect("a name of a log");
    let policy = format!("log {}\nquorum none\n", log.public_key());
    let policy = Policy::parse(&policy).expect("a policy");
    let clock = Clock {
        now: 0,
        age_seconds_max: None,
    };
    let receipt = Receipt::verify(receipt.as_bytes(), &policy, clock).expect("it holds");
    receipt
        .openings
        .iter()
        .map(|opening| opening.group)
        .collect()
}

async fn sold(platform: &Platform) -> Reply {
    let reply = platform
        .till(Method::POST, "/v1/orders")
        .json(&new_order())
        .await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    reply
}

fn id_and_sequence(reply: &Reply) -> (String, u64) {
    let json = reply.json();
    let id = json["order_id"].as_str().expect("an id").to_owned();
    (id, json["sequence"].as_u64().expect("a number"))
}

#[tokio::test]
async fn distributor_gets_receipts_of_each_entry_of_its_orders() {
    let platform = Platform::logged(ORIGIN).await;
    let (id, sale) = id_and_sequence(&sold(&platform).await);
    let receipt = async |sequence: u64, form: &str| {
        let path = format!("/v1/orders/{id}/receipts/{sequence}{form}");
        platform.till(Method::GET, path).send().await
    };
    let early = receipt(sale, "").await;
    assert_eq!(early.status, StatusCode::OK, "{}", early.text);
    assert!(early.json()["proof"].is_null());
    let early = receipt(sale, "/tlog-proof").await;
    assert_eq!(early.status, StatusCode::NOT_FOUND);
    assert!(
        early.text.contains("does not show this entry yet"),
        "{}",
        early.text
    );

    let cancelled = platform.till(Method::DELETE, format!("/v1/orders/{id}"));
    let (_, cancellation) = id_and_sequence(&cancelled.send().await);
    platform.grow_log().await;
    for sequence in [sale, cancellation] {
        let json = receipt(sequence, "").await.json();
        assert_eq!(json["sequence"], sequence);
        let file = receipt(sequence, "/tlog-proof").await;
        assert_eq!(json["proof"], file.text);
        assert_eq!(file.headers["content-type"], "text/plain; charset=utf-8");
        let name = format!("attachment; filename=\"receipt-{sequence}.tlog-proof\"");
        assert_eq!(file.headers["content-disposition"], name);
        // Core, what it sold, and its own command.
        assert_eq!(groups(&file.text), [0, 3, 4]);
    }
}

#[tokio::test]
async fn order_that_a_timer_cancelled_opens_no_command() {
    let platform = Platform::logged(ORIGIN).await;
    let mut body = new_order();
    body["confirmation_window"] = 60.into();
    let order = platform.till(Method::POST, "/v1/orders").json(&body).await;
    let (id, _) = id_and_sequence(&order);
    let mut watch = Watch::new(platform.engine.clone());
    watch.step().await.unwrap();
    platform.clock.advance(Span::DAY);
    watch.step().await.unwrap();
    platform.grow_log().await;
    let read = platform.till(Method::GET, format!("/v1/orders/{id}"));
    let read = read.send().await;
    assert_eq!(read.json()["status"], "CANCELLED", "{}", read.text);
    let (_, cancellation) = id_and_sequence(&read);
    let path = format!("/v1/orders/{id}/receipts/{cancellation}/tlog-proof");
    let file = platform.till(Method::GET, path).send().await;
    assert_eq!(groups(&file.text), [0, 3]);
}

#[tokio::test]
async fn orders_of_others_and_entries_of_something_else_have_no_receipt() {
    let platform = Platform::logged(ORIGIN).await;
    let (id, sale) = id_and_sequence(&sold(&platform).await);
    let (_, later) = id_and_sequence(&sold(&platform).await);
    platform.grow_log().await;
    let other = platform.other_till().await;
    for form in ["", "/tlog-proof"] {
        for sequence in [0, 1, sale - 1, later, u64::MAX] {
            let path = format!("/v1/orders/{id}/receipts/{sequence}{form}");
            let reply = platform.till(Method::GET, path).send().await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{sequence}");
        }
        let path = format!("/v1/orders/{id}/receipts/{sale}{form}");
        let reply = platform.call(Method::GET, &path).key(&other).send().await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{}", reply.text);
        let reply = platform.shop(Method::GET, path).send().await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}", reply.text);
    }
}

#[tokio::test]
async fn shop_gets_its_receipt_as_a_file() {
    let platform = Platform::logged(ORIGIN).await;
    let id = platform.created().await;
    platform.grow_log().await;
    let payment = platform.shop(Method::GET, format!("/v1/payments/{id}"));
    let sequence = payment.send().await.json()["sequence"].as_u64().unwrap();
    let path = format!("/v1/payments/{id}/receipts/{sequence}");
    let json = platform.shop(Method::GET, &path).send().await.json();
    let file = platform.shop(Method::GET, format!("{path}/tlog-proof"));
    let file = file.send().await;
    assert_eq!(json["proof"], file.text);
    assert_eq!(groups(&file.text), [0, 2, 4]);
}

#[tokio::test]
async fn platform_without_a_log_says_so() {
    let platform = Platform::new().await;
    let (id, sale) = id_and_sequence(&sold(&platform).await);
    let path = format!("/v1/orders/{id}/receipts/{sale}");
    let reply = platform.till(Method::GET, path).send().await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
    assert!(
        reply.text.contains("keeps no transparency log"),
        "{}",
        reply.text
    );
}
