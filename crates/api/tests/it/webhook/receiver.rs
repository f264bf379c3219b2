//! A merchant's server.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri, header};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Listens on a free port of this machine, until it is dropped with its runtime.
pub struct Receiver {
    address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Request>,
    answers: Answers,
}

/// A request that arrived.
#[derive(Debug)]
pub struct Request {
    /// Path and query.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub answered: u16,
}

/// The answers of the next requests; 200 when there are none left.
type Answers = Arc<Mutex<VecDeque<u16>>>;

#[derive(Clone)]
struct Shared {
    requests: mpsc::UnboundedSender<Request>,
    answers: Answers,
}

/// How long a test waits before it does something about it.
const PATIENCE: Duration = Duration::from_millis(20);
/// Rounds of patience until a test fails.
const ROUNDS_MAX: u32 = 1_000;

impl Receiver {
    pub async fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::unbounded_channel();
        let answers = Answers::default();
        let shared = Shared {
            requests: sender,
            answers: Arc::clone(&answers),
        };
        let router = Router::new().fallback(take).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Receiver {
            address,
            requests,
            answers,
        }
    }

    /// Takes connections and says nothing.
    pub async fn start_silent() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((connection, _)) = listener.accept().await {
                open.push(connection);
            }
        });
        Receiver {
            address,
            requests,
            answers: Answers::default(),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn answer_first_with<const N: usize>(&self, statuses: [u16; N]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// The next request; `meanwhile` is called again and again until it comes.
    pub async fn next_while(&mut self, meanwhile: impl Fn()) -> Request {
        for _ in 0..ROUNDS_MAX {
            if let Ok(request) = tokio::time::timeout(PATIENCE, self.requests.recv()).await {
                return request.unwrap();
            }
            meanwhile();
        }
        panic!("no request came");
    }

    /// A request that is there already.
    pub fn take(&mut self) -> Option<Request> {
        self.requests.try_recv().ok()
    }
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }

    pub fn body_text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

async fn take(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let answered = shared.answers.lock().unwrap().pop_front().unwrap_or(200);
    let path = uri.path_and_query().unwrap().to_string();
    shared
        .requests
        .send(Request {
            path,
            headers,
            body,
            answered,
        })
        .ok();
    let status = StatusCode::from_u16(answered).unwrap();
    (status, [(header::LOCATION, "/elsewhere")]).into_response()
}
