//! What the issuer's operator may ask for: parties, products, batches, and stopping vouchers.

use std::sync::Arc;

use accounting::entry::{Actor, Idempotency};
use accounting::fact::Party;
use ids::command::{ApiKeyDigest, Fingerprint, IdempotencyKey};
use ids::object::PaymentId;
use ids::time::Timestamp;
use ids::voucher::{BatchId, Serial};
use payment::merchant::Merchant;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use store::fold::Rows;
use store::row::Key;
use vault::api_key::{API_KEY_PREFIX, generate_api_key};
use voucher::distributor::Distributor;
use voucher::product::{Product, ProductKey};
use voucher::state::FreezeCause;
use voucher::voucher::{NewVoucher, Voucher};

use crate::command::{Command, Envelope};
use crate::core::{Engine, Outcome};
use crate::error::CommandError;
use crate::idempotency::truncated;

/// The operator's face of the engine.
#[derive(Clone)]
pub struct OperatorService {
    engine: Arc<Engine>,
}

/// A part of a batch that is issued in one entry.
#[derive(Clone, Debug)]
pub struct BatchPart {
    pub batch: BatchId,
    /// 0, 1, 2, …; a part that was issued before is not issued again.
    pub part: u64,
    /// At most [`PART_SIZE_MAX`].
    pub vouchers: Vec<NewVoucher>,
}

/// Vouchers in one part of a batch.
pub const PART_SIZE_MAX: usize = 1_000;

impl OperatorService {
    pub fn new(engine: Arc<Engine>) -> OperatorService {
        OperatorService { engine }
    }

    pub fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

    pub async fn save_merchant(&self, merchant: Merchant) -> Result<(), CommandError> {
        self.execute(Command::SaveMerchant(Box::new(merchant)), None)
            .await
            .map(|_| ())
    }

    pub async fn save_distributor(&self, distributor: Distributor) -> Result<(), CommandError> {
        self.execute(Command::SaveDistributor(distributor), None)
            .await
            .map(|_| ())
    }

    pub async fn save_product(&self, product: Product) -> Result<(), CommandError> {
        self.execute(Command::SaveProduct(product), None)
            .await
            .map(|_| ())
    }

    pub async fn product(&self, key: ProductKey) -> Result<Option<Arc<Product>>, CommandError> {
        let rows = self.engine.store().load(&[Key::Product(key)]).await?;
        Ok(rows.product(key).cloned())
    }

    /// Makes an API key for a party. It is shown here and never again: only its digest is kept.
    pub async fn issue_api_key(&self, owner: Party) -> Result<SecretString, CommandError> {
        let api_key = generate_api_key(API_KEY_PREFIX);
        let digest = ApiKeyDigest(self.engine.vault().api_key_digest(api_key.expose_secret()));
        self.execute(Command::IssueApiKey { digest, owner }, None)
            .await?;
        Ok(api_key)
    }

    pub async fn revoke_api_key(&self, api_key: &str) -> Result<(), CommandError> {
        let digest = ApiKeyDigest(self.engine.vault().api_key_digest(api_key));
        self.execute(Command::RevokeApiKey { digest }, None)
            .await
            .map(|_| ())
    }

    /// Issues a part of a batch once, however often it is asked for.
    pub async fn issue(&self, part: BatchPart) -> Result<(), CommandError> {
        assert!(
            part.vouchers.len() <= PART_SIZE_MAX,
            "a part is one entry, which has to stay small"
        );
        let idempotency = Idempotency {
            key: IdempotencyKey(truncated(&[
                b"batch",
                &part.batch.0.to_be_bytes(),
                &part.part.to_be_bytes(),
            ])),
            fingerprint: fingerprint(&part.vouchers),
        };
        let command = Command::IssueVouchers {
            batch: part.batch,
            vouchers: part.vouchers,
        };
        self.execute(command, Some(idempotency)).await.map(|_| ())
    }

    pub async fn voucher(&self, serial: Serial) -> Result<Option<Voucher>, CommandError> {
        let rows = self.engine.store().load(&[Key::Voucher(serial)]).await?;
        Ok(rows.voucher(serial))
    }

    pub async fn activate(&self, serial: Serial, product: ProductKey) -> Result<(), CommandError> {
        self.execute(Command::ActivateVoucher { serial, product }, None)
            .await
            .map(|_| ())
    }

    pub async fn freeze(&self, serial: Serial) -> Result<(), CommandError> {
        self.execute(
            Command::FreezeVoucher {
                serial,
                cause: FreezeCause::Issuer,
            },
            None,
        )
        .await
        .map(|_| ())
    }

    pub async fn unfreeze(&self, serial: Serial) -> Result<(), CommandError> {
        self.execute(Command::UnfreezeVoucher { serial }, None)
            .await
            .map(|_| ())
    }

    pub async fn void(&self, serial: Serial) -> Result<(), CommandError> {
        self.execute(Command::VoidVoucher { serial }, None)
            .await
            .map(|_| ())
    }

    /// Lets a payment go that was stopped because its row did not follow from its entries.
    pub async fn resume_payment(&self, id: PaymentId) -> Result<(), CommandError> {
        self.execute(Command::ResumePayment { id }, None)
            .await
            .map(|_| ())
    }

    async fn execute(
        &self,
        command: Command,
        idempotency: Option<Idempotency>,
    ) -> Result<Outcome, CommandError> {
        self.engine
            .execute(Envelope {
                actor: Actor::Operator,
                idempotency,
                command,
            })
            .await
    }
}

/// What a part consists of: the same vouchers, worth the same, in the same order.
fn fingerprint(vouchers: &[NewVoucher]) -> Fingerprint {
    let mut form = Vec::with_capacity(vouchers.len() * 32);
    for voucher in vouchers {
        form.extend(voucher.serial.number().to_be_bytes());
        form.extend(voucher.pin.0);
        form.extend(voucher.face.minor.to_be_bytes());
        form.extend(voucher.face.currency.numeric().to_be_bytes());
    }
    Fingerprint(truncated(&[&form]))
}
