//! What a payer may ask for, with nothing but a payment's link or a PIN.

use std::net::IpAddr;
use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use ids::object::PaymentId;
use ids::time::Timestamp;
use ids::voucher::{PinIndex, Serial};
use money::amount::Amount;
use payment::attempt::{Attempt, Behaviour, Device};
use payment::decide::{self, Offer};
use payment::merchant::Merchant;
use payment::payment::Payment;
use payment::state::{Canceler, Change, Status};
use store::fold::Rows;
use store::row::Key;
use vault::pin::Pin;
use voucher::state::State;
use voucher::voucher::Voucher;

use crate::atlas::Atlas;
use crate::command::{Command, Envelope, Pay};
use crate::core::{Engine, Outcome, Subject};
use crate::error::{CommandError, Refusal};
use crate::guard::{Guard, Scope, TooManyTries, Try, TryOutcome};
use crate::idempotency::truncated;
use crate::log::receipts::Receipts;
use history::HistoryItem;
use outcome::{not_taken, outcome};
use told::{Told, Voice};

pub mod contact;
pub mod history;
pub mod told;

mod freezing;
mod outcome;

pub use freezing::PurchaseDetails;
pub use outcome::{BasketItem, PayOutcome, Unsuitable};

/// The payer's face of the engine.
#[derive(Clone)]
pub struct PayerService {
    engine: Arc<Engine>,
    guard: Arc<Guard>,
    voice: Arc<Voice>,
    atlas: Arc<Atlas>,
    receipts: Option<Arc<Receipts>>,
}

/// A payment with the merchant who asks for it.
#[derive(Clone, Debug)]
pub struct Checkout {
    pub payment: Arc<Payment>,
    pub merchant: Arc<Merchant>,
    /// The vouchers that pay it, as they are now, in the order of its allocations.
    pub vouchers: Vec<Voucher>,
    /// When it was read.
    pub now: Timestamp,
}

/// What a payer offers.
#[derive(Debug)]
pub struct Offered<'a> {
    pub payment: PaymentId,
    /// The vouchers shown before.
    pub basket: Vec<Serial>,
    pub pin: Option<&'a Pin>,
    /// The serial numbers that answer a challenge.
    pub answers: Vec<Serial>,
    pub address: IpAddr,
    pub device: Option<Device>,
    pub behaviour: Behaviour,
}

/// Why a payer's request has no effect.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PayerError {
    #[error(transparent)]
    TooManyTries(#[from] TooManyTries),
    /// The PIN fits no voucher that the page may speak of.
    #[error("the PIN was not accepted")]
    PinNotAccepted,
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// A voucher as its owner may see it.
#[derive(Clone, Debug)]
pub struct VoucherView {
    pub voucher: Voucher,
    /// Oldest first; may trail by the store's stated lag.
    pub history: Vec<HistoryItem>,
}

impl PayerService {
    pub fn new(engine: Arc<Engine>, guard: Arc<Guard>) -> PayerService {
        PayerService {
            engine,
            guard,
            voice: Arc::new(Voice::default()),
            atlas: Arc::default(),
            receipts: None,
        }
    }

    /// The same, knowing where addresses are.
    #[must_use]
    pub fn locating(self, atlas: Arc<Atlas>) -> PayerService {
        PayerService { atlas, ..self }
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

    /// The same, which gives receipts of a transparency log.
    #[must_use]
    pub fn giving_receipts(self, receipts: Arc<Receipts>) -> PayerService {
        PayerService {
            receipts: Some(receipts),
            ..self
        }
    }

    /// What makes receipts; none where there is no transparency log.
    pub fn receipts(&self) -> Option<&Receipts> {
        self.receipts.as_deref()
    }

    /// The entries of a payment that concern its payer, oldest first. What analysts call a payment afterwards does not.
    pub async fn entries(&self, payment: &Payment) -> Result<Vec<Entry>, PayerError> {
        let found = self.engine.store().entries_at(&payment.entries).await;
        let mut entries = found.map_err(CommandError::from)?;
        entries.retain(|entry| match entry.fact() {
            Fact::PaymentChanged { change, .. } => !matches!(change, Change::Label { .. }),
            _ => true,
        });
        entries.sort_by_key(Entry::sequence);
        Ok(entries)
    }

    /// The payment behind a checkout link whose key was checked.
    pub async fn checkout(&self, id: PaymentId) -> Result<Option<Checkout>, PayerError> {
        let rows = self
            .engine
            .store()
            .load(&[Key::Payment(id), Key::Merchant(id.mid.merchant)])
            .await
            .map_err(CommandError::from)?;
        let now = self.engine.clock().now();
        let found = rows.payment(id).zip(rows.merchant(id.mid.merchant));
        Ok(found.map(|(payment, merchant)| Checkout {
            payment: payment.clone(),
            merchant: Arc::clone(merchant),
            vouchers: payment
                .allocations
                .iter()
                .filter_map(|part| rows.voucher(part.serial))
                .collect(),
            now,
        }))
    }

    /// What the payer is told of how the payment went.
    pub async fn told(&self, payment: &Payment) -> Result<Told, PayerError> {
        let told = self.voice.told(self.engine.store().as_ref(), payment).await;
        Ok(told.map_err(CommandError::from)?)
    }

    /// Notes that the payer has opened the checkout; any other state is left as it is.
    pub async fn open(
        &self,
        checkout: Checkout,
        address: Option<IpAddr>,
    ) -> Result<Checkout, PayerError> {
        if checkout.payment.status != Status::Initiated {
            return Ok(checkout);
        }
        let id = checkout.payment.id;
        match self.execute(Command::OpenPayment { id, address }).await {
            Ok(Outcome::Applied {
                subject: Subject::Payment(payment),
                ..
            }) => Ok(Checkout {
                payment,
                ..checkout
            }),
            Err(CommandError::Refused(_)) => Ok(self.checkout(id).await?.unwrap_or(checkout)),
            Ok(_) => Err(CommandError::Fault.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Offers the vouchers shown before, with another PIN or without, and pays if they suffice.
    pub async fn pay(&self, offered: Offered<'_>) -> Result<PayOutcome, PayerError> {
        let Offered {
            payment, address, ..
        } = offered;
        // Whoever shows neither a PIN nor a proof cannot guess.
        let guesses = offered.pin.is_some() || !offered.answers.is_empty();
        let attempt = match guesses {
            true => Some(self.counted(self.begin_at_payment(payment, address).await)?),
            false => None,
        };
        let pin = offered.pin.map(|pin| self.engine.vault().pin_index(pin));
        let outcome = self
            .offer(Pay {
                payment,
                basket: offered.basket,
                pin,
                answers: offered.answers,
                attempt: Attempt {
                    address: Some(address),
                    whereabouts: self.atlas.locate(address),
                    device: offered.device,
                    behaviour: offered.behaviour,
                    vouchers: Vec::new(),
                    judgement: None,
                },
            })
            .await;
        let Some(attempt) = attempt else {
            return outcome;
        };
        match &outcome {
            Ok(
                PayOutcome::PinRejected { .. }
                | PayOutcome::Unproven { .. }
                | PayOutcome::Canceled {
                    by: Canceler::PinLimit | Canceler::ChallengeLimit,
                    ..
                },
            ) => self.owe(attempt).await,
            Ok(
                PayOutcome::Paid(_)
                | PayOutcome::Canceled { .. }
                | PayOutcome::Challenged { .. }
                | PayOutcome::InReview(_)
                | PayOutcome::MoreNeeded { .. }
                | PayOutcome::Unsuitable(_),
            ) => self.forgive(attempt, TryOutcome::Right),
            Ok(PayOutcome::Closed) | Err(_) => self.forgive(attempt, TryOutcome::Undecided),
        }
        outcome
    }

    async fn begin(&self, address: IpAddr) -> Result<Try<'_>, PayerError> {
        let learnt = self.guard.learn(address).await;
        learnt.map_err(CommandError::from)?;
        Ok(self.guard.begin(address, Scope::Ordinary)?)
    }

    /// Notes a refusal that stands.
    fn counted<'a>(&self, begun: Result<Try<'a>, PayerError>) -> Result<Try<'a>, PayerError> {
        if let Err(PayerError::TooManyTries(_)) = begun {
            self.guard.tries().add(TryOutcome::TurnedAway);
        }
        begun
    }

    fn forgive(&self, attempt: Try<'_>, outcome: TryOutcome) {
        attempt.forgive();
        self.guard.tries().add(outcome);
    }

    /// Ends a try that was wrong, and lets the other nodes know before anybody learns of it here.
    async fn owe(&self, attempt: Try<'_>) {
        drop(attempt);
        self.guard.tries().add(TryOutcome::Wrong);
        if let Err(failure) = self.guard.tell().await {
            tracing::warn!(error = %failure, "a wrong try is told to the other nodes later");
        }
    }

    /// A try costs only whoever guessed wrong, not whoever met a failure.
    async fn settle<T>(
        &self,
        attempt: Try<'_>,
        result: Result<T, PayerError>,
    ) -> Result<T, PayerError> {
        match &result {
            Err(PayerError::PinNotAccepted) => self.owe(attempt).await,
            Ok(_) => self.forgive(attempt, TryOutcome::Right),
            Err(PayerError::TooManyTries(_) | PayerError::Command(_)) => {
                self.forgive(attempt, TryOutcome::Undecided);
            }
        }
        result
    }

    /// Begins a try at a payment. What others behind the address have spoiled does not refuse the first one of a
    /// payment that can be paid; only then is the payment read, so that a try in peace costs no look-up.
    async fn begin_at_payment(
        &self,
        id: PaymentId,
        address: IpAddr,
    ) -> Result<Try<'_>, PayerError> {
        let refused = match self.begin(address).await {
            Err(PayerError::TooManyTries(refused)) => refused,
            begun => return begun,
        };
        let keys = [Key::Payment(id)];
        let rows = self.engine.store().load(&keys).await;
        let rows = rows.map_err(CommandError::from)?;
        let now = self.engine.clock().now();
        let is_first = rows.payment(id).is_some_and(|payment| {
            let failed = payment.challenge.as_ref().map_or(0, |asked| asked.failed);
            payment.rejected_pins == 0 && failed == 0 && payment.is_payable_at(now)
        });
        if is_first {
            Ok(self.guard.begin(address, Scope::FirstOfPayment)?)
        } else {
            Err(refused.into())
        }
    }

    /// The vouchers in a basket that can still pay, in their order, and what is missing.
    pub async fn basket(
        &self,
        payment: &Payment,
        serials: &[Serial],
    ) -> Result<(Vec<BasketItem>, Amount), PayerError> {
        let keys: Vec<Key> = serials.iter().map(|serial| Key::Voucher(*serial)).collect();
        let rows = self
            .engine
            .store()
            .load(&keys)
            .await
            .map_err(CommandError::from)?;
        let now = self.engine.clock().now();
        let vouchers = serials.iter().filter_map(|serial| rows.voucher(*serial));
        let items: Vec<BasketItem> = vouchers
            .filter_map(|voucher| item(payment, &voucher, now))
            .collect();
        let shown: i64 = items.iter().map(|item| item.available.minor).sum();
        let wanted = payment.request.amount;
        Ok((
            items,
            Amount::new((wanted.minor - shown).max(0), wanted.currency),
        ))
    }

    pub async fn cancel(&self, id: PaymentId) -> Result<Arc<Payment>, PayerError> {
        match self
            .execute(Command::CancelPayment {
                id,
                by: Canceler::Customer,
            })
            .await?
        {
            Outcome::Applied {
                subject: Subject::Payment(payment),
                ..
            } => Ok(payment),
            Outcome::Applied { .. } | Outcome::Replayed { .. } => Err(CommandError::Fault.into()),
        }
    }

    /// The voucher behind a PIN. One that cannot be spent is as unknown as a wrong PIN, and found out as fast.
    pub async fn voucher(&self, pin: &Pin, address: IpAddr) -> Result<VoucherView, PayerError> {
        let attempt = self.counted(self.begin(address).await)?;
        let now = self.engine.clock().now();
        let shown = self
            .find_by_pin(pin)
            .await
            .and_then(|voucher| match voucher {
                Some(voucher) if is_in_use(&voucher, now) => Ok(voucher),
                Some(_) | None => Err(PayerError::PinNotAccepted),
            });
        let voucher = self.settle(attempt, shown).await?;
        let history = history::of_voucher(self.engine.store().as_ref(), &voucher)
            .await
            .map_err(CommandError::from)?;
        Ok(VoucherView { voucher, history })
    }

    async fn find_by_pin(&self, pin: &Pin) -> Result<Option<Voucher>, PayerError> {
        let index = self.engine.vault().pin_index(pin);
        let rows = self
            .engine
            .store()
            .load(&[Key::Pin(index)])
            .await
            .map_err(CommandError::from)?;
        Ok(rows.voucher_by_pin(index).copied())
    }

    async fn offer(&self, pay: Pay) -> Result<PayOutcome, PayerError> {
        let (id, basket, pin) = (pay.payment, pay.basket.clone(), pay.pin);
        match self.execute(Command::Pay(Box::new(pay))).await {
            Ok(Outcome::Applied {
                entry,
                subject: Subject::Payment(payment),
                ..
            }) => Ok(outcome(&entry, payment)),
            Ok(_) => Err(CommandError::Fault.into()),
            Err(CommandError::Refused(Refusal::ChallengeOpen | Refusal::ChallengeTooEarly)) => {
                self.challenged(id, basket, pin).await
            }
            Err(CommandError::Refused(Refusal::MoreVouchersNeeded { .. })) => {
                self.more_needed(id, basket, pin).await
            }
            Err(CommandError::Refused(Refusal::Payment(refusal))) => not_taken(refusal),
            Err(CommandError::Refused(Refusal::UnknownPayment)) => Ok(PayOutcome::Closed),
            Err(CommandError::Refused(Refusal::VoucherStopped)) => {
                Ok(PayOutcome::Unsuitable(Unsuitable::Stopped))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The challenge that is open for these vouchers.
    async fn challenged(
        &self,
        id: PaymentId,
        mut vouchers: Vec<Serial>,
        pin: Option<PinIndex>,
    ) -> Result<PayOutcome, PayerError> {
        let mut keys = vec![Key::Payment(id)];
        keys.extend(pin.map(Key::Pin));
        let rows = self.engine.store().load(&keys).await;
        let rows = rows.map_err(CommandError::from)?;
        let payment = rows
            .payment(id)
            .ok_or(CommandError::Refused(Refusal::UnknownPayment))?;
        let typed = pin.and_then(|pin| rows.voucher_by_pin(pin));
        vouchers.extend(typed.map(|voucher| voucher.serial));
        let asked = payment.challenge.as_ref();
        vouchers.retain(|serial| asked.is_some_and(|asked| asked.vouchers.contains(serial)));
        let payment = Arc::clone(payment);
        Ok(PayOutcome::Challenged { payment, vouchers })
    }

    async fn more_needed(
        &self,
        id: PaymentId,
        mut basket: Vec<Serial>,
        pin: Option<PinIndex>,
    ) -> Result<PayOutcome, PayerError> {
        let mut keys = vec![Key::Payment(id)];
        keys.extend(pin.map(Key::Pin));
        let rows = self
            .engine
            .store()
            .load(&keys)
            .await
            .map_err(CommandError::from)?;
        let payment = rows
            .payment(id)
            .ok_or(CommandError::Refused(Refusal::UnknownPayment))?;
        basket.extend(
            pin.and_then(|pin| rows.voucher_by_pin(pin))
                .map(|voucher| voucher.serial),
        );
        let (basket, missing) = self.basket(payment, &basket).await?;
        Ok(PayOutcome::MoreNeeded { basket, missing })
    }

    async fn execute(&self, command: Command) -> Result<Outcome, CommandError> {
        self.engine
            .execute(Envelope {
                actor: Actor::Payer,
                idempotency: None,
                command,
            })
            .await
    }
}

/// The device behind the value of its cookie, which is not kept.
pub fn device(cookie: &[u8]) -> Device {
    Device(truncated(&[b"device", cookie]))
}

fn item(payment: &Payment, voucher: &Voucher, now: Timestamp) -> Option<BasketItem> {
    let available = Amount::new(voucher.remaining, voucher.currency);
    let offer = Offer {
        serial: voucher.serial,
        product: voucher.product,
        country: voucher.country,
        available,
    };
    let can_pay = voucher.require_spendable().is_ok()
        && 0 < voucher.remaining
        && now < voucher.expires_at
        && decide::require_suitable(payment, &offer).is_ok();
    can_pay.then_some(BasketItem {
        serial: voucher.serial,
        available,
    })
}

/// Whether a voucher can be spent or stopped: the payer's pages speak of no other.
fn is_in_use(voucher: &Voucher, now: Timestamp) -> bool {
    match voucher.state {
        State::Activated | State::PartlySpent => now < voucher.expires_at,
        State::Issued | State::Spent | State::Frozen(_) | State::Expired | State::Voided => false,
    }
}
