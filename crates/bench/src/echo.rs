//! The same HTTP stack, echoing the bodies of a payment.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use scrip::server::{self, Server};
use tokio_util::sync::CancellationToken;

use crate::figures::Figures;
use crate::http_client::HttpClient;
use crate::load::{self, Client};
use crate::payments::{CAPTURE_BODY, CREATE_BODY, JSON_HEADERS};

struct EchoClient {
    http: HttpClient,
    place: usize,
}

pub async fn measure(
    clients: &[usize],
    duration: Duration,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let listener = server::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let server = Server {
        listener,
        tls: None,
        connections_max: 10_000,
    };
    let task = tokio::spawn(server.run(Router::new().route("/echo", post(echo)), stop.clone()));
    for &count in clients {
        let mut all = Vec::with_capacity(count);
        for _ in 0..count {
            all.push(EchoClient {
                http: HttpClient::connect(address).await?,
                place: 0,
            });
        }
        let shown = load::closed(all, duration).await?;
        shown.put(&format!("http.echo.{count}_clients"), "requests/s", figures);
    }
    stop.cancel();
    task.await?;
    Ok(())
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
