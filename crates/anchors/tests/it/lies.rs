//! Between the reader and the chain sits a node that changes answers: what it says is refused, and it is named.

use std::sync::Arc;

use anchors::anchoring::{AnchorError, Anchoring, Place};
use anchors::reading::{ReadError, anchored};
use axum::Router;
use axum::extract::{Json, State};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::chain::{Chain, Grown, ORIGIN, node, terms};
use crate::head;

/// Changes an answer to a question.
type Lie = fn(&Value, &mut Value);

struct Liar {
    behind: url::Url,
    lie: Lie,
    http: reqwest::Client,
}

async fn forward(State(liar): State<Arc<Liar>>, Json(question): Json<Value>) -> Json<Value> {
    let sent = liar.http.post(liar.behind.clone()).json(&question).send();
    let mut answer: Value = sent.await.expect("an answer").json().await.expect("JSON");
    (liar.lie)(&question, &mut answer["result"]);
    Json(answer)
}

async fn liar(chain: &Chain, lie: Lie) -> url::Url {
    let liar = Arc::new(Liar {
        behind: chain.url.clone(),
        lie,
        http: reqwest::Client::new(),
    });
    let routes = Router::new().route("/", post(forward)).with_state(liar);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}").parse().expect("a URL")
}

fn asks(question: &Value, method: &str) -> bool {
    question["method"] == method
}

fn asks_for_block(question: &Value, which: &str) -> bool {
    asks(question, "eth_getBlockByNumber") && question["params"][0] == which
}

/// What a node alone cannot hide.
const CONTRADICTIONS: [(&str, Lie); 8] = [
    ("finality beyond what it has", |question, answer| {
        if asks_for_block(question, "finalized") {
            answer["number"] = json!("0xffff");
        }
    }),
    ("nothing is final", |question, answer| {
        if asks_for_block(question, "finalized") {
            *answer = Value::Null;
        }
    }),
    ("another contract's event", |question, answer| {
        if asks(question, "eth_getLogs") {
            answer[0]["address"] = json!("0x00000000000000000000000000000000000000aa");
        }
    }),
    ("another submitter's event", |question, answer| {
        if asks(question, "eth_getLogs") {
            answer[0]["topics"][1] = answer[0]["topics"][2].clone();
        }
    }),
    ("an event that was reorganised away", |question, answer| {
        if asks(question, "eth_getLogs") {
            answer[0]["removed"] = json!(true);
        }
    }),
    (
        "an event of a block that is not the chain's",
        |question, answer| {
            if asks(question, "eth_getLogs") {
                answer[0]["blockHash"] = answer[0]["topics"][2].clone();
            }
        },
    ),
    ("sizes that do not grow", |question, answer| {
        if asks(question, "eth_getLogs") {
            answer.as_array_mut().expect("events").reverse();
        }
    }),
    ("garbage", |question, answer| {
        if asks(question, "eth_getLogs") {
            *answer = json!({"what": "events"});
        }
    }),
];

/// What only a second node brings to light.
const SECRETS: [(&str, Lie); 3] = [
    ("an anchor that it leaves out", |question, answer| {
        if asks(question, "eth_getLogs") {
            answer.as_array_mut().expect("events").pop();
        }
    }),
    ("another root", |question, answer| {
        if asks(question, "eth_getLogs") {
            let data = answer[0]["data"]
                .as_str()
                .expect("data")
                .replacen('a', "b", 1);
            answer[0]["data"] = json!(data.replacen('1', "2", 1));
        }
    }),
    ("another chain", |question, answer| {
        if asks(question, "eth_getBlockByNumber") {
            let parent = answer["parentHash"].clone();
            answer["hash"] = parent;
        }
    }),
];

async fn anchored_chain() -> (Chain, Place) {
    let chain = Chain::start().await;
    let place = chain.deploy().await;
    chain.anchor(place, &head(5)).await;
    chain.anchor(place, &head(9)).await;
    chain.mine(4).await;
    (chain, place)
}

#[tokio::test]
async fn a_node_that_contradicts_itself_is_not_believed() {
    let (chain, place) = anchored_chain().await;
    for (what, lie) in CONTRADICTIONS {
        let url = liar(&chain, lie).await;
        let read = anchored(&[node(&url)], &chain.pins(place), ORIGIN).await;
        let why = read.expect_err(what).to_string();
        let port = url.port().expect("a port").to_string();
        assert!(why.contains(&port), "{what}: {why}");
    }
}

#[tokio::test]
async fn nodes_that_disagree_are_believed_nothing() {
    let (chain, place) = anchored_chain().await;
    for (what, lie) in SECRETS {
        let url = liar(&chain, lie).await;
        let nodes = [node(&chain.url), node(&url)];
        let read = anchored(&nodes, &chain.pins(place), ORIGIN).await;
        let why = read.expect_err(what);
        assert!(
            matches!(why, ReadError::Disagreement { .. }),
            "{what}: {why}"
        );
    }
    let honest = [node(&chain.url), node(&liar(&chain, |_, _| {}).await)];
    let read = anchored(&honest, &chain.pins(place), ORIGIN).await;
    assert_eq!(read.expect("they agree").anchored.len(), 2);
}

#[tokio::test]
async fn a_node_that_lies_about_the_account_alone_cannot_have_it_pay() {
    let (chain, place) = anchored_chain().await;
    let url = liar(&chain, |question, answer| {
        if asks(question, "eth_getTransactionCount") {
            *answer = json!("0x7");
        }
    })
    .await;
    let nodes = [node(&url), node(&chain.url)];
    let anchoring = Anchoring {
        nodes: &nodes,
        place,
        terms: terms(),
        submitter: &chain.account,
        history: Grown,
        origin: ORIGIN,
    };
    let why = anchoring.step(&head(20)).await.expect_err("it is refused");
    assert!(matches!(why, AnchorError::Disagreement { .. }), "{why}");
}
