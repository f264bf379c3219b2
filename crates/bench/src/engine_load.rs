//! The engine without HTTP: create, pay and capture through the services.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Idempotency;
use engine::service::merchant::MerchantService;
use engine::service::payer::{Offered, PayOutcome, PayerService};
use ids::command::{Fingerprint, IdempotencyKey};
use ids::object::PaymentId;
use ids::party::MerchantId;
use ids::time::Span;
use money::amount::Amount;
use money::currency::Currency;
use payment::attempt::Behaviour;
use payment::payment::{Customer, PaymentRequest};
use payment::state::{CaptureMode, Finality};
use scrip::platform::Platform;
use vault::pin::Pin;
use vault::random::random_bytes;

use crate::figures::Figures;
use crate::load::{self, Client};
use crate::proc;
use crate::sample::{Pins, Sample};

/// A shop and its payer, as the engine sees them.
pub struct EngineClient {
    pins: Arc<Pins>,
    merchants: MerchantService,
    payers: PayerService,
    shops: Shops,
    keys: Keys,
    stage: Stage,
}

/// The merchants who take turns.
#[derive(Clone, Copy)]
pub struct Shops {
    pub count: u32,
    pub next: u32,
}

/// Whether the commands of shops carry idempotency keys. Those of payers never do.
#[derive(Clone, Copy)]
pub enum Keys {
    Without,
    Random,
}

/// Clients that fill the journal, and how long they work between two looks at it.
const FILLERS: usize = 256;
const FILL_STEP: Duration = Duration::from_secs(1);

enum Stage {
    Create,
    Pay(PaymentId),
    Capture(PaymentId),
}

pub async fn measure(
    sample: &Arc<Sample>,
    clients: &[usize],
    duration: Duration,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    for &count in clients {
        let clients = clients_of(sample, count);
        let written = proc::written();
        let mut shown = load::closed(clients, duration).await?;
        let name = format!("engine.{count}_clients");
        shown.put(&name, "commands/s", figures);
        let bytes = proc::written().saturating_sub(written) as f64 / shown.count as f64;
        figures.put(&format!("{name}.written_per_command"), bytes, "bytes");
    }
    Ok(())
}

/// Goes on until the journal has so many entries.
pub async fn fill(sample: &Arc<Sample>, entries: u64) -> anyhow::Result<()> {
    while sample.platform.store_head().await?.0 < entries {
        load::closed(clients_of(sample, FILLERS), FILL_STEP).await?;
    }
    Ok(())
}

fn clients_of(sample: &Sample, count: usize) -> Vec<EngineClient> {
    let shops = Shops { count: 1, next: 0 };
    let client = || EngineClient::new(&sample.platform, &sample.pins, shops, Keys::Without);
    (0..count).map(|_| client()).collect()
}

impl EngineClient {
    pub fn new(platform: &Platform, pins: &Arc<Pins>, shops: Shops, keys: Keys) -> EngineClient {
        EngineClient {
            pins: Arc::clone(pins),
            merchants: platform.merchants(),
            payers: platform.payers(),
            shops,
            keys,
            stage: Stage::Create,
        }
    }
}

impl Shops {
    /// The merchant with this place among all.
    pub fn merchant(place: u32) -> anyhow::Result<MerchantId> {
        Ok(MerchantId::new(MerchantId::FIRST.number() + place)?)
    }

    fn next(&mut self) -> anyhow::Result<MerchantId> {
        self.next = (self.next + 1) % self.count;
        Shops::merchant(self.next)
    }
}

impl Keys {
    fn next(self) -> Option<Idempotency> {
        match self {
            Keys::Without => None,
            Keys::Random => Some(Idempotency {
                key: IdempotencyKey(random_bytes()),
                fingerprint: Fingerprint(random_bytes()),
            }),
        }
    }
}

impl Client for EngineClient {
    async fn step(&mut self) -> anyhow::Result<()> {
        self.stage = match self.stage {
            Stage::Create => {
                let merchant = self.shops.next()?;
                let reply = self
                    .merchants
                    .create_payment(merchant, None, request(), self.keys.next())
                    .await?;
                Stage::Pay(reply.payment.id)
            }
            Stage::Pay(id) => {
                let pin = self.pins.next();
                let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
                let outcome = self.payers.pay(offered(id, &pin, address)).await?;
                anyhow::ensure!(
                    matches!(outcome, PayOutcome::Paid(_)),
                    "not paid: {outcome:?}"
                );
                Stage::Capture(id)
            }
            Stage::Capture(id) => {
                self.merchants
                    .capture(id.mid.merchant, id, None, Finality::Final, self.keys.next())
                    .await?;
                Stage::Create
            }
        };
        Ok(())
    }
}

fn request() -> PaymentRequest {
    PaymentRequest {
        amount: Amount::new(100, Currency::EUR),
        success_url: "https://shop.example/ok?id={payment_id}".to_owned(),
        failure_url: "https://shop.example/nok?id={payment_id}".to_owned(),
        notification_url: "https://shop.example/notify/{payment_id}".to_owned(),
        customer: Customer {
            id: "customer-1".to_owned(),
            address: None,
            min_age: None,
            kyc_level: None,
            country_restriction: None,
        },
        submerchant: None,
        shop_id: None,
        capture_window: Span::MINUTE.times(10),
        capture: CaptureMode::Manual,
        order_reference: None,
    }
}

/// A PIN and nothing else.
pub fn offered(payment: PaymentId, pin: &Pin, address: IpAddr) -> Offered<'_> {
    Offered {
        payment,
        basket: Vec::new(),
        pin: Some(pin),
        answers: Vec::new(),
        address,
        device: None,
        behaviour: Behaviour::default(),
    }
}
