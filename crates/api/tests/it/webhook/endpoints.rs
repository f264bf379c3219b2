//! `/v1/webhook` over HTTP.

use std::sync::Arc;

use accounting::fact::Party;
use api::operator;
use api::state::{ApiState, Services};
use api::webhook::address::TargetPolicy;
use api::webhook::endpoints::router;
use api::webhook::message::parse_message_id;
use axum::Router;
use axum::body::{Body, to_bytes};
use engine::risk::Risk;
use engine::service::analyst::AnalystService;
use engine::service::analyst::people::KeyChange;
use engine::service::contact::Letters;
use engine::service::distributor::DistributorService;
use engine::service::merchant::MerchantService;
use engine::service::operator::OperatorService;
use engine::service::person::{Scope, Scopes};
use http::{Request, StatusCode, header};
use payment::state::CaptureMode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use store::outbox::{Attempt, MessageStatus, Outcome};
use tower::ServiceExt;

use super::platform::{MERCHANT, Platform, other_merchant};

/// The paths of this module and of operators as one party calls them.
pub struct Client {
    router: Router,
    api_key: String,
}

impl Client {
    async fn new(platform: &Platform) -> Client {
        Client::of(platform, Party::Merchant(MERCHANT)).await
    }

    async fn of(platform: &Platform, party: Party) -> Client {
        let operator = OperatorService::new(platform.engine.clone());
        let api_key = operator.issue_api_key(party).await.unwrap();
        Client::with_key(platform, &api_key)
    }

    /// As a new person with these scopes.
    pub async fn of_person(platform: &Platform, scopes: &[Scope]) -> Client {
        let scopes = scopes.iter().copied().fold(Scopes::default(), Scopes::with);
        let analysts = analysts(platform);
        let person = analysts.add_person("Ada", scopes).await.unwrap();
        let key = analysts.new_key(KeyChange::Offline, person.id).await;
        Client::with_key(platform, &key.unwrap())
    }

    fn with_key(platform: &Platform, api_key: &SecretString) -> Client {
        let state = ApiState::new(Services {
            merchants: MerchantService::new(platform.engine.clone()),
            distributors: DistributorService::new(platform.engine.clone()),
            analysts: analysts(platform),
            eraser: platform.eraser(),
            vault: platform.vault.clone(),
            clock: platform.ports().clock,
            outbox: platform.outbox(),
            base_url: "https://pay.example".into(),
            targets: TargetPolicy::PublicOnly,
            liabilities: None,
            letters: Letters::Sent,
        });
        let (router, _) = router().merge(operator::routes()).split_for_parts();
        Client {
            router: router.with_state(state),
            api_key: api_key.expose_secret().to_owned(),
        }
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.api_key))
            .body(body)
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call("GET", path, None).await
    }

    async fn put_url(&self, url: &str) -> (StatusCode, Value) {
        self.call("PUT", "/v1/webhook", Some(json!({ "url": url })))
            .await
    }
}

fn analysts(platform: &Platform) -> AnalystService {
    let risk = Arc::new(Risk::new(platform.vault.clone(), 1_000));
    AnalystService::new(platform.engine.clone(), risk)
}

#[tokio::test]
async fn an_endpoint_is_set_changed_rotated_and_removed() {
    let platform = Platform::without_endpoint().await;
    let client = Client::new(&platform).await;
    let (status, problem) = client.get("/v1/webhook").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(problem["code"], "not_found");
    assert_eq!(problem["applied"], false);

    let (status, created) = client.put_url("https://shop.example/a").await;
    assert_eq!(status, StatusCode::CREATED);
    let first = created["secret"].as_str().unwrap().to_owned();
    assert!(first.starts_with("whsec_"));

    let (status, changed) = client.put_url("https://shop.example/b").await;
    assert_eq!(status, StatusCode::OK);
    let shown = json!({ "object": "WEBHOOK", "url": "https://shop.example/b" });
    assert_eq!(changed, shown);
    assert_eq!(client.get("/v1/webhook").await.1, shown);

    let (status, rotated) = client.call("POST", "/v1/webhook/rotate", None).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(rotated["secret"].as_str().unwrap(), first);

    let (status, removed) = client.call("DELETE", "/v1/webhook", None).await;
    assert_eq!((status, removed), (StatusCode::OK, shown));
    let (status, _) = client.call("POST", "/v1/webhook/rotate", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_url_where_messages_may_not_go_is_refused_at_once() {
    let platform = Platform::without_endpoint().await;
    let client = Client::new(&platform).await;
    for url in [
        "http://shop.example/a",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://user:word@shop.example/",
        "shop",
    ] {
        let (status, problem) = client.put_url(url).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{url}");
        assert_eq!(problem["param"], "url", "{url}");
    }
    let (status, problem) = client.call("PUT", "/v1/webhook", Some(json!({}))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(problem["number"], 10028);
    assert_eq!(client.get("/v1/webhook").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_log_shows_every_message_in_pages_and_sends_again() {
    let platform = Platform::new("https://shop.example/hook").await;
    let client = Client::new(&platform).await;
    let id = platform.create(CaptureMode::Manual).await;
    platform.authorize(id).await;
    platform.read().await;
    let (status, test) = client.call("POST", "/v1/webhook/test", None).await;
    assert_eq!(status, StatusCode::CREATED);

    let (_, first) = client.get("/v1/webhook/deliveries?page_size=3").await;
    let next = first["next_cursor"].as_str().unwrap();
    let path = format!("/v1/webhook/deliveries?page_size=3&cursor={next}");
    let (_, second) = client.get(&path).await;
    let pages = [&first["data"], &second["data"]];
    let log: Vec<&Value> = pages
        .iter()
        .flat_map(|page| page.as_array().unwrap())
        .collect();
    let events: Vec<&str> = log
        .iter()
        .map(|entry| entry["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        [
            "webhook.test",
            "payment.authorized",
            "payment.authorized",
            "payment.created"
        ]
    );
    assert_eq!(log[0]["id"], test["id"]);
    assert_eq!(log[0]["number"], 3);
    assert_eq!(log[1]["channel"], "notification");
    assert_eq!(second["next_cursor"], Value::Null);

    let path = format!("/v1/webhook/deliveries/{}", test["id"].as_str().unwrap());
    let (_, shown) = client.get(&path).await;
    assert_eq!(shown["status"], "PENDING");
    assert_eq!(shown["attempts"], json!([]));
    let body: Value = serde_json::from_str(shown["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["data"]["number"], 3);
    let (status, again) = client.call("POST", &format!("{path}/resend"), None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(again["id"], test["id"]);
}

#[tokio::test]
async fn what_never_got_through_is_open_until_it_is_sent_again() {
    let platform = Platform::new("https://shop.example/hook").await;
    let client = Client::new(&platform).await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        let (_, test) = client.call("POST", "/v1/webhook/test", None).await;
        sent.push(test["id"].as_str().unwrap().to_owned());
    }
    let lost = Attempt {
        message: parse_message_id(&sent[1]).unwrap(),
        number: 1,
        at: platform.ports().clock.now(),
        duration_ms: 10,
        outcome: Outcome::Answered(500),
        status: MessageStatus::GaveUp,
    };
    platform.outbox().record(vec![lost]).await.unwrap();
    let open = async || {
        let path = "/v1/webhook/deliveries?status=GAVE_UP&page_size=1";
        let (status, page) = client.get(path).await;
        assert_eq!(status, StatusCode::OK);
        page["data"].as_array().unwrap().clone()
    };
    assert_eq!(open().await[0]["id"], sent[1].as_str());
    let path = format!("/v1/webhook/deliveries/{}/resend", sent[1]);
    client.call("POST", &path, None).await;
    assert_eq!(open().await, Vec::<Value>::new());
    let (_, pending) = client.get("/v1/webhook/deliveries?status=PENDING").await;
    assert_eq!(pending["data"].as_array().unwrap().len(), 3);
    assert_eq!(pending["next_cursor"], Value::Null);
    let (status, _) = client.get("/v1/webhook/deliveries?status=LOST").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn another_merchant_sees_nothing_of_it() {
    let platform = Platform::new("https://shop.example/hook").await;
    platform.create(CaptureMode::Manual).await;
    platform.read().await;
    platform.set_endpoint(other_merchant(), None).await;
    let client = Client::of(&platform, Party::Merchant(other_merchant())).await;
    let (_, log) = client.get("/v1/webhook/deliveries").await;
    assert_eq!(log["data"], json!([]));
    for (method, path) in [
        ("GET", "/v1/webhook/deliveries/msg_1"),
        ("POST", "/v1/webhook/deliveries/msg_1/resend"),
        ("GET", "/v1/webhook/deliveries/other"),
    ] {
        let (status, _) = client.call(method, path, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() {
    let platform = Platform::without_endpoint().await;
    let client = Client::new(&platform).await;
    for query in [
        "page_size=0",
        "page_size=201",
        "page_size=x",
        "cursor=17",
        "pagesize=3",
    ] {
        let (status, _) = client.get(&format!("/v1/webhook/deliveries?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
}
