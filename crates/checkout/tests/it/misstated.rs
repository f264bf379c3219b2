//! An issuer that states what it likes, and proves that.

use std::sync::Arc;

use accounting::claim::Holder;
use accounting::document::DocumentName;
use accounting::entry::Actor;
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::command::{Command, Envelope, NewDocument};
use ids::command::Sequence;
use ids::voucher::Serial;
use liabilities::proof::prove;
use liabilities::secret::Secret;
use liabilities::statement::Statement;
use liabilities::tree::{Making, place, way};
use money::amount::Amount;
use serde_json::json;

use crate::platform::Platform;

/// The platform's site, but that every balance page is given a statement in which this amount is all that is owed, and the
/// proof that it is owed to this voucher. The log has the statement, and all of it holds.
pub async fn site(platform: &Platform, serial: Serial, owed: Amount) -> Router {
    let secret = Secret::new(&[3; 32], owed.currency);
    let value = u64::try_from(owed.minor).unwrap();
    let leaves = place(&secret, [(Holder::Voucher(serial), value)].into_iter()).unwrap();
    let root = Making::new(&secret, &leaves).root().unwrap();
    let statement = Statement {
        counted: platform.engine.store().head().await.unwrap(),
        at: platform.clock_now(),
        before: Sequence(0),
        sums: vec![(owed.currency, root)],
    };
    let content = statement.encode();
    let entry = publish(platform, &content).await;
    let shown = platform.stated.desk.published_in(entry).await;
    let listing = shown.unwrap().unwrap();
    let receipt = listing.evidence.receipt.as_ref();
    let way = way(&secret, leaves[0], &leaves, Vec::new()).unwrap();
    let given = json!({
        "policy": platform.stated.desk.policy(),
        "statement": STANDARD.encode(&content),
        "proof": receipt.unwrap().to_string(),
        "holder_proof": STANDARD.encode(prove(&secret, statement.counted, &way)),
    });
    Router::new()
        .route(
            "/balance/counted",
            post(move || async move { Json(given.clone()) }),
        )
        .fallback_service(platform.router.clone())
}

/// Answers which entry holds the statement.
async fn publish(platform: &Platform, content: &[u8]) -> Sequence {
    let newest = platform.stated.statements.newest().await.unwrap();
    let envelope = Envelope {
        actor: Actor::Operator,
        idempotency: None,
        command: Command::SaveDocument(NewDocument {
            name: DocumentName::Liabilities,
            content: Arc::from(content),
            based_on: newest.map(|newest| newest.entry.sequence()),
            by_right_of: None,
        }),
    };
    platform.engine.execute(envelope).await.unwrap();
    platform.stated.grow().await;
    platform.engine.store().head().await.unwrap()
}
