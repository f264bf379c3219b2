//! A platform with a shop, a till and their keys, over storage in memory.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use accounting::entry::Actor;
use accounting::fact::Party;
use api::routing::router;
use api::state::{ApiState, Services};
use api::webhook::address::TargetPolicy;
use axum::Router;
use axum::body::{Body, to_bytes};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use engine::clock::{Clock, ManualClock};
use engine::command::{Command, Envelope};
use engine::core::Engine;
use engine::erasing::Eraser;
use engine::guard::{Guard, GuardLimits};
use engine::judge::{Judge, LetPass};
use engine::log::receipts::Receipts;
use engine::log::sequencer::{Round, Sequencer};
use engine::log::{Log, Ports};
use engine::risk::Risk;
use engine::service::analyst::AnalystService;
use engine::service::analyst::people::KeyChange;
use engine::service::contact::Letters;
use engine::service::distributor::DistributorService;
use engine::service::merchant::MerchantService;
use engine::service::operator::OperatorService;
use engine::service::payer::{Offered, PayOutcome, PayerService};
use engine::service::person::{Scope, Scopes};
use engine::timers;
use http::{HeaderMap, Method, Request, StatusCode};
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::party::{DistributorId, MerchantId};
use ids::time::{Span, Timestamp};
use ids::voucher::ProductId;
use money::currency::Currency;
use payment::attempt::Behaviour;
use payment::merchant::{Merchant, NotificationMode, Standing, Submerchant};
use payment::state::CaptureMode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sim::memory::MemoryStore;
use tower::ServiceExt;
use vault::pin::Pin;
use vault::vault::Vault;
use voucher::distributor::{self, Distributor};
use voucher::product::{Product, ProductKey, Validity};

mod no_outbox;

/// 2026-01-31T12:00:00Z.
pub const START: Timestamp = Timestamp(1_769_860_800_000);
pub const SHOP: MerchantId = MerchantId::FIRST;
pub const TILL: DistributorId = DistributorId::FIRST;
const PAYER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

pub struct Platform {
    router: Router,
    pub engine: Arc<Engine>,
    pub store: Arc<MemoryStore>,
    pub clock: Arc<ManualClock>,
    pub operator: OperatorService,
    pub payer: PayerService,
    pub distributors: DistributorService,
    pub analysts: AnalystService,
    pub vault: Arc<Vault>,
    pub shop_key: String,
    pub other_shop_key: String,
    pub till_key: String,
    sequencer: Option<Sequencer>,
}

/// A request on its way.
pub struct Call<'a> {
    platform: &'a Platform,
    method: Method,
    path: String,
    key: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// An answer that has arrived.
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Platform {
    pub async fn new() -> Platform {
        Platform::judged(Arc::new(LetPass)).await
    }

    /// A platform that keeps a transparency log of this name.
    pub async fn logged(origin: &str) -> Platform {
        Platform::made(Arc::new(LetPass), Some(origin)).await
    }

    /// A platform whose attempts are judged.
    pub async fn judged(judge: Arc<dyn Judge>) -> Platform {
        Platform::made(judge, None).await
    }

    async fn made(judge: Arc<dyn Judge>, origin: Option<&str>) -> Platform {
        let store = Arc::new(MemoryStore::default());
        let clock = Arc::new(ManualClock::at(START));
        let vault = Arc::new(Vault::in_memory([7; 32]));
        let engine = Engine::start(store.clone(), clock.clone(), Arc::clone(&vault), judge)
            .expect("a thread can be started");
        let operator = OperatorService::new(Arc::clone(&engine));
        let risk = Arc::new(Risk::new(Arc::clone(&vault), 1_000));
        let analysts = AnalystService::new(Arc::clone(&engine), risk);
        let mut merchants = MerchantService::new(Arc::clone(&engine));
        let mut distributors = DistributorService::new(Arc::clone(&engine));
        let mut sequencer = None;
        if let Some(origin) = origin {
            let ports = log_ports(&engine, &store);
            let log = Arc::new(Log::named(origin, &vault).expect("a name of a log"));
            let receipts = Arc::new(Receipts::new(ports.clone(), Arc::clone(&log)));
            merchants = merchants.giving_receipts(Arc::clone(&receipts));
            distributors = distributors.giving_receipts(receipts);
            sequencer = Some(Sequencer::new(ports, log));
        }
        let state = ApiState::new(Services {
            merchants,
            distributors,
            analysts: analysts.clone(),
            eraser: eraser(&engine, &store),
            vault: Arc::clone(&vault),
            clock: clock.clone(),
            outbox: Arc::new(no_outbox::NoOutbox),
            base_url: "https://pay.example".into(),
            targets: TargetPolicy::PublicOnly,
            liabilities: None,
            letters: Letters::Sent,
        });
        let guard = Arc::new(Guard::new(GuardLimits::default(), clock.clone()));
        let (shop_key, other_shop_key, till_key) = found(&operator).await;
        Platform {
            router: router(state),
            store,
            clock,
            analysts,
            distributors: DistributorService::new(Arc::clone(&engine)),
            payer: PayerService::new(Arc::clone(&engine), guard),
            engine,
            operator,
            vault,
            shop_key,
            other_shop_key,
            till_key,
            sequencer,
        }
    }

    /// Lets the log take every entry, and show it.
    pub async fn grow_log(&self) {
        let sequencer = self.sequencer.as_ref().expect("there is a log");
        while sequencer.round().await.expect("it goes on") != Round::CaughtUp {}
    }

    /// The key of a distributor that was not there before.
    pub async fn other_till(&self) -> String {
        let id = DistributorId::new(TILL.number() + 1).expect("ten digits");
        let saved = self.operator.save_distributor(distributor(id)).await;
        saved.expect("nothing speaks against it");
        let key = self.operator.issue_api_key(Party::Distributor(id)).await;
        key.expect("the party exists").expose_secret().to_owned()
    }

    /// The answer to a request whose body may come when it will.
    pub async fn reply(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await;
        let Ok(response) = response;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await;
        let bytes = bytes.expect("the body is in memory");
        Reply {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).expect("answers are text"),
        }
    }

    /// A request of the shop.
    pub fn shop(&self, method: Method, path: impl Into<String>) -> Call<'_> {
        self.call(method, path).key(&self.shop_key)
    }

    /// The key of a person with these scopes.
    pub async fn person_key(&self, scopes: &[Scope]) -> String {
        let scopes = scopes.iter().copied().fold(Scopes::default(), Scopes::with);
        let person = self.analysts.add_person("Ada", scopes).await;
        let id = person.expect("the storage works").id;
        let key = self.analysts.new_key(KeyChange::Offline, id).await;
        key.expect("the storage works").expose_secret().to_owned()
    }

    /// Lets risk read the journal to its end.
    pub async fn follow(&self) {
        let (risk, now) = (self.analysts.risk(), self.clock.now());
        while 0 < risk
            .step(self.store.as_ref(), now)
            .await
            .expect("the storage works")
        {}
    }

    /// A request of the till.
    pub fn till(&self, method: Method, path: impl Into<String>) -> Call<'_> {
        self.call(method, path).key(&self.till_key)
    }

    pub fn call(&self, method: Method, path: impl Into<String>) -> Call<'_> {
        Call {
            platform: self,
            method,
            path: path.into(),
            key: None,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The id of a new payment of 10.00 EUR.
    pub async fn created(&self) -> String {
        self.created_from(&new_payment()).await
    }

    pub async fn created_from(&self, body: &Value) -> String {
        let reply = self.shop(Method::POST, "/v1/payments").json(body).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        reply.json()["id"]
            .as_str()
            .expect("an id is text")
            .to_owned()
    }

    /// The id of a payment of 10.00 EUR that a voucher of 25.00 EUR has paid.
    pub async fn authorized(&self) -> String {
        let id = self.created().await;
        self.pay(&id, &[self.sold_pin().await]).await;
        id
    }

    pub async fn captured(&self) -> String {
        let id = self.authorized().await;
        let path = format!("/v1/payments/{id}/capture");
        let reply = self.shop(Method::POST, path).send().await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        id
    }

    /// The PIN of a fresh voucher of 25.00 EUR.
    pub async fn sold_pin(&self) -> String {
        let reply = self
            .till(Method::POST, "/v1/orders")
            .json(&new_order())
            .await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        reply.json()["card"]["pin"]
            .as_str()
            .expect("a PIN is text")
            .to_owned()
    }

    /// Ends the validity of a voucher as its timer does, so that nothing can go back to it.
    pub async fn expire_voucher(&self, serial: &str) {
        self.clock.advance(Span::DAY.times(41));
        let command = Command::RunVoucherTimer {
            serial: serial.parse().expect("a serial"),
            product: product_key(),
        };
        let envelope = Envelope {
            actor: Actor::Timer,
            idempotency: None,
            command,
        };
        let outcome = self.engine.execute(envelope).await;
        outcome.expect("the voucher is due");
    }

    /// Lets time pass, and the timers notice.
    pub async fn wait(&self, span: Span) {
        self.clock.advance(span);
        let ran = timers::run_due(&self.engine).await;
        ran.expect("nothing speaks against it");
    }

    /// Pays as the checkout does.
    pub async fn pay(&self, id: &str, pins: &[String]) {
        let id: PaymentId = id.parse().expect("the id of a payment");
        let mut basket = Vec::new();
        for pin in pins {
            let pin = Pin::parse(pin).expect("a PIN");
            match self
                .payer
                .pay(Offered {
                    payment: id,
                    basket: basket.clone(),
                    pin: Some(&pin),
                    answers: Vec::new(),
                    address: PAYER,
                    device: None,
                    behaviour: Behaviour::default(),
                })
                .await
                .expect("nobody counts these tries")
            {
                PayOutcome::MoreNeeded { basket: shown, .. } => {
                    basket = shown.iter().map(|item| item.serial).collect();
                }
                PayOutcome::Paid(_) | PayOutcome::InReview(_) => return,
                other => panic!("{other:?}"),
            }
        }
        panic!("the PINs do not suffice");
    }
}

impl Call<'_> {
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub async fn json(self, body: &Value) -> Reply {
        self.header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
    }

    pub async fn send(self) -> Reply {
        let mut request = Request::builder().method(self.method).uri(self.path);
        if let Some(key) = self.key {
            let credentials = BASE64_STANDARD.encode(key);
            request = request.header("authorization", format!("Basic {credentials}"));
        }
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let request = request
            .body(Body::from(self.body))
            .expect("a well-formed request");
        self.platform.reply(request).await
    }
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.to_str().expect("headers are ASCII"))
    }

    /// The body with one member a line, and `names` in place of what differs from run to run.
    pub fn lines(&self, names: &[(&str, &str)]) -> String {
        let named = names.iter().fold(self.text.clone(), |text, (value, name)| {
            assert!(
                !value.is_empty() && text.contains(value),
                "no {name} in {text}"
            );
            text.replace(value, name)
        });
        named.replace(",\"", ",\n\"")
    }
}

/// A body that creates a payment of 10.00 EUR.
pub fn new_payment() -> Value {
    json!({
        "type": "PAYSAFECARD",
        "amount": 10.00,
        "currency": "EUR",
        "redirect": {
            "success_url": "https://shop.example/ok?id={payment_id}",
            "failure_url": "https://shop.example/failed",
        },
        "notification_url": "https://shop.example/notify/{payment_id}",
        "customer": { "id": "c1" },
    })
}

/// A body that orders a voucher of 25.00 EUR.
pub fn new_order() -> Value {
    json!({
        "amount": 25.00,
        "currency": "EUR",
        "country": "AT",
        "product_id": "00002",
        "delivery_type": "RETURN",
        "utc_offset": "+01:00",
        "shop_id": "shop-12",
        "terminal_id": "till-7",
        "customer": { "id_type": "NONE" },
        "capture": true,
    })
}

pub fn new_refund() -> Value {
    json!({
        "type": "PAYSAFECARD",
        "capture": true,
        "amount": 4.00,
        "currency": "EUR",
        "customer": { "id": "c1" },
    })
}

fn product_key() -> ProductKey {
    ProductKey {
        product: ProductId::new(2).expect("five digits"),
        country: "AT".parse().expect("two capital letters"),
        currency: Currency::EUR,
    }
}

async fn found(operator: &OperatorService) -> (String, String, String) {
    let other = MerchantId::new(SHOP.number() + 1).expect("seven digits");
    for id in [SHOP, other] {
        let saved = operator.save_merchant(merchant(id)).await;
        saved.expect("nothing speaks against it");
    }
    let saved = operator.save_distributor(distributor(TILL)).await;
    saved.expect("nothing speaks against it");
    let product = Product {
        key: product_key(),
        denominations: vec![1_000, 2_500, 10_000],
        validity: Validity::For(Span::DAY.times(40)),
        maintenance_fee: None,
    };
    let saved = operator.save_product(product).await;
    saved.expect("nothing speaks against it");
    let key = async |party| {
        let key = operator.issue_api_key(party).await;
        let key = key.expect("the party exists");
        key.expose_secret().to_owned()
    };
    (
        key(Party::Merchant(SHOP)).await,
        key(Party::Merchant(other)).await,
        key(Party::Distributor(TILL)).await,
    )
}

fn distributor(id: DistributorId) -> Distributor {
    Distributor {
        id,
        name: "Corner shop".to_owned(),
        standing: distributor::Standing::Active,
        cancel_window: Span::MINUTE.times(30),
        terminal_limits: distributor::LIMITS_DEFAULT,
        confirmation_window: None,
    }
}

pub fn merchant(id: MerchantId) -> Merchant {
    let submerchant = |id: &str, standing| Submerchant {
        id: id.to_owned(),
        standing,
    };
    Merchant {
        id,
        name: "Bookshop".to_owned(),
        standing: Standing::Active,
        currencies: vec![Currency::EUR, Currency::GBP],
        capture_window: Span::MINUTE,
        capture: CaptureMode::Manual,
        fee_basis_points: 150,
        submerchants: vec![
            submerchant("rc1", Standing::Active),
            submerchant("rc2", Standing::Suspended),
        ],
        webhook: None,
        notification: NotificationMode::Classic,
        version: Sequence(0),
        duplicates: payment::duplicate::DuplicateTerms::default(),
    }
}

/// What erases payers of an engine over this store.
pub fn eraser(engine: &Arc<Engine>, store: &Arc<MemoryStore>) -> Eraser {
    Eraser::new(Arc::clone(engine), log_ports(engine, store))
}

pub fn log_ports(engine: &Engine, store: &Arc<MemoryStore>) -> Ports {
    Ports {
        store: store.clone(),
        seeds: store.clone(),
        log: store.clone(),
        vault: Arc::clone(engine.vault()),
    }
}
