//! The same HTTP stack, echoing the bodies of a payment.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use scrip::server::{self, Server};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::http_client::HttpClient;
use crate::load::{self, Client, Shown};
use crate::payments::{CAPTURE_BODY, CREATE_BODY, JSON_HEADERS};

struct EchoClient {
    http: HttpClient,
    place: usize,
}

/// The server under load.
pub struct Echo {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Echo {
    pub async fn start() -> anyhow::Result<Echo> {
        let listener = server::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let server = Server {
            listener,
            tls: None,
            connections_max: 10_000,
            drain: Duration::ZERO,
            figures: Arc::default(),
        };
        let router = Router::new().route("/echo", post(echo));
        let task = tokio::spawn(server.run(router, stop.clone()));
        Ok(Echo {
            address,
            stop,
            task,
        })
    }

    pub async fn load(&self, clients: usize, duration: Duration) -> anyhow::Result<Shown> {
        let mut all = Vec::with_capacity(clients);
        for _ in 0..clients {
            all.push(EchoClient {
                http: HttpClient::connect(self.address).await?,
                place: 0,
            });
        }
        load::closed(all, duration).await
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        Ok(self.task.await?)
    }
}

async fn echo(body: Bytes) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], body)
}

impl Client for EchoClient {
    /// The three bodies of a payment, in turn.
    async fn step(&mut self) -> anyhow::Result<()> {
        let bodies = [
            CREATE_BODY,
            "key=0123456789abcdef0123456789abcdef&pin=0123456789012345",
            CAPTURE_BODY,
        ];
        let body = bodies[self.place % bodies.len()];
        self.place += 1;
        let answer = self
            .http
            .post("/echo", JSON_HEADERS, body.as_bytes())
            .await?;
        anyhow::ensure!(
            answer.status == 200 && self.http.body(answer) == body.as_bytes(),
            "not an echo"
        );
        Ok(())
    }
}
