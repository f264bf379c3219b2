//! One client on the network: an address of its own, and calls that are repeated until they are answered.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;

use crate::clients::tally::Tally;
use crate::network;
use crate::parties::{Origin, Parties};

#[derive(Clone)]
pub struct Caller {
    http: reqwest::Client,
    parties: Parties,
    pub tally: Arc<Tally>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Json(Value),
    Text(String),
    /// Where a page leads on to.
    Location(String),
}

/// A call with its repetitions.
#[derive(Clone, Debug)]
pub struct Called {
    /// When the first attempt was sent, and when the one that was answered.
    pub begun: Duration,
    pub begun_last: Duration,
    pub ended: Duration,
    /// Attempts without an answer, which may have arrived or may yet.
    pub unanswered: usize,
    /// None where patience ended.
    pub reply: Option<Reply>,
}

/// As whom to call the API.
#[derive(Clone, Copy, Debug)]
pub enum Party {
    Merchant,
    Distributor,
}

/// How long a client waits for one answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// How long it repeats one call.
const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_millis(400);

impl Caller {
    pub fn new(number: u8, parties: &Parties, tally: Arc<Tally>) -> anyhow::Result<Caller> {
        let address = match parties.origin {
            Origin::OwnAddress => Some(network::client_address(number).parse::<IpAddr>()?),
            Origin::ThisMachine => None,
        };
        let http = reqwest::Client::builder()
            .local_address(address)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(ANSWER_MAX)
            .no_proxy()
            .build()
            .context("an HTTP client")?;
        Ok(Caller {
            http,
            parties: parties.clone(),
            tally,
        })
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.parties.base_url)
    }

    /// Calls the API.
    pub async fn api(
        &self,
        party: Party,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Called {
        let api_key = match party {
            Party::Merchant => &self.parties.merchant_key,
            Party::Distributor => &self.parties.distributor_key,
        };
        let mut request = self
            .http
            .request(method, self.url(path))
            .basic_auth(api_key, Some(""));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.call(request).await
    }

    /// Sends a page's form, as a browser does.
    pub async fn form(&self, url: &str, fields: &[(&str, &str)]) -> Called {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self
            .http
            .post(url)
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "text/html")
            .header(header::ACCEPT_LANGUAGE, "en")
            .header(header::USER_AGENT, "a person's browser")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(fields.join("&"));
        self.call(request).await
    }

    /// Repeats the request until there is an answer that settles it.
    async fn call(&self, request: RequestBuilder) -> Called {
        let begun = self.tally.now();
        let mut called = Called {
            begun,
            begun_last: begun,
            ended: begun,
            unanswered: 0,
            reply: None,
        };
        let mut pause = PAUSE_FIRST;
        loop {
            called.begun_last = self.tally.now();
            match self.attempt(&request).await {
                Ok(reply) => {
                    called.ended = self.tally.now();
                    called.reply = Some(reply);
                    return called;
                }
                Err(how) => self.tally.failed(how),
            }
            called.unanswered += 1;
            if begun + PATIENCE < self.tally.now() {
                return called;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn attempt(&self, request: &RequestBuilder) -> Result<Reply, String> {
        let request = request
            .try_clone()
            .ok_or("the request has no body to send again")?;
        let response = request.send().await.map_err(|error| way(&error))?;
        let status = response.status();
        if status.is_server_error()
            || status == StatusCode::REQUEST_TIMEOUT
            || status == StatusCode::TOO_MANY_REQUESTS
        {
            return Err(format!("status {}", status.as_u16()));
        }
        let body = body(response).await.map_err(|error| way(&error))?;
        Ok(Reply { status, body })
    }
}

async fn body(response: Response) -> reqwest::Result<Body> {
    if let Some(location) = response.headers().get(header::LOCATION) {
        return Ok(Body::Location(
            String::from_utf8_lossy(location.as_bytes()).into_owned(),
        ));
    }
    let text = response.text().await?;
    Ok(serde_json::from_str(&text).map_or(Body::Text(text), Body::Json))
}

fn way(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the connection ended".to_owned()
    }
}
