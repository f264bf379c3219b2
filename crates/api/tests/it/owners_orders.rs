//! Orders that bring the address of an owner: what the journal keeps of the request gives no address away.

// Says to clippy that helpers too are tests, which may unwrap.
#![cfg(test)]

use accounting::entry::Idempotency;
use accounting::fact::{Fact, Party};
use engine::idempotency::ClientKey;
use engine::service::contact::{EmailAddress, LanguageTag};
use engine::service::distributor::{OrderRequest, OwnerContact};
use http::{Method, StatusCode};
use ids::command::Sequence;
use money::amount::Amount;
use money::currency::Currency;
use serde_json::{Value, json};
use store::port::Store;

use crate::platform::{Platform, Reply, TILL, new_order};

const KEY: &str = "order-1";

fn order_for(address: &str) -> Value {
    let mut body = new_order();
    body["owner_contact"] = json!({ "email": address, "language": "de" });
    body
}

async fn ordered(platform: &Platform, body: &Value) -> Reply {
    let call = platform.till(Method::POST, "/v1/orders");
    call.header("Idempotency-Key", KEY).json(body).await
}

/// What a release kept of this request whose fingerprints were plain.
fn plain(body: &Value) -> Idempotency {
    let text = body.to_string();
    let key = ClientKey {
        party: Party::Distributor(TILL),
        key: KEY,
        operation: "POST /v1/orders",
        body: text.as_bytes(),
    };
    key.digest()
}

fn serial(reply: &Reply) -> String {
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    reply.json()["card"]["serial"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn no_guess_at_an_address_can_be_tried_against_the_journal() {
    let platform = Platform::new().await;
    let anna = order_for("anna@example.org");
    serial(&ordered(&platform, &anna).await);
    let entries = platform.store.entries_after(Sequence(0), 1_000).await;
    let entries = entries.unwrap();
    let sale = entries
        .iter()
        .find(|entry| matches!(entry.fact(), Fact::OrderDelivered { .. }));
    let kept = sale.unwrap().idempotency().unwrap();
    assert_eq!(kept.key, plain(&anna).key);
    assert_ne!(kept.fingerprint, plain(&anna).fingerprint);
    assert_ne!(kept.fingerprint, plain(&new_order()).fingerprint);
}

#[tokio::test]
async fn an_order_with_an_address_is_repeated_and_one_with_another_address_is_refused() {
    let platform = Platform::new().await;
    let anna = order_for("anna@example.org");
    let first = serial(&ordered(&platform, &anna).await);
    let again = ordered(&platform, &anna).await;
    assert_eq!(serial(&again), first);
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    for other in [order_for("eve@example.org"), new_order()] {
        let refused = ordered(&platform, &other).await;
        assert!(refused.status.is_client_error(), "{}", refused.text);
        assert!(refused.text.contains("Idempotency-Key"), "{}", refused.text);
    }
}

#[tokio::test]
async fn an_order_that_an_earlier_release_took_is_still_known() {
    let platform = Platform::new().await;
    let anna = order_for("anna@example.org");
    let request = OrderRequest {
        amount: Amount::new(2_500, Currency::EUR),
        product: "00002".parse().unwrap(),
        country: "AT".parse().unwrap(),
        terminal: "till-7".parse().unwrap(),
        shop: "shop-12".to_owned(),
        confirmation_window: None,
        owner: Some(OwnerContact {
            address: EmailAddress::parse("anna@example.org").unwrap(),
            language: LanguageTag::new("de").unwrap(),
        }),
    };
    let sold = platform
        .distributors
        .order(TILL, None, request, Some(plain(&anna)));
    let sold = sold.await.unwrap().order.serial.to_string();
    let again = ordered(&platform, &anna).await;
    assert_eq!(serial(&again), sold);
    assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
    let other = ordered(&platform, &order_for("eve@example.org")).await;
    assert!(other.status.is_client_error(), "{}", other.text);
}
