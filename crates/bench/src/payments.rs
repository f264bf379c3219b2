//! The whole payment through the public HTTP API: create, PIN, capture.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use api::webhook::address::TargetPolicy;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::service::contact::Letters;
use scrip::commands::serve::{Edge, router};
use scrip::server::{self, Server};
use secrecy::ExposeSecret;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::echo::Echo;
use crate::figures::Figures;
use crate::http_client::HttpClient;
use crate::load::{self, Client, Shown};
use crate::proc;
use crate::sample::Sample;

pub const JSON_HEADERS: &str = "content-type: application/json\r\n";
pub const CREATE_BODY: &str = "{\"type\":\"PAYSAFECARD\",\"amount\":1.00,\"currency\":\"EUR\",\
    \"redirect\":{\"success_url\":\"https://shop.example/ok?id={payment_id}\",\
    \"failure_url\":\"https://shop.example/nok?id={payment_id}\"},\
    \"notification_url\":\"https://shop.example/notify/{payment_id}\",\"customer\":{\"id\":\"customer-1\"}}";
pub const CAPTURE_BODY: &str = "{}";

/// How often the echo and the payments take turns.
const TURNS: u32 = 4;
/// The share of the closed loop's rate at which the open loop asks.
const OPEN_SHARE: f64 = 0.7;
/// Connections of the open loop for each client of the closed one: a request must not wait for its connection.
const OPEN_CONNECTIONS: usize = 4;

struct PaymentClient {
    sample: Arc<Sample>,
    http: HttpClient,
    headers: Arc<str>,
    /// The header that tells the payer's address.
    address: String,
    stage: Stage,
}

enum Stage {
    Create,
    Pay { id: String, key: String },
    Capture { id: String },
}

/// The echo and the payments take turns, so that both see the same hours of a machine whose speed wanders.
pub async fn measure(
    sample: &Arc<Sample>,
    clients: &[usize],
    duration: Duration,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let echo = Echo::start().await?;
    let served = Served::start(sample).await?;
    let address = served.address;
    for &count in clients {
        let rate = take_turns(&echo, sample, address, count, duration, figures).await?;
        let clients = connect(sample, address, count * OPEN_CONNECTIONS).await?;
        let mut open = load::open(clients, duration, rate * OPEN_SHARE).await?;
        let name = format!("http.payments.{count}_clients.open_loop");
        open.put(&name, "requests/s", figures);
    }
    served.stop().await?;
    echo.stop().await
}

/// The platform behind its own server.
pub struct Served {
    pub address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Served {
    pub async fn start(sample: &Sample) -> anyhow::Result<Served> {
        let listener = server::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let edge = Edge {
            base_url: format!("http://{address}"),
            // Each client is a payer with an address of its own, as behind a proxy.
            trusted_proxies: vec!["127.0.0.1/32".parse()?],
            targets: TargetPolicy::PublicOnly,
            letters: Letters::NotSent,
            stop: stop.clone(),
        };
        let server = Server {
            listener,
            tls: None,
            connections_max: 10_000,
            drain: Duration::ZERO,
            figures: Arc::default(),
        };
        let task = tokio::spawn(server.run(router(&sample.platform, &edge), stop.clone()));
        Ok(Served {
            address,
            stop,
            task,
        })
    }

    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        Ok(self.task.await?)
    }
}

/// Payments with so many clients, each of which asks again as soon as it is answered.
pub async fn closed(
    sample: &Arc<Sample>,
    served: &Served,
    count: usize,
    duration: Duration,
) -> anyhow::Result<Shown> {
    load::closed(connect(sample, served.address, count).await?, duration).await
}

/// Answers the payments' rate, requests a second.
async fn take_turns(
    echo: &Echo,
    sample: &Arc<Sample>,
    address: SocketAddr,
    count: usize,
    duration: Duration,
    figures: &mut Figures,
) -> anyhow::Result<f64> {
    let (mut echoed, mut paid) = (Shown::default(), Shown::default());
    let mut written = 0;
    for _ in 0..TURNS {
        echoed.add(echo.load(count, duration / TURNS).await?);
        let before = proc::written();
        let clients = connect(sample, address, count).await?;
        paid.add(load::closed(clients, duration / TURNS).await?);
        written += proc::written().saturating_sub(before);
    }
    echoed.put(&format!("http.echo.{count}_clients"), "requests/s", figures);
    let name = format!("http.payments.{count}_clients");
    paid.put(&name, "requests/s", figures);
    let bytes = written as f64 / paid.count as f64;
    figures.put(&format!("{name}.written_per_request"), bytes, "bytes");
    let ratio = paid.rate() / echoed.rate();
    let name = format!("http.payments_to_echo.{count}_clients");
    figures.put(&name, ratio, "ratio");
    Ok(paid.rate())
}

async fn connect(
    sample: &Arc<Sample>,
    address: SocketAddr,
    count: usize,
) -> anyhow::Result<Vec<PaymentClient>> {
    let key = STANDARD.encode(&sample.api_key);
    let headers: Arc<str> = format!("{JSON_HEADERS}authorization: Basic {key}\r\n").into();
    let mut clients = Vec::with_capacity(count);
    for number in 0..count {
        clients.push(PaymentClient {
            address: format!(
                "x-forwarded-for: 10.{}.{}.1\r\n",
                number % 250,
                number / 250
            ),
            sample: Arc::clone(sample),
            http: HttpClient::connect(address).await?,
            headers: Arc::clone(&headers),
            stage: Stage::Create,
        });
    }
    Ok(clients)
}

/// What the script of the payment's page notices of a person: twenty seconds, and a PIN that was typed.
const NOTICED: &str = "time%3D20000%3Bentry%3Dtyped%3Bmean%3D180%3Bdeviation%3D60%3Bsigns%3D0";

impl Client for PaymentClient {
    async fn step(&mut self) -> anyhow::Result<()> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Create) {
            Stage::Create => self.create().await?,
            Stage::Pay { id, key } => self.pay(id, &key).await?,
            Stage::Capture { id } => self.capture(&id).await?,
        };
        Ok(())
    }
}

impl PaymentClient {
    async fn create(&mut self) -> anyhow::Result<Stage> {
        let answer = self
            .http
            .post("/v1/payments", &self.headers, CREATE_BODY.as_bytes())
            .await?;
        let body = std::str::from_utf8(self.http.body(answer))?;
        anyhow::ensure!(answer.status == 201, "create: {} {body}", answer.status);
        let id = between(body, "\"id\":\"", "\"")
            .context("no id")?
            .to_owned();
        let link = between(body, "\"auth_url\":\"", "\"").context("no auth_url")?;
        let key = link.split("key=").nth(1).context("no key")?.to_owned();
        Ok(Stage::Pay { id, key })
    }

    async fn pay(&mut self, id: String, key: &str) -> anyhow::Result<Stage> {
        let pin = self.sample.pins.next();
        let form = format!(
            "key={key}&behaviour={NOTICED}&pin={}",
            pin.expose().expose_secret()
        );
        let path = format!("/checkout/{id}/pay");
        let headers = format!(
            "content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\n\
             accept: text/html\r\naccept-language: en\r\nuser-agent: browser\r\n{}",
            self.address
        );
        let answer = self.http.post(&path, &headers, form.as_bytes()).await?;
        let body = self.http.body(answer);
        anyhow::ensure!(
            answer.status == 303,
            "pay: {} {}",
            answer.status,
            String::from_utf8_lossy(body)
        );
        Ok(Stage::Capture { id })
    }

    async fn capture(&mut self, id: &str) -> anyhow::Result<Stage> {
        let path = format!("/v1/payments/{id}/capture");
        let answer = self
            .http
            .post(&path, &self.headers, CAPTURE_BODY.as_bytes())
            .await?;
        let body = std::str::from_utf8(self.http.body(answer))?;
        anyhow::ensure!(
            answer.status == 200 && body.contains("\"SUCCESS\""),
            "capture: {} {body}",
            answer.status
        );
        Ok(Stage::Create)
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?
        .1
        .split_once(after)
        .map(|(found, _)| found)
}
