//! A shop that takes webhooks, or refuses them, and remembers their numbers.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Client;

/// How long messages may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Default)]
pub struct Receiver {
    url: String,
    accepts: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    numbers: Arc<Mutex<BTreeSet<u64>>>,
}

impl Receiver {
    /// Refuses everything at first.
    pub async fn start() -> Receiver {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let receiver = Receiver {
            url: format!("http://{address}/hook"),
            ..Receiver::default()
        };
        let routes = Router::new()
            .route("/hook", post(take))
            .with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        receiver
    }

    pub async fn register(&self, client: &Client) {
        let body = json!({ "url": self.url });
        let set = client
            .call(Method::PUT, "/v1/webhook", None, Some(&body))
            .await;
        let set = set.expect("an answer");
        assert!(set.status.is_success(), "{:?}", set.body);
    }

    pub fn accept(&self) {
        self.accepts.store(true, Ordering::SeqCst);
    }

    /// Waits until it was asked as often, whatever it answered.
    pub async fn until_asked(&self, times: usize) {
        self.until(|receiver| times <= receiver.asked.load(Ordering::SeqCst))
            .await;
    }

    /// Waits for the message with this number.
    pub async fn until_got(&self, number: u64) {
        self.until(|receiver| receiver.numbers.lock().expect("numbers").contains(&number))
            .await;
    }

    async fn until(&self, holds: impl Fn(&Receiver) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < end, "{:?}", self.numbers.lock());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn take(State(receiver): State<Receiver>, body: Bytes) -> StatusCode {
    receiver.asked.fetch_add(1, Ordering::SeqCst);
    if !receiver.accepts.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let message: Value = serde_json::from_slice(&body).expect("JSON");
    let number = message["data"]["number"].as_u64().expect("a number");
    receiver.numbers.lock().expect("numbers").insert(number);
    StatusCode::NO_CONTENT
}

/// The log goes on where it was: the same deliveries with at least the attempts that they had, and new numbers behind. Answers the
/// last number.
pub fn require_continued(before: &[Value], after: &[Value]) -> u64 {
    assert!(!before.is_empty() && before.len() < after.len());
    for (then, now) in before.iter().zip(after) {
        for name in ["id", "number", "channel", "url", "body"] {
            assert_eq!(then[name], now[name], "{name} of {then:?} is {now:?}");
        }
        let attempts =
            |delivery: &Value| delivery["attempts"].as_array().cloned().unwrap_or_default();
        assert!(
            attempts(now).starts_with(&attempts(then)),
            "{then:?} became {now:?}"
        );
    }
    let mut numbers: Vec<u64> = after
        .iter()
        .filter(|delivery| delivery["channel"] == "webhook")
        .map(|delivery| delivery["number"].as_u64().expect("a number"))
        .collect();
    numbers.sort_unstable();
    let all: Vec<u64> = (1..=numbers.len() as u64).collect();
    assert_eq!(numbers, all);
    numbers.len() as u64
}
