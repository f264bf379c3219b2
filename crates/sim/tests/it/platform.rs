//! A platform with a merchant, a distributor and products, as the tests of its services need it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use engine::clock::ManualClock;
use engine::core::Engine;
use engine::guard::{Guard, GuardLimits};
use engine::judge::{Judge, LetPass};
use engine::service::distributor::{DistributorService, OrderReply, OrderRequest};
use engine::service::merchant::MerchantService;
use engine::service::operator::OperatorService;
use engine::service::payer::{Offered, PayOutcome, PayerError, PayerService};
use ids::object::PaymentId;
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use money::amount::Amount;
use money::currency::Currency;
use payment::attempt::Behaviour;
use payment::merchant::Standing;
use payment::payment::{Customer, PaymentRequest};
use payment::state::CaptureMode;
use sim::memory::MemoryStore;
use sim::workload::cast;
use vault::pin::Pin;
use vault::vault::Vault;

pub const START: Timestamp = Timestamp(1_750_000_000_000);
pub const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

pub struct Platform {
    pub store: Arc<MemoryStore>,
    pub clock: Arc<ManualClock>,
    pub engine: Arc<Engine>,
    pub operator: OperatorService,
    pub merchant: MerchantService,
    pub distributor: DistributorService,
    pub payer: PayerService,
}

impl Platform {
    pub async fn new() -> Platform {
        Platform::judged(|_| Arc::new(LetPass)).await
    }

    /// A platform whose attempts are judged.
    pub async fn judged(judge: impl FnOnce(&Arc<Vault>) -> Arc<dyn Judge>) -> Platform {
        let store = Arc::new(MemoryStore::default());
        let vault = Arc::new(Vault::in_memory([7; 32]));
        let judge = judge(&vault);
        let platform = Platform::with(store, START, vault, judge);
        for envelope in cast::founding() {
            platform.engine.execute(envelope).await.unwrap();
        }
        let merchant = cast::merchant(cast::BOOKSHOP, 250, Standing::Active);
        platform.operator.save_merchant(merchant).await.unwrap();
        platform
    }

    /// An engine and its services over storage that may hold something already.
    pub fn over(store: Arc<MemoryStore>, now: Timestamp) -> Platform {
        let vault = Arc::new(Vault::in_memory([7; 32]));
        Platform::with(store, now, vault, Arc::new(LetPass))
    }

    pub fn with(
        store: Arc<MemoryStore>,
        now: Timestamp,
        vault: Arc<Vault>,
        judge: Arc<dyn Judge>,
    ) -> Platform {
        let clock = Arc::new(ManualClock::at(now));
        let engine = Engine::start(store.clone(), clock.clone(), vault, judge).unwrap();
        let guard = Arc::new(Guard::new(GuardLimits::default(), clock.clone()));
        Platform {
            store,
            clock,
            operator: OperatorService::new(Arc::clone(&engine)),
            merchant: MerchantService::new(Arc::clone(&engine)),
            distributor: DistributorService::new(Arc::clone(&engine)),
            payer: PayerService::new(Arc::clone(&engine), guard),
            engine,
        }
    }

    /// Sells a voucher of the product that ends and costs (0), lasts (1), or is in pounds (2).
    pub async fn sell(&self, product: usize, minor: i64) -> OrderReply {
        let key = cast::product_keys()[product];
        let request = OrderRequest {
            amount: Amount::new(minor, key.currency),
            product: key.product,
            country: key.country,
            terminal: "till".parse().unwrap(),
            shop: "7".to_owned(),
            confirmation_window: None,
            owner: None,
        };
        let reply = self
            .distributor
            .order(cast::SELLER, None, request, None)
            .await;
        reply.unwrap()
    }

    /// Offers a PIN, beside vouchers whose PINs were shown before.
    pub async fn pay(
        &self,
        payment: PaymentId,
        basket: Vec<Serial>,
        pin: &Pin,
    ) -> Result<PayOutcome, PayerError> {
        let offered = Offered {
            payment,
            basket,
            pin: Some(pin),
            answers: Vec::new(),
            address: ADDRESS,
            device: None,
            behaviour: Behaviour::default(),
        };
        self.payer.pay(offered).await
    }

    pub async fn payment(&self, minor: i64) -> PaymentId {
        let request = request(minor);
        let reply = self
            .merchant
            .create_payment(cast::BOOKSHOP, None, request, None)
            .await;
        reply.unwrap().payment.id
    }
}

pub fn request(minor: i64) -> PaymentRequest {
    PaymentRequest {
        amount: Amount::new(minor, Currency::EUR),
        success_url: "https://shop.example/ok".to_owned(),
        failure_url: "https://shop.example/no".to_owned(),
        notification_url: "https://shop.example/told".to_owned(),
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
        capture: CaptureMode::Manual,
        order_reference: None,
    }
}
