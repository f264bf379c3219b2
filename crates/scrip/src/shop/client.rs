//! The shop's calls to the merchant API.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::{Value, json};

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    api_key: String,
}

const TIMEOUT: Duration = Duration::from_secs(15);

impl Client {
    pub fn new(base_url: &str, api_key: &str) -> anyhow::Result<Client> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .no_proxy()
            .build()
            .context("the shop's HTTP client")?;
        Ok(Client {
            http,
            base_url: base_url.to_owned(),
            api_key: api_key.to_owned(),
        })
    }

    pub async fn create_payment(&self, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, "/v1/payments", Some(body)).await
    }

    pub async fn payment(&self, id: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, &format!("/v1/payments/{id}"), None)
            .await
    }

    pub async fn capture(&self, id: &str) -> anyhow::Result<Value> {
        self.call(
            Method::POST,
            &format!("/v1/payments/{id}/capture"),
            Some(&json!({ "id": id })),
        )
        .await
    }

    pub async fn refund(&self, id: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(
            Method::POST,
            &format!("/v1/payments/{id}/refunds"),
            Some(body),
        )
        .await
    }

    pub async fn set_webhook(&self, url: &str) -> anyhow::Result<Value> {
        self.call(Method::PUT, "/v1/webhook", Some(&json!({ "url": url })))
            .await
    }

    pub async fn rotate_webhook_secret(&self) -> anyhow::Result<Value> {
        self.call(Method::POST, "/v1/webhook/rotate", None).await
    }

    /// An answer of 2xx, or the message that the platform gave.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let request = self
            .http
            .request(method, format!("{}{path}", self.base_url))
            .basic_auth(&self.api_key, Some(""));
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let response = request
            .send()
            .await
            .context("the payment platform cannot be reached")?;
        let status = response.status();
        let answer: Value = response
            .json()
            .await
            .context("the payment platform's answer was not JSON")?;
        if !status.is_success() {
            bail!(
                "{}",
                answer["message"]
                    .as_str()
                    .unwrap_or("the payment platform refused")
            );
        }
        Ok(answer)
    }
}
