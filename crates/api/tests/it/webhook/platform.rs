//! A platform with a merchant, vouchers and a clock that is moved by hand.

use std::sync::{Arc, Mutex};

use accounting::entry::Actor;
use api::webhook::Ports;
use api::webhook::reader::Reader;
use api::webhook::secret::SigningSecrets;
use engine::clock::{Clock, ManualClock};
use engine::command::{Command, Envelope, NewRefund, Pay};
use engine::core::Engine;
use engine::erasing::Eraser;
use engine::judge::Judge;
use engine::log;
use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::party::{DistributorId, MerchantId, Mid, OperatorId};
use ids::time::{Span, Timestamp};
use ids::voucher::{BatchId, PinIndex, ProductId, Serial};
use mail::partings::Partings;
use money::amount::Amount;
use money::currency::Currency;
use payment::merchant::{Merchant, NotificationMode, Standing, Webhook};
use payment::payment::{Customer, PaymentRequest};
use payment::refund::RefundRequest;
use payment::screening::Approvals;
use payment::state::{CaptureMode, Finality};
use secrecy::ExposeSecret;
use sim::suspicion::Suspicion;
use store::outbox::{Message, Outbox};
use store::port::Store;
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;
use tempfile::TempDir;
use vault::random::random_token;
use vault::vault::Vault;
use vault::webhook_secret::WebhookSecret;
use voucher::voucher::{Activation, NewVoucher};

pub const MERCHANT: MerchantId = MerchantId::FIRST;

/// A Saturday in January 2026.
const START: Timestamp = Timestamp(1_769_860_800_000);
const VOUCHERS: u64 = 4;

pub struct Platform {
    /// What the merchant keeps to check signatures.
    pub secret: WebhookSecret,
    pub engine: Arc<Engine>,
    pub vault: Arc<Vault>,
    sealed_secret: Arc<[u8]>,
    store: Arc<SqliteStore>,
    clock: Arc<ManualClock>,
    notification_url: Mutex<String>,
    /// Vouchers that are not used yet.
    fresh: Mutex<Vec<Serial>>,
    _directory: TempDir,
}

pub fn other_merchant() -> MerchantId {
    MerchantId::new(MERCHANT.number() + 1).unwrap()
}

impl Platform {
    /// With a merchant that has this endpoint.
    pub async fn new(endpoint: &str) -> Platform {
        let platform = Platform::without_endpoint().await;
        platform.set_endpoint(MERCHANT, Some(endpoint)).await;
        platform
    }

    pub async fn without_endpoint() -> Platform {
        // Lets the usual amount pass.
        Platform::judged_by(Arc::new(Suspicion)).await
    }

    pub async fn judged_by(judge: Arc<dyn Judge>) -> Platform {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path(), Options::default()).unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let vault = Platform::vault();
        let engine = Engine::start(
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::clone(&vault),
            judge,
        );
        let secrets = SigningSecrets::generate();
        let text = secrets.current().expose();
        let platform = Platform {
            secret: WebhookSecret::parse(text.expose_secret()).unwrap(),
            engine: engine.unwrap(),
            sealed_secret: secrets.seal(&vault, MERCHANT),
            vault,
            store,
            clock,
            notification_url: Mutex::new("https://shop.example/n/{payment_id}".to_owned()),
            fresh: Mutex::new(Vec::new()),
            _directory: directory,
        };
        platform.set_endpoint(MERCHANT, None).await;
        platform.issue_vouchers().await;
        platform
    }

    /// The keys of every such platform.
    pub fn vault() -> Arc<Vault> {
        Arc::new(Vault::in_memory([3; 32]))
    }

    /// A voucher that nothing was done with yet.
    pub fn fresh_voucher(&self) -> Serial {
        self.fresh.lock().unwrap().pop().unwrap()
    }

    pub fn clock_forward_by(&self, span: Span) {
        self.clock.advance(span);
    }

    pub fn ports(&self) -> Ports {
        Ports {
            store: self.store(),
            outbox: self.outbox(),
            vault: Arc::clone(&self.vault),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            post: None,
            partings: Partings::new(Arc::clone(&self.engine), self.outbox()),
            deliveries: Arc::default(),
        }
    }

    pub fn eraser(&self) -> Eraser {
        let ports = log::Ports {
            store: self.store(),
            seeds: self.store.clone(),
            log: self.store.clone(),
            vault: Arc::clone(&self.vault),
        };
        Eraser::new(Arc::clone(&self.engine), ports)
    }

    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    pub fn outbox(&self) -> Arc<dyn Outbox> {
        Arc::clone(&self.store) as Arc<dyn Outbox>
    }

    /// Reads the whole journal with a fresh reader.
    pub async fn read(&self) {
        let mut reader = Reader::new(self.store(), self.outbox(), None);
        while reader.step().await.unwrap() != 0 {}
    }

    /// The first merchant's messages, newest first.
    pub async fn messages(&self) -> Vec<Message> {
        let outbox = self.outbox();
        outbox.messages(MERCHANT.into(), None, 1_000).await.unwrap()
    }

    pub fn clock_forward(&self) {
        self.clock.advance(Span::SECOND.times(10));
    }

    pub fn notify_at(&self, url: &str) {
        *self.notification_url.lock().unwrap() = url.to_owned();
    }

    pub async fn set_endpoint(&self, id: MerchantId, url: Option<&str>) {
        let merchant = Merchant {
            id,
            name: "Shop".to_owned(),
            standing: Standing::Active,
            currencies: vec![Currency::EUR],
            capture_window: Span::HOUR,
            capture: CaptureMode::Manual,
            fee_basis_points: 0,
            submerchants: Vec::new(),
            webhook: url.map(|url| Webhook {
                url: url.to_owned(),
                sealed_secret: match id {
                    MERCHANT => Arc::clone(&self.sealed_secret),
                    _ => SigningSecrets::generate().seal(&self.vault, id),
                },
            }),
            notification: NotificationMode::Classic,
            version: Sequence(0),
            duplicates: payment::duplicate::DuplicateTerms::default(),
        };
        self.execute(Command::SaveMerchant(Box::new(merchant)))
            .await;
    }

    /// Creates, opens, pays, captures in two parts and refunds a part of one payment.
    pub async fn whole_life(&self) -> PaymentId {
        let id = self.create(CaptureMode::Manual).await;
        self.open(id).await;
        self.authorize(id).await;
        self.capture(id, 400, Finality::Open).await;
        self.capture(id, 600, Finality::Open).await;
        self.refund(id, 250).await;
        id
    }

    /// A payment of 10.00 EUR.
    pub async fn create(&self, capture: CaptureMode) -> PaymentId {
        self.create_for(MERCHANT, capture).await
    }

    pub async fn create_for(&self, merchant: MerchantId, capture: CaptureMode) -> PaymentId {
        self.create_of(merchant, 1_000, capture).await
    }

    pub async fn create_of(
        &self,
        merchant: MerchantId,
        minor: i64,
        capture: CaptureMode,
    ) -> PaymentId {
        let amount = Amount::new(minor, Currency::EUR);
        let mid = Mid {
            merchant,
            currency: amount.currency,
        };
        let id = PaymentId {
            mid,
            token: random_token(),
        };
        let request = PaymentRequest {
            amount,
            success_url: "https://shop.example/ok".to_owned(),
            failure_url: "https://shop.example/nok".to_owned(),
            notification_url: self.notification_url.lock().unwrap().clone(),
            customer: Customer {
                id: "c1".to_owned(),
                address: None,
                min_age: None,
                kyc_level: None,
                country_restriction: None,
            },
            submerchant: None,
            shop_id: None,
            capture_window: Span::HOUR,
            capture,
            order_reference: None,
        };
        let request = Arc::new(request);
        self.execute(Command::CreatePayment { id, request }).await;
        id
    }

    pub async fn open(&self, id: PaymentId) {
        let address = None;
        self.execute(Command::OpenPayment { id, address }).await;
    }

    pub async fn authorize(&self, payment: PaymentId) {
        self.pay_with(payment, self.fresh_voucher()).await;
    }

    pub async fn pay_with(&self, payment: PaymentId, serial: Serial) {
        let pay = Pay {
            payment,
            basket: vec![serial],
            pin: None,
            answers: Vec::new(),
            attempt: payment::attempt::Attempt::default(),
        };
        self.execute(Command::Pay(Box::new(pay))).await;
    }

    /// A person lets a reviewed payment go.
    pub async fn release(&self, id: PaymentId) {
        let release = Command::ApproveReview {
            id,
            by: OperatorId::new(1).unwrap(),
            needed: Approvals::One,
        };
        self.execute(release).await;
    }

    pub async fn capture(&self, id: PaymentId, minor: i64, finality: Finality) {
        let wanted_minor = Some(minor);
        let capture = Command::CapturePayment {
            id,
            wanted_minor,
            finality,
        };
        self.execute(capture).await;
    }

    pub async fn refund(&self, payment: PaymentId, minor: i64) {
        let refund = NewRefund {
            payment,
            id: RefundId {
                mid: payment.mid,
                token: random_token(),
            },
            request: RefundRequest {
                minor,
                customer_id: "c1".to_owned(),
                customer_email: None,
                submerchant: None,
                comment: None,
            },
            replacements: Vec::new(),
        };
        self.execute(Command::Refund(Box::new(refund))).await;
    }

    async fn issue_vouchers(&self) {
        let vouchers: Vec<NewVoucher> = (0..VOUCHERS).map(voucher).collect();
        let serials = vouchers.iter().map(|voucher| voucher.serial);
        self.fresh.lock().unwrap().extend(serials);
        let batch = BatchId(1);
        self.execute(Command::IssueVouchers { batch, vouchers })
            .await;
    }

    /// More vouchers that nothing was done with yet.
    pub async fn issue_more(&self, count: u64) -> Vec<Serial> {
        let vouchers: Vec<NewVoucher> = (VOUCHERS..VOUCHERS + count).map(voucher).collect();
        let serials = vouchers.iter().map(|voucher| voucher.serial).collect();
        let batch = BatchId(2);
        self.execute(Command::IssueVouchers { batch, vouchers })
            .await;
        serials
    }

    pub async fn execute(&self, command: Command) {
        let envelope = Envelope {
            actor: Actor::Operator,
            idempotency: None,
            command,
        };
        self.engine.execute(envelope).await.unwrap();
    }
}

fn voucher(number: u64) -> NewVoucher {
    NewVoucher {
        serial: Serial::new(1_888_540_789_315_005 + number).unwrap(),
        pin: PinIndex(u128::from(number).to_be_bytes()),
        distributor: DistributorId::FIRST,
        product: ProductId::new(2).unwrap(),
        country: "AT".parse().unwrap(),
        face: Amount::new(2_500, Currency::EUR),
        activation: Activation::Immediate {
            expires_at: Timestamp::NEVER,
            fee_due_at: Timestamp::NEVER,
        },
    }
}
