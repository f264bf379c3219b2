//! A shop and a payer who speak to the program over HTTP.

use std::time::Duration;

use reqwest::{Method, StatusCode, redirect};
use serde_json::{Value, json};

use crate::program::Demo;

/// What a shop and a payer need to know.
#[derive(Clone)]
pub struct Client {
    pub http: reqwest::Client,
    pub base_url: String,
    pub api_key: String,
}

/// An answer with its JSON body, if it has one.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Client {
    pub fn of(demo: &Demo) -> Client {
        Client::new(demo.text("base_url"), demo.text("api_key"))
    }

    pub fn new(base_url: &str, api_key: &str) -> Client {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .no_proxy()
            .build()
            .expect("an HTTP client");
        Client {
            http,
            base_url: base_url.to_owned(),
            api_key: api_key.to_owned(),
        }
    }

    /// A call of the API; an error means that no answer came.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> reqwest::Result<Answer> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.base_url))
            .basic_auth(&self.api_key, Some(""));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = serde_json::from_slice(&response.bytes().await?).unwrap_or(Value::Null);
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    pub async fn create(
        &self,
        key: Option<&str>,
        amount: &str,
        currency: &str,
    ) -> reqwest::Result<Answer> {
        self.call(
            Method::POST,
            "/v1/payments",
            key,
            Some(&payment(amount, currency)),
        )
        .await
    }

    pub async fn payment(&self, id: &str) -> reqwest::Result<Answer> {
        self.call(Method::GET, &format!("/v1/payments/{id}"), None, None)
            .await
    }

    pub async fn capture(&self, id: &str, key: Option<&str>) -> reqwest::Result<Answer> {
        self.call(
            Method::POST,
            &format!("/v1/payments/{id}/capture"),
            key,
            None,
        )
        .await
    }

    pub async fn cancel(&self, id: &str, key: Option<&str>) -> reqwest::Result<Answer> {
        self.call(
            Method::POST,
            &format!("/v1/payments/{id}/cancel"),
            key,
            None,
        )
        .await
    }

    pub async fn refund(
        &self,
        id: &str,
        key: Option<&str>,
        amount: &str,
        currency: &str,
    ) -> reqwest::Result<Answer> {
        let body = json!({
            "type": "PAYSAFECARD",
            "capture": true,
            "amount": amount,
            "currency": currency,
            "customer": { "id": "customer-1", "email": "customer@example.com" },
        });
        self.call(
            Method::POST,
            &format!("/v1/payments/{id}/refunds"),
            key,
            Some(&body),
        )
        .await
    }

    /// Types a PIN on the payment's page, as its form does.
    pub async fn pay(&self, payment: &Value, pin: &str) -> reqwest::Result<StatusCode> {
        let link = payment["redirect"]["auth_url"]
            .as_str()
            .expect("an auth_url");
        let (page, key) = link.split_once("?key=").expect("a key in the auth_url");
        let form = [("key", key), ("pin", pin), ("behaviour", NOTICED)];
        let response = self
            .http
            .post(format!("{page}/pay"))
            .header("sec-fetch-site", "same-origin")
            .header("accept", "text/html")
            .header("accept-language", "en")
            .header("user-agent", "a person's browser")
            .body(
                form.map(|(name, value)| format!("{name}={value}"))
                    .join("&"),
            )
            .header("content-type", "application/x-www-form-urlencoded")
            .send()
            .await?;
        Ok(response.status())
    }
}

/// What the page's script notices of a person: twenty seconds, and a PIN that was typed.
const NOTICED: &str = "time%3D20000%3Bentry%3Dtyped%3Bmean%3D180%3Bdeviation%3D60%3Bsigns%3D0";

/// The body that asks for a payment.
pub fn payment(amount: &str, currency: &str) -> Value {
    json!({
        "type": "PAYSAFECARD",
        "amount": amount,
        "currency": currency,
        "redirect": {
            "success_url": "https://shop.example/ok?id={payment_id}",
            "failure_url": "https://shop.example/failed?id={payment_id}",
        },
        "notification_url": "https://shop.example/notify/{payment_id}",
        "customer": { "id": "customer-1" },
    })
}
