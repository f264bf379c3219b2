//! The engine without HTTP: create, pay and capture through the services.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use engine::service::merchant::MerchantService;
use engine::service::payer::{PayOutcome, PayerService};
use ids::object::PaymentId;
use ids::time::Span;
use money::amount::Amount;
use money::currency::Currency;
use payment::payment::{Customer, PaymentRequest};
use payment::state::{CaptureMode, Finality};

use crate::figures::Figures;
use crate::load::{self, Client};
use crate::proc;
use crate::sample::{MERCHANT, Sample};

struct EngineClient {
    sample: Arc<Sample>,
    merchants: MerchantService,
    payers: PayerService,
    stage: Stage,
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
        let clients = (0..count).map(|_| EngineClient::new(sample)).collect();
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
        let clients = (0..FILLERS).map(|_| EngineClient::new(sample)).collect();
        load::closed(clients, FILL_STEP).await?;
    }
    Ok(())
}

impl EngineClient {
    fn new(sample: &Arc<Sample>) -> EngineClient {
        EngineClient {
            sample: Arc::clone(sample),
            merchants: sample.platform.merchants(),
            payers: sample.platform.payers(),
            stage: Stage::Create,
        }
    }
}

impl Client for EngineClient {
    async fn step(&mut self) -> anyhow::Result<()> {
        self.stage = match self.stage {
            Stage::Create => {
                let reply = self
                    .merchants
                    .create_payment(MERCHANT, None, request(), None)
                    .await?;
                Stage::Pay(reply.payment.id)
            }
            Stage::Pay(id) => {
                let pin = self.sample.next_pin();
                let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
                let outcome = self.payers.pay(id, Vec::new(), Some(&pin), address).await?;
                anyhow::ensure!(
                    matches!(outcome, PayOutcome::Paid(_)),
                    "not paid: {outcome:?}"
                );
                Stage::Capture(id)
            }
            Stage::Capture(id) => {
                self.merchants
                    .capture(MERCHANT, id, None, Finality::Final, None)
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
