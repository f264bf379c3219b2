//! What a merchant may ask for.

use std::sync::Arc;

use accounting::entry::{Actor, Entry, Idempotency};
use accounting::fact::Party;
use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::party::{MerchantId, Mid};
use ids::token::{TOKEN_LENGTH_MAX, Token};
use ids::voucher::Serial;
use payment::merchant::Merchant;
use payment::payment::{Payment, PaymentRequest};
use payment::refund::{RefundRequest, RefundTarget};
use payment::state::{Canceler, Finality};
use store::fold::Rows;
use store::query::{MovementQuery, Page, PaymentQuery, ReversalQuery};
use store::row::Key;
use tlog::promise::Promise;
use vault::pin::Pin;

use crate::command::{Command, Envelope, NewRefund};
use crate::core::{Engine, Outcome, Subject};
use crate::error::{CommandError, Refusal};
use crate::history;
use crate::idempotency::truncated;
use crate::log::promise::Promiser;
use crate::log::receipts::Receipts;
use crate::service::api_key;
use crate::service::delivered_pin::{DRAWS_MAX, unseal_pin};
use crate::service::replacement;

/// The merchant's face of the engine.
#[derive(Clone)]
pub struct MerchantService {
    engine: Arc<Engine>,
    promiser: Option<Arc<Promiser>>,
    receipts: Option<Arc<Receipts>>,
}

/// A payment as a command left it.
#[derive(Clone, Debug)]
pub struct PaymentReply {
    pub payment: Arc<Payment>,
    /// The entry that the command became.
    pub entry: Sequence,
    pub freshness: Freshness,
    /// The log's promise for the entry; none where there is no log.
    pub promise: Option<Promise>,
}

/// Whether a command was carried out now or had been before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    New,
    /// The same idempotency key asked for the same thing before; the answer is as it was then.
    Replayed,
}

/// A fresh voucher that a refund made, and its PIN, for the page on which the payer collects it.
pub struct RefundVoucher {
    pub serial: Serial,
    pub minor: i64,
    pub pin: Pin,
}

impl MerchantService {
    pub fn new(engine: Arc<Engine>) -> MerchantService {
        MerchantService {
            engine,
            promiser: None,
            receipts: None,
        }
    }

    /// The same, whose replies carry the promises of a transparency log.
    pub fn promising(self, promiser: Arc<Promiser>) -> MerchantService {
        MerchantService {
            promiser: Some(promiser),
            ..self
        }
    }

    /// The same, which gives receipts of a transparency log.
    pub fn giving_receipts(self, receipts: Arc<Receipts>) -> MerchantService {
        MerchantService {
            receipts: Some(receipts),
            ..self
        }
    }

    /// What makes receipts; none where there is no transparency log.
    pub fn receipts(&self) -> Option<&Receipts> {
        self.receipts.as_deref()
    }

    /// The entry of a payment with this number; none if it is not one of its entries.
    pub async fn entry_of(
        &self,
        payment: &Payment,
        sequence: Sequence,
    ) -> Result<Option<Entry>, CommandError> {
        if !payment.entries.contains(&sequence) {
            return Ok(None);
        }
        let mut found = self.engine.store().entries_at(&[sequence]).await?;
        Ok(found.pop())
    }

    /// The merchant with this API key, unless the key is unknown or revoked.
    pub async fn authenticate(&self, api_key: &str) -> Result<Option<Arc<Merchant>>, CommandError> {
        let (owner, rows) = api_key::owner(&self.engine, api_key).await?;
        Ok(match owner {
            Some(Party::Merchant(id)) => rows.merchant(id).cloned(),
            Some(Party::Distributor(_) | Party::Operator(_)) | None => None,
        })
    }

    pub async fn merchant(&self, id: MerchantId) -> Result<Option<Arc<Merchant>>, CommandError> {
        let rows = self.engine.store().load(&[Key::Merchant(id)]).await?;
        Ok(rows.merchant(id).cloned())
    }

    /// Creates a payment; `token` is the shop's Correlation-ID if it sent one.
    pub async fn create_payment(
        &self,
        merchant: MerchantId,
        token: Option<Token>,
        request: PaymentRequest,
        idempotency: Option<Idempotency>,
    ) -> Result<PaymentReply, CommandError> {
        let mid = Mid {
            merchant,
            currency: request.amount.currency,
        };
        let id = PaymentId {
            mid,
            token: token.unwrap_or_else(|| self.engine.vault().draw_token()),
        };
        let command = Command::CreatePayment {
            id,
            request: Arc::new(request),
        };
        self.change(merchant, idempotency, command).await
    }

    /// A payment of this merchant; another's is as good as none.
    pub async fn payment(
        &self,
        merchant: MerchantId,
        id: PaymentId,
    ) -> Result<Option<Arc<Payment>>, CommandError> {
        if id.mid.merchant != merchant {
            return Ok(None);
        }
        let rows = self.engine.store().load(&[Key::Payment(id)]).await?;
        Ok(rows.payment(id).cloned())
    }

    /// Captures `wanted_minor`, or everything that is held.
    pub async fn capture(
        &self,
        merchant: MerchantId,
        id: PaymentId,
        wanted_minor: Option<i64>,
        finality: Finality,
        idempotency: Option<Idempotency>,
    ) -> Result<PaymentReply, CommandError> {
        require_own(merchant, id)?;
        self.change(
            merchant,
            idempotency,
            Command::CapturePayment {
                id,
                wanted_minor,
                finality,
            },
        )
        .await
    }

    pub async fn cancel(
        &self,
        merchant: MerchantId,
        id: PaymentId,
        idempotency: Option<Idempotency>,
    ) -> Result<PaymentReply, CommandError> {
        require_own(merchant, id)?;
        self.change(
            merchant,
            idempotency,
            Command::CancelPayment {
                id,
                by: Canceler::Merchant,
            },
        )
        .await
    }

    /// An id for a refund of this payment; `token` is the shop's Correlation-ID if it sent one.
    ///
    /// A Correlation-ID names a refund among those of its payment: the id is its first 34 characters, a dash and six
    /// characters that belong to the payment and the whole Correlation-ID. Two payments may use the same one (their
    /// refunds share an id once in 2^30); the same payment gets the same id again.
    pub fn refund_id(&self, payment: PaymentId, token: Option<Token>) -> RefundId {
        let token = token.map(|correlation| refund_token(payment, correlation));
        RefundId {
            mid: payment.mid,
            token: token.unwrap_or_else(|| self.engine.vault().draw_token()),
        }
    }

    /// Checks a refund; no money moves.
    pub async fn validate_refund(
        &self,
        merchant: MerchantId,
        payment: PaymentId,
        id: RefundId,
        request: RefundRequest,
        idempotency: Option<Idempotency>,
    ) -> Result<PaymentReply, CommandError> {
        require_own(merchant, payment)?;
        self.change(
            merchant,
            idempotency,
            Command::ValidateRefund {
                payment,
                id,
                request,
            },
        )
        .await
    }

    /// Gives value back, to fresh vouchers where the old ones are closed for good.
    pub async fn refund(
        &self,
        merchant: MerchantId,
        payment: PaymentId,
        id: RefundId,
        request: RefundRequest,
        idempotency: Option<Idempotency>,
    ) -> Result<PaymentReply, CommandError> {
        require_own(merchant, payment)?;
        let mut replacements = Vec::new();
        for _ in 0..DRAWS_MAX {
            let refund = NewRefund {
                payment,
                id,
                request: request.clone(),
                replacements: replacements.clone(),
            };
            match self
                .change(merchant, idempotency, Command::Refund(Box::new(refund)))
                .await
            {
                Err(CommandError::Refused(
                    Refusal::ReplacementsNeeded { .. } | Refusal::VoucherTaken,
                )) => {
                    replacements = replacement::draw(&self.engine, payment).await?;
                }
                result => return result,
            }
        }
        Err(Refusal::VoucherTaken.into())
    }

    /// The fresh vouchers of a refund with their PINs. Only whoever holds the refund's key may ask.
    pub async fn refund_vouchers(
        &self,
        payment: PaymentId,
        id: RefundId,
    ) -> Result<Vec<RefundVoucher>, CommandError> {
        let rows = self.engine.store().load(&[Key::Payment(payment)]).await?;
        let shares = rows
            .payment(payment)
            .and_then(|payment| payment.refund(id))
            .map(|refund| &refund.shares);
        let fresh = shares
            .into_iter()
            .flatten()
            .filter_map(|share| match &share.target {
                RefundTarget::SameVoucher => None,
                RefundTarget::FreshVoucher { serial, sealed_pin } => {
                    Some((*serial, share.minor, sealed_pin))
                }
            });
        fresh
            .map(|(serial, minor, sealed)| {
                let pin = unseal_pin(&self.engine, serial, sealed)?;
                Ok(RefundVoucher { serial, minor, pin })
            })
            .collect()
    }

    /// Payments of a merchant, newest first; may trail by the store's stated lag.
    pub async fn payments(&self, query: &PaymentQuery) -> Result<Page<Arc<Payment>>, CommandError> {
        Ok(self.engine.store().payments(query).await?)
    }

    /// The journal entries of a payment, oldest first.
    pub async fn history(&self, payment: &Payment) -> Result<Vec<Entry>, CommandError> {
        Ok(history::entries(self.engine.store().as_ref(), payment).await?)
    }

    /// The histories of several payments, in their order.
    pub async fn histories(&self, payments: &[&Payment]) -> Result<Vec<Vec<Entry>>, CommandError> {
        Ok(history::entries_of_each(self.engine.store().as_ref(), payments).await?)
    }

    /// Captures and refunds, oldest first, each entry with its payment as it is now.
    pub async fn movements(
        &self,
        query: &MovementQuery,
    ) -> Result<Page<(Entry, Arc<Payment>)>, CommandError> {
        let page = self.engine.store().movements(query).await?;
        let items = self.with_payments(&page.items).await?;
        Ok(Page {
            items,
            next: page.next,
        })
    }

    /// What was put right by itself, newest first, each entry with its payment as it is now.
    pub async fn reversals(
        &self,
        query: &ReversalQuery,
    ) -> Result<Page<(Entry, Arc<Payment>)>, CommandError> {
        let page = self.engine.store().reversals(query).await?;
        let items = self.with_payments(&page.items).await?;
        Ok(Page {
            items,
            next: page.next,
        })
    }

    /// Entries with the payments that they are about, as these are now.
    async fn with_payments(
        &self,
        sequences: &[Sequence],
    ) -> Result<Vec<(Entry, Arc<Payment>)>, CommandError> {
        let store = self.engine.store();
        let entries = store.entries_at(sequences).await?;
        let keys: Vec<Key> = entries
            .iter()
            .filter_map(history::payment_of)
            .map(Key::Payment)
            .collect();
        let rows = store.load(&keys).await?;
        let pair = |entry: Entry| {
            let payment = rows.payment(history::payment_of(&entry)?)?.clone();
            Some((entry, payment))
        };
        Ok(entries.into_iter().filter_map(pair).collect())
    }

    /// Replaces the merchant's own settings.
    pub async fn save(&self, merchant: Merchant) -> Result<(), CommandError> {
        let actor = Actor::Merchant(merchant.id);
        let command = Command::SaveMerchant(Box::new(merchant));
        self.engine
            .execute(Envelope {
                actor,
                idempotency: None,
                command,
            })
            .await
            .map(|_| ())
    }

    async fn change(
        &self,
        merchant: MerchantId,
        idempotency: Option<Idempotency>,
        command: Command,
    ) -> Result<PaymentReply, CommandError> {
        let actor = Actor::Merchant(merchant);
        match self
            .engine
            .execute(Envelope {
                actor,
                idempotency,
                command,
            })
            .await?
        {
            Outcome::Applied {
                entry,
                subject: Subject::Payment(payment),
                committed,
            } => {
                let promise = match &self.promiser {
                    Some(promiser) => promiser.promise(&committed, &entry).await,
                    None => None,
                };
                Ok(PaymentReply {
                    payment,
                    entry: entry.sequence(),
                    freshness: Freshness::New,
                    promise,
                })
            }
            Outcome::Applied { .. } => Err(CommandError::Fault),
            Outcome::Replayed { entry } => self.replay(entry).await,
        }
    }

    /// The answer that the entry's command got when it was carried out.
    async fn replay(&self, sequence: Sequence) -> Result<PaymentReply, CommandError> {
        let store = self.engine.store().as_ref();
        let entries = store.entries_at(&[sequence]).await?;
        let entry = entries.first().ok_or(CommandError::Fault)?;
        let id = history::payment_of(entry).ok_or(CommandError::Fault)?;
        let payment = history::payment_as_of(store, id, sequence)
            .await?
            .ok_or(CommandError::Fault)?;
        let promise = match &self.promiser {
            Some(promiser) => promiser.promise_again(entry).await,
            None => None,
        };
        Ok(PaymentReply {
            payment: Arc::new(payment),
            entry: sequence,
            freshness: Freshness::Replayed,
            promise,
        })
    }
}

fn refund_token(payment: PaymentId, correlation: Token) -> Token {
    const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    const MARK_LENGTH: u32 = 6;
    let text = correlation.as_str();
    let digest = truncated(&[payment.to_string().as_bytes(), b" ", text.as_bytes()]);
    let bits = u128::from_be_bytes(digest);
    let mark: String = (1..=MARK_LENGTH)
        .map(|place| char::from(BASE32[(bits >> (128 - 5 * place)) as usize & 31]))
        .collect();
    let shown = &text[..text.len().min(TOKEN_LENGTH_MAX - 1 - mark.len())];
    format!("{shown}-{mark}")
        .parse()
        .expect("its parts are of a token's characters, and leave room for each other")
}

fn require_own(merchant: MerchantId, payment: PaymentId) -> Result<(), CommandError> {
    if payment.mid.merchant == merchant {
        Ok(())
    } else {
        Err(Refusal::UnknownPayment.into())
    }
}
