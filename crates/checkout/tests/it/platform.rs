//! A platform in memory with one merchant, and a client for its pages.

use std::net::SocketAddr;
use std::sync::Arc;

use accounting::entry::Actor;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use checkout::CheckoutState;
use engine::clock::{Clock, ManualClock};
use engine::core::Engine;
use engine::guard::{Guard, GuardLimits};
use engine::judge::Judge;
use engine::risk::{Risk, reader};
use engine::service::analyst::AnalystService;
use engine::service::contact::Letters;
use engine::service::merchant::MerchantService;
use engine::service::operator::{BatchPart, OperatorService};
use engine::service::payer::PayerService;
use engine::timers;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use ids::object::PaymentId;
use ids::party::{DistributorId, MerchantId};
use ids::time::{Span, Timestamp};
use ids::voucher::{BatchId, ProductId, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::merchant::{Merchant, Standing};
use payment::payment::{Customer, Payment, PaymentRequest};
use payment::state::CaptureMode;
use risk::rule::Rule;
use risk::rule_set::Edit;
use secrecy::ExposeSecret;
use sim::memory::MemoryStore;
use sim::suspicion::Suspicion;
use tower::ServiceExt;
use vault::pin::Pin;
use vault::serial::random_serial;
use vault::vault::Vault;
use voucher::voucher::{Activation, NewVoucher};

use crate::public_log::PublicLog;
use crate::stated::Stated;

/// 2026-12-02T12:00:00Z.
pub const START: Timestamp = Timestamp(1_796_212_800_000);

/// The key of the vault.
const KEY: [u8; 32] = [7; 32];
/// As browsers see the platform, where a test does not say otherwise.
pub const BASE_URL: &str = "http://127.0.0.1:8080";

pub const SHOP: &str = "Kaffee & Söhne";

pub struct Platform {
    pub engine: Arc<Engine>,
    pub clock: Arc<ManualClock>,
    pub vault: Arc<Vault>,
    pub operator: OperatorService,
    pub merchants: MerchantService,
    pub router: Router,
    pub stated: Stated,
    pub log: Option<PublicLog>,
    /// Where requests seem to come from.
    pub peer: SocketAddr,
}

/// A voucher and what is printed on it.
pub struct Card {
    pub serial: Serial,
    /// Sixteen digits.
    pub pin: String,
}

/// What a voucher is made of.
#[derive(Clone, Copy)]
pub struct Making {
    pub minor: i64,
    pub currency: Currency,
    pub country: &'static str,
    pub activation: Activation,
}

/// An answer of the server.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Making {
    pub const fn eur(minor: i64) -> Making {
        Making {
            minor,
            currency: Currency::EUR,
            country: "AT",
            activation: Activation::Immediate {
                expires_at: Timestamp::NEVER,
                fee_due_at: Timestamp::NEVER,
            },
        }
    }
}

impl Platform {
    pub async fn start() -> Platform {
        Platform::start_at(BASE_URL).await
    }

    pub async fn start_at(base_url: &str) -> Platform {
        Platform::judged_at(base_url, Arc::new(engine::judge::LetPass)).await
    }

    /// A platform whose attempts are judged by the amount.
    pub async fn suspicious() -> Platform {
        Platform::judged_at(BASE_URL, Arc::new(Suspicion)).await
    }

    /// A platform that judges by the shipped rules and these.
    pub async fn ruled(rules: Vec<Rule>) -> Platform {
        let vault = Arc::new(Vault::in_memory([7; 32]));
        let risk = Arc::new(Risk::new(vault, 1_000));
        let judge = Arc::clone(&risk);
        let platform = Platform::judged_at(BASE_URL, judge).await;
        let analysts = AnalystService::new(Arc::clone(&platform.engine), Arc::clone(&risk));
        analysts.establish().await.unwrap();
        for rule in rules {
            let edit = Edit::SaveRule(rule);
            let saved = analysts.edit_rules(Actor::Operator, edit).await;
            saved.unwrap();
        }
        reader::seat(&risk, platform.engine.store().as_ref()).await;
        platform
    }

    /// A platform whose pages are told of another log than its own.
    pub async fn showing_another_log() -> Platform {
        let judge = Arc::new(engine::judge::LetPass);
        Platform::made(BASE_URL, judge, None, [8; 32]).await
    }

    /// A platform with a transparency log of this name, cosigned by one witness.
    pub async fn logged(origin: &str) -> Platform {
        Platform::made(
            BASE_URL,
            Arc::new(engine::judge::LetPass),
            Some(origin),
            KEY,
        )
        .await
    }

    async fn judged_at(base_url: &str, judge: Arc<dyn Judge>) -> Platform {
        Platform::made(base_url, judge, None, KEY).await
    }

    async fn made(
        base_url: &str,
        judge: Arc<dyn Judge>,
        origin: Option<&str>,
        shown: [u8; 32],
    ) -> Platform {
        let clock = Arc::new(ManualClock::at(START));
        let vault = Arc::new(Vault::in_memory(KEY));
        let store = Arc::new(MemoryStore::default());
        let port = Arc::clone(&clock) as Arc<dyn Clock>;
        let log = origin.map(|origin| PublicLog::named(origin, &store, &vault));
        let engine =
            Engine::start(store.clone(), Arc::clone(&port), Arc::clone(&vault), judge).unwrap();
        let stated = Stated::over(&engine, &store, &vault, &Vault::in_memory(shown));
        let guard = Arc::new(Guard::new(GuardLimits::default(), port));
        let merchants = MerchantService::new(Arc::clone(&engine));
        let payers = PayerService::new(Arc::clone(&engine), guard);
        let payers = match &log {
            Some(log) => payers.giving_receipts(Arc::clone(&log.receipts)),
            None => payers,
        };
        let router = checkout::router(CheckoutState {
            payers,
            merchants: merchants.clone(),
            vault: Arc::clone(&vault),
            liabilities: Some(Arc::clone(&stated.desk)),
            letters: Letters::Sent,
            base_url: base_url.into(),
            trusted_proxies: Vec::new(),
        });
        let router = match &log {
            Some(log) => router.merge(log.explorer(base_url)),
            None => router,
        };
        let platform = Platform {
            operator: OperatorService::new(Arc::clone(&engine)),
            engine,
            clock,
            vault,
            merchants,
            router,
            stated,
            log,
            peer: ([203, 0, 113, 9], 50_000).into(),
        };
        platform.operator.save_merchant(merchant()).await.unwrap();
        platform
    }

    pub async fn card(&self, making: Making) -> Card {
        let pin = Pin::generate();
        let serial = random_serial();
        let voucher = NewVoucher {
            serial,
            pin: self.vault.pin_index(&pin),
            distributor: DistributorId::FIRST,
            product: ProductId::new(2).unwrap(),
            country: making.country.parse().unwrap(),
            face: Amount::new(making.minor, making.currency),
            activation: making.activation,
        };
        let part = BatchPart {
            batch: BatchId(serial.number()),
            part: 0,
            vouchers: vec![voucher],
        };
        self.operator.issue(part).await.unwrap();
        Card {
            serial,
            pin: pin.expose().expose_secret().to_owned(),
        }
    }

    /// A payment of so many cents.
    pub async fn payment(&self, minor: i64) -> Arc<Payment> {
        self.payment_of(request(minor)).await
    }

    pub async fn payment_of(&self, request: PaymentRequest) -> Arc<Payment> {
        let reply = self
            .merchants
            .create_payment(MerchantId::FIRST, None, request, None);
        reply.await.unwrap().payment
    }

    /// The payment as it is now.
    pub async fn look_up(&self, id: PaymentId) -> Arc<Payment> {
        let found = self.merchants.payment(MerchantId::FIRST, id).await;
        found.unwrap().unwrap()
    }

    /// Lets the log take every entry, and show it.
    pub async fn grow_log(&self) {
        self.log.as_ref().unwrap().grow().await;
    }

    /// Lets time pass, and the timers notice.
    pub async fn wait(&self, span: Span) {
        self.clock.advance(span);
        timers::run_due(&self.engine).await.unwrap();
    }

    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn key(&self, id: PaymentId) -> String {
        self.vault.checkout_key(id.to_string().as_bytes()).to_hex()
    }

    /// The address that the shop gets for its customer.
    pub fn link(&self, id: PaymentId) -> String {
        format!("/checkout/{id}?key={}", self.key(id))
    }

    /// The address that the checkout's form goes to.
    pub fn pay_link(&self, id: PaymentId) -> String {
        format!("/checkout/{id}/pay?key={}", self.key(id))
    }

    /// The address of the receipt of a payment's last entry, as `json` or `tlog-proof`.
    pub fn receipt_link(&self, payment: &Payment, form: &str) -> String {
        let (id, entry) = (payment.id, payment.version.0);
        let key = self.key(id);
        format!("/checkout/{id}/receipts/{entry}/{form}?key={key}")
    }

    pub async fn get(&self, address: &str) -> Page {
        self.send(Request::get(address).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post(&self, address: &str, fields: &[(&str, &str)]) -> Page {
        self.send(form(address, fields)).await
    }

    /// Posts a form and follows where it leads, as a browser does.
    pub async fn submit(&self, address: &str, fields: &[(&str, &str)]) -> Page {
        let answer = self.post(address, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.follow(&answer).await
    }

    /// Tries so many wrong PINs on a payment.
    pub async fn guess(&self, id: PaymentId, count: u32) {
        for _ in 0..count {
            let pin = unknown_pin();
            self.post(&self.pay_link(id), &[("pin", &pin)]).await;
        }
    }

    /// Goes where an answer leads, up to three times.
    pub async fn follow(&self, answer: &Page) -> Page {
        let mut page = self.get(answer.location()).await;
        for _ in 0..2 {
            if page.status == StatusCode::SEE_OTHER {
                page = self.get(page.location()).await;
            }
        }
        page
    }

    pub async fn send(&self, mut request: Request<Body>) -> Page {
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

impl Page {
    pub fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    pub fn shows(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// The sealed basket in the page's form.
    pub fn basket(&self) -> &str {
        let (_, rest) = self.body.split_once("name=\"vouchers\" value=\"").unwrap();
        rest.split_once('"').unwrap().0
    }

    /// Status, headers and body without what differs from request to request.
    pub fn comparable(&self) -> (StatusCode, Vec<(String, String)>, &str) {
        let headers = self
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id")
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            // The value of a cookie is drawn anew for every browser.
            .map(|(name, value)| match name.as_str() {
                "set-cookie" => (name, value.split('=').next().unwrap().to_owned()),
                _ => (name, value),
            });
        (self.status, headers.collect(), &self.body)
    }
}

/// A form as a browser sends it. The values are digits, letters and what needs no escape.
pub fn form(address: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace('&', "%26").replace(' ', "+")))
        .collect();
    Request::post(address)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(pairs.join("&")))
        .unwrap()
}

/// A PIN with a right check digit that no voucher has.
pub fn unknown_pin() -> String {
    Pin::generate().expose().expose_secret().to_owned()
}

pub fn request(minor: i64) -> PaymentRequest {
    PaymentRequest {
        amount: Amount::new(minor, Currency::EUR),
        success_url: "https://shop.example/ok?id={payment_id}".to_owned(),
        failure_url: "https://shop.example/failed?id={payment_id}".to_owned(),
        notification_url: "https://shop.example/notify".to_owned(),
        customer: Customer {
            id: "customer-1".to_owned(),
            address: None,
            min_age: None,
            kyc_level: None,
            country_restriction: None,
        },
        submerchant: None,
        shop_id: None,
        capture_window: Span::DAY,
        capture: CaptureMode::Manual,
        order_reference: None,
    }
}

fn merchant() -> Merchant {
    Merchant {
        id: MerchantId::FIRST,
        name: SHOP.to_owned(),
        standing: Standing::Active,
        currencies: vec![Currency::EUR, Currency::PLN],
        capture_window: Span::DAY,
        capture: CaptureMode::Manual,
        fee_basis_points: 100,
        submerchants: Vec::new(),
        webhook: None,
        notification: payment::merchant::NotificationMode::Classic,
        version: ids::command::Sequence(0),
        duplicates: payment::duplicate::DuplicateTerms::default(),
    }
}
