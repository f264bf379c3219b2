//! Erasing payers: what is gone, what stays, and that every leaf of the log is what it was.

use std::net::IpAddr;
use std::sync::Arc;

use accounting::entry::Entry;
use engine::log::seeds;
use engine::reversal::Watch;
use engine::service::person::Scope;
use http::{Method, StatusCode};
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::time::Span;
use leaves::groups::Groups;
use leaves::leaf::leaf;
use leaves::secret::Secret;
use serde_json::json;
use store::codec;
use store::fold::Rows;
use store::port::Store;
use store::row::Key;
use store::seeds::Seeds;
use tlog::hash::TreeHash;
use tlog::leaf::FieldGroup;

use crate::platform::{Platform, eraser, new_payment, new_refund};

const SHOWN_BY_SHOP: &str = "198.51.100.77";
const EMAIL: &str = "erika@post.example";

/// A platform with a payment that was opened, paid, captured and refunded, and its id.
async fn refunded() -> (Platform, PaymentId) {
    let platform = Platform::new().await;
    let mut body = new_payment();
    body["customer"]["ip"] = json!(SHOWN_BY_SHOP);
    let id = platform.created_from(&body).await;
    let parsed: PaymentId = id.parse().expect("an id");
    let checkout = platform
        .payer
        .checkout(parsed)
        .await
        .expect("the storage works")
        .expect("the payment is there");
    let opened = platform
        .payer
        .open(checkout, Some(IpAddr::from([192, 0, 2, 200])));
    opened.await.expect("the storage works");
    platform.pay(&id, &[platform.sold_pin().await]).await;
    let path = format!("/v1/payments/{id}/capture");
    let reply = platform.shop(Method::POST, path).send().await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    refund(&platform, &id).await;
    (platform, parsed)
}

async fn refund(platform: &Platform, id: &str) {
    let mut body = new_refund();
    body["customer"]["email"] = json!(EMAIL);
    let path = format!("/v1/payments/{id}/refunds");
    let reply = platform.shop(Method::POST, path).json(&body).await;
    assert!(reply.status.is_success(), "{}", reply.text);
}

async fn journal(platform: &Platform) -> Vec<Arc<Entry>> {
    let read = platform.store.entries_after(Sequence(0), 10_000);
    read.await.expect("the storage works")
}

/// The secret of each entry, and its leaf.
async fn leaves(platform: &Platform) -> Vec<(Secret, TreeHash)> {
    let entries = journal(platform).await;
    let head = Sequence(entries.len() as u64);
    let runs = platform
        .store
        .seed_runs(Sequence(0), head)
        .await
        .expect("the storage works");
    let secrets = runs
        .iter()
        .flat_map(|run| seeds::open(&platform.vault, run).expect("the storage works"));
    let leaves = entries.iter().zip(secrets);
    let leaves: Vec<(Secret, TreeHash)> = leaves
        .map(|(entry, secret)| {
            let hash = leaf(entry, &secret).hash();
            (secret, hash)
        })
        .collect();
    assert_eq!(leaves.len(), entries.len(), "every entry has its seed");
    leaves
}

/// Whether any stored entry, or the payment's row, holds these bytes.
async fn knows(platform: &Platform, id: PaymentId, bytes: &[u8]) -> bool {
    let rows = platform
        .store
        .load(&[Key::Payment(id)])
        .await
        .expect("the storage works");
    let row = codec::encode(&**rows.payment(id).expect("the payment is there"));
    let entries = journal(platform).await;
    let mut records = entries.iter().map(|entry| codec::encode(&**entry));
    let holds = |record: &[u8]| record.windows(bytes.len()).any(|part| part == bytes);
    holds(&row) || records.any(|record| holds(&record))
}

#[tokio::test]
async fn a_payer_is_gone_from_row_and_journal_and_every_leaf_is_what_it_was() {
    let (platform, id) = refunded().await;
    let before = leaves(&platform).await;
    let secrets: [&[u8]; 4] = [
        &[4, 198, 51, 100, 77],
        &[4, 192, 0, 2, 200],
        // From where the payment was paid.
        &[4, 192, 0, 2, 7],
        EMAIL.as_bytes(),
    ];
    for secret in secrets {
        assert!(knows(&platform, id, secret).await, "{secret:?}");
    }

    let key = platform.person_key(&[Scope::Privacy]).await;
    let head = journal(&platform).await.len() as u64;
    let path = format!("/v1/operator/payments/{id}/erase-payer");
    let reply = platform.call(Method::POST, &path).key(&key).send().await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let erased = reply.json();
    assert_eq!(erased["entry"], json!(head + 1));
    assert_eq!(
        erased["entries_erased"],
        json!(4),
        "created, opened, paid and refunded"
    );

    for secret in secrets {
        assert!(!knows(&platform, id, secret).await, "{secret:?}");
    }
    let after = leaves(&platform).await;
    for (place, (_, hash)) in before.iter().enumerate() {
        assert_eq!(after[place].1, *hash, "leaf {place} is another one");
    }
    let entries = journal(&platform).await;
    for (entry, (secret, _)) in entries.iter().zip(&after) {
        let groups = Groups::of(entry);
        let opens = |group| secret.opening(&groups, group).is_some();
        let is_erased = !opens(FieldGroup::Payer);
        assert!(opens(FieldGroup::Core) && opens(FieldGroup::Reference));
        assert!(!is_erased || groups.bytes(FieldGroup::Payer) == [1]);
    }
    let mut watch = Watch::new(platform.engine.clone());
    while 0 < watch.step().await.expect("the storage works") {}
    let path = format!("/v1/payments/{id}");
    let shown = platform.shop(Method::GET, path).send().await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert!(!shown.text.contains(SHOWN_BY_SHOP) && !shown.text.contains(EMAIL));
    assert_eq!(shown.json()["status"], json!("SUCCESS"));
}

#[tokio::test]
async fn asking_again_erases_what_came_since_and_nothing_twice() {
    let (platform, id) = refunded().await;
    let key = platform.person_key(&[Scope::Privacy]).await;
    let path = format!("/v1/operator/payments/{id}/erase-payer");
    let ask = async || {
        let reply = platform.call(Method::POST, &path).key(&key).send().await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        reply.json()
    };
    let first = ask().await;
    let again = ask().await;
    assert_eq!(again["entry"], first["entry"]);
    assert_eq!(again["entries_erased"], json!(0));
    refund(&platform, &id.to_string()).await;
    assert!(knows(&platform, id, EMAIL.as_bytes()).await);
    let later = ask().await;
    assert_ne!(later["entry"], first["entry"]);
    assert_eq!(later["entries_erased"], json!(1));
    assert!(!knows(&platform, id, EMAIL.as_bytes()).await);
}

#[tokio::test]
async fn a_payment_that_may_still_change_keeps_its_payer() {
    let platform = Platform::new().await;
    let key = platform.person_key(&[Scope::Privacy]).await;
    let id = platform.authorized().await;
    let path = format!("/v1/operator/payments/{id}/erase-payer");
    let reply = platform.call(Method::POST, &path).key(&key).send().await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{}", reply.text);
    assert!(reply.text.contains("AUTHORIZED"), "{}", reply.text);
    let unknown = path.replace("pay_", "pay_9");
    let reply = platform.call(Method::POST, &unknown).key(&key).send().await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND, "{}", reply.text);
}

/// As after a crash between the entry that asks for it and the first entry that is erased.
#[tokio::test]
async fn erasing_that_was_not_finished_goes_on_by_itself() {
    let (platform, id) = refunded().await;
    let envelope = engine::command::Envelope {
        actor: accounting::entry::Actor::Operator,
        idempotency: None,
        command: engine::command::Command::ErasePayer { id },
    };
    platform
        .engine
        .execute(envelope)
        .await
        .expect("the storage works");
    assert!(knows(&platform, id, EMAIL.as_bytes()).await);
    // Days later, and after as many other entries as it likes.
    platform.clock.advance(Span::DAY.times(40));
    platform.created().await;
    let before = leaves(&platform).await;
    let eraser = eraser(&platform.engine, &platform.store);
    let mut watch = Watch::new(platform.engine.clone()).erasing(eraser);
    while 0 < watch.step().await.expect("the storage works") {}
    assert!(!knows(&platform, id, EMAIL.as_bytes()).await);
    let hashes = |leaves: Vec<(Secret, TreeHash)>| -> Vec<TreeHash> {
        leaves.into_iter().map(|(_, hash)| hash).collect()
    };
    assert_eq!(hashes(leaves(&platform).await), hashes(before));
}
