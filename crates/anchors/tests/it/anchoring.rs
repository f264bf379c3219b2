//! A log is anchored, whatever happens to the chain.

use std::time::Duration;

use anchors::anchoring::{AnchorError, Anchoring, History, Place, Step, Submitter, Terms};
use anchors::contract::Head;
use anchors::node::Node;
use anchors::reading::{Anchored, anchored};
use anchors::words::{Word, keccak};
use serde_json::json;

use crate::chain::{Account, Chain, Grown, ORIGIN, node, terms};
use crate::head;

async fn heads(chain: &Chain, place: Place) -> Vec<Head> {
    let pins = chain.pins(place);
    let found = anchored(&[node(&chain.url)], &pins, ORIGIN).await;
    let found = found.expect("what was anchored").anchored;
    found.iter().map(|Anchored { head, .. }| *head).collect()
}

#[tokio::test]
async fn a_head_is_sent_once_and_counts_when_its_block_is_final() {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    assert!(matches!(
        chain.anchor(place, &head(5)).await,
        Step::Sent { .. }
    ));
    assert_eq!(chain.anchor(place, &head(5)).await, Step::Included);
    assert_eq!(heads(&chain, place).await, [], "its block is not final yet");
    chain.mine(4).await;
    assert_eq!(chain.anchor(place, &head(5)).await, Step::Final);
    assert_eq!(heads(&chain, place).await, [head(5)]);
    // A smaller one speaks of storage that was set back, and a larger one is anchored beside it.
    let behind = chain.step(place, terms(), &head(3)).await;
    assert!(
        matches!(
            behind,
            Err(AnchorError::Behind {
                ours: 3,
                anchored: 5
            })
        ),
        "{behind:?}"
    );
    assert!(matches!(
        chain.anchor(place, &head(9)).await,
        Step::Sent { .. }
    ));
    chain.mine(4).await;
    assert_eq!(heads(&chain, place).await, [head(5), head(9)]);
}

#[tokio::test]
async fn what_a_reorganisation_takes_away_is_sent_again() {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    chain.mine(4).await;
    let before = chain.tell("evm_snapshot", json!([])).await;
    assert!(matches!(
        chain.anchor(place, &head(5)).await,
        Step::Sent { .. }
    ));
    assert_eq!(chain.anchor(place, &head(5)).await, Step::Included);
    chain.tell("evm_revert", json!([before])).await;
    chain.mine(1).await;
    assert!(matches!(
        chain.anchor(place, &head(7)).await,
        Step::Sent { .. }
    ));
    chain.mine(4).await;
    assert_eq!(chain.anchor(place, &head(7)).await, Step::Final);
    assert_eq!(heads(&chain, place).await, [head(7)]);
}

#[tokio::test]
async fn a_dear_chain_waits_and_a_waiting_transaction_is_made_dearer() {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    let terms_of = |fee_max, urgency| Terms { fee_max, urgency };
    let wanted = head(5);
    let attempt = async |terms| chain.step(place, terms, &wanted).await.expect("a step");
    assert!(matches!(
        attempt(terms_of(1, 0)).await,
        Step::Dear { wanted: 2.. }
    ));
    // No blocks are made for a while.
    chain.tell("evm_setAutomine", json!([false])).await;
    let Step::Sent { transaction } = attempt(terms()).await else {
        panic!("it is not sent");
    };
    assert_eq!(attempt(terms()).await, Step::Waiting);
    let dearer = attempt(terms_of(terms().fee_max, 2)).await;
    let Step::Sent { transaction: other } = dearer else {
        panic!("{dearer:?}");
    };
    assert_ne!(transaction, other);
    chain.mine(1).await;
    chain.tell("evm_setAutomine", json!([true])).await;
    chain.mine(4).await;
    assert_eq!(attempt(terms()).await, Step::Final);
    assert_eq!(heads(&chain, place).await, [wanted]);
}

#[tokio::test]
async fn a_wrong_chain_contract_or_tree_is_told_and_nothing_is_sent() {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    let refused = async |place: Place, head: &Head| {
        let stepped = chain.step(place, terms(), head).await;
        stepped.expect_err("it is refused")
    };
    let other_chain = Place { chain: 1, ..place };
    let why = refused(other_chain, &head(5)).await;
    assert!(
        matches!(why, AnchorError::OtherChain { found: 31_337, .. }),
        "{why}"
    );
    let nobody = Place {
        contract: chain.account.address(),
        ..place
    };
    let why = refused(nobody, &head(5)).await;
    assert!(matches!(why, AnchorError::NoContract { .. }), "{why}");
    chain.anchor(place, &head(5)).await;
    let other = Head {
        root: keccak(b"another history"),
        ..head(5)
    };
    let why = refused(place, &other).await;
    assert!(
        matches!(why, AnchorError::Contradicted { size: 5 }),
        "{why}"
    );
    chain.mine(4).await;
    assert_eq!(heads(&chain, place).await, [head(5)]);
}

#[tokio::test]
async fn what_others_write_into_the_contract_is_not_read() {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    let stranger = Account::new(9);
    let coins = json!([stranger.address().to_string(), "0xde0b6b3a7640000"]);
    chain.tell("anvil_setBalance", coins).await;
    let foreign = [head(70), head(60)];
    let of = |submitter, origin| Anchoring {
        nodes: std::slice::from_ref(&chain.node),
        place,
        terms: terms(),
        submitter,
        history: Grown,
        origin,
    };
    let by_stranger = of(&stranger, ORIGIN);
    let stepped = by_stranger.step(&foreign[0]);
    let Step::Sent { transaction } = stepped.await.expect("a step") else {
        panic!("it is not sent");
    };
    chain.wait_for(transaction).await;
    let of_another = of(&chain.account, "another/log");
    let own = of_another.step(&foreign[1]);
    let Step::Sent { transaction } = own.await.expect("a step") else {
        panic!("it is not sent");
    };
    chain.wait_for(transaction).await;
    chain.anchor(place, &head(5)).await;
    chain.mine(4).await;
    assert_eq!(heads(&chain, place).await, [head(5)]);
}

#[tokio::test]
async fn a_chain_that_is_down_is_caught_up_with_later() {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    let nowhere = node(&"http://127.0.0.1:1".parse().expect("a URL"));
    let anchoring = Anchoring {
        nodes: &[nowhere],
        place,
        terms: terms(),
        submitter: &chain.account,
        history: Grown,
        origin: ORIGIN,
    };
    let stepped = anchoring.step(&head(5)).await;
    assert!(matches!(stepped, Err(AnchorError::Node(_))), "{stepped:?}");
    assert!(matches!(
        chain.anchor(place, &head(8)).await,
        Step::Sent { .. }
    ));
    chain.mine(4).await;
    assert_eq!(heads(&chain, place).await, [head(8)]);
}

/// The answer that never came may have been to a transaction that was taken.
#[tokio::test]
async fn a_chain_that_stands_still_is_asked_again_and_gets_each_head_once() {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    let hasty = Node::new(chain.url.clone(), Duration::from_millis(300)).expect("a client");
    let anchoring = Anchoring {
        nodes: &[hasty],
        place,
        terms: terms(),
        submitter: &chain.account,
        history: Grown,
        origin: ORIGIN,
    };
    chain.pause();
    let stepped = anchoring.step(&head(5)).await;
    assert!(matches!(stepped, Err(AnchorError::Node(_))), "{stepped:?}");
    chain.go_on();
    for _ in 0..3 {
        chain.anchor(place, &head(5)).await;
    }
    chain.mine(4).await;
    assert_eq!(heads(&chain, place).await, [head(5)]);
}

/// A log whose past is another one.
struct Rewritten;

impl History for Rewritten {
    async fn has_grown_from(&self, _size: u64, _root: Word) -> Result<(), String> {
        Err("the proof does not hold".to_owned())
    }
}

#[tokio::test]
async fn a_rewritten_log_is_not_anchored_over_its_past() {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    chain.anchor(place, &head(5)).await;
    let anchoring = Anchoring {
        nodes: std::slice::from_ref(&chain.node),
        place,
        terms: terms(),
        submitter: &chain.account,
        history: Rewritten,
        origin: ORIGIN,
    };
    let why = anchoring.step(&head(9)).await.expect_err("it is refused");
    assert!(
        matches!(why, AnchorError::NotGrown { size: 5, .. }),
        "{why}"
    );
    chain.mine(4).await;
    assert_eq!(heads(&chain, place).await, [head(5)]);
}
