//! What a payer may ask for, with nothing but a payment's link or a PIN.

use std::net::IpAddr;
use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use money::amount::Amount;
use money::currency::Currency;
use payment::decide::{self, Offer};
use payment::merchant::Merchant;
use payment::payment::Payment;
use payment::state::{Canceler, Change, Status};
use store::fold::Rows;
use store::row::Key;
use vault::pin::Pin;
use voucher::state::FreezeCause;
use voucher::voucher::Voucher;

use crate::command::{Command, Envelope, Pay};
use crate::core::{Engine, Outcome, Subject};
use crate::error::{CommandError, Refusal};
use crate::guard::{Guard, TooManyTries};

/// The payer's face of the engine.
#[derive(Clone)]
pub struct PayerService {
    engine: Arc<Engine>,
    guard: Arc<Guard>,
}

/// A payment with the merchant who asks for it.
#[derive(Clone, Debug)]
pub struct Checkout {
    pub payment: Payment,
    pub merchant: Arc<Merchant>,
    /// When it was read.
    pub now: Timestamp,
}

/// What came of offering vouchers.
#[derive(Clone, Debug)]
pub enum PayOutcome {
    /// The value is held, or captured if the shop wished so.
    Paid(Box<Payment>),
    /// All the vouchers are good, and together hold too little.
    MoreNeeded {
        basket: Vec<BasketItem>,
        missing: Amount,
    },
    /// The PIN cannot pay: wrong, unknown, empty, frozen, expired or not sold, which is all the same here.
    PinRejected { tries_left: u8 },
    /// That was one wrong PIN too many; the payment is cancelled.
    Canceled(Box<Payment>),
}

/// A voucher in the payer's basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasketItem {
    pub serial: Serial,
    /// What it can give, at most.
    pub available: Amount,
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
    /// Entries that created or changed it, oldest first.
    pub history: Vec<Entry>,
}

/// What the buyer of a voucher remembers of the purchase.
#[derive(Clone, Copy, Debug)]
pub struct PurchaseDetails {
    pub serial: Serial,
    pub face_minor: i64,
    pub currency: Currency,
    /// Noon of the day of purchase; a day and a half around it is accepted.
    pub bought_at: Timestamp,
}

impl PayerService {
    pub fn new(engine: Arc<Engine>, guard: Arc<Guard>) -> PayerService {
        PayerService { engine, guard }
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
            now,
        }))
    }

    /// Notes that the payer has opened the checkout; any other state is left as it is.
    pub async fn open(&self, checkout: Checkout, address: IpAddr) -> Result<Checkout, PayerError> {
        if checkout.payment.status != Status::Initiated {
            return Ok(checkout);
        }
        let id = checkout.payment.id;
        match self
            .execute(Command::OpenPayment {
                id,
                address: Some(address),
            })
            .await
        {
            Ok(Outcome::Applied {
                subject: Subject::Payment(payment),
                ..
            }) => Ok(Checkout {
                payment: *payment,
                ..checkout
            }),
            Err(CommandError::Refused(_)) => Ok(self.checkout(id).await?.unwrap_or(checkout)),
            Ok(_) => Err(CommandError::Fault.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Offers a PIN together with the vouchers shown before, and pays if they suffice.
    pub async fn pay(
        &self,
        payment: PaymentId,
        basket: Vec<Serial>,
        pin: &Pin,
        address: IpAddr,
    ) -> Result<PayOutcome, PayerError> {
        let attempt = self.guard.charge(address)?;
        let pin = Some(self.engine.vault().pin_index(pin));
        let outcome = self
            .offer(Pay {
                payment,
                basket,
                pin,
            })
            .await;
        match &outcome {
            Ok(PayOutcome::PinRejected { .. } | PayOutcome::Canceled(_)) => {}
            Ok(PayOutcome::Paid(_) | PayOutcome::MoreNeeded { .. }) | Err(_) => attempt.forgive(),
        }
        outcome
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

    pub async fn cancel(&self, id: PaymentId) -> Result<Payment, PayerError> {
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
            } => Ok(*payment),
            Outcome::Applied { .. } | Outcome::Replayed { .. } => Err(CommandError::Fault.into()),
        }
    }

    /// The voucher behind a PIN. Vouchers that were never sold are as unknown as wrong PINs.
    pub async fn voucher(&self, pin: &Pin, address: IpAddr) -> Result<VoucherView, PayerError> {
        let attempt = self.guard.charge(address)?;
        let index = self.engine.vault().pin_index(pin);
        let rows = self
            .engine
            .store()
            .load(&[Key::Pin(index)])
            .await
            .map_err(CommandError::from)?;
        let sold = rows
            .voucher_by_pin(index)
            .filter(|voucher| is_shown(voucher))
            .copied();
        let voucher = sold.ok_or(PayerError::PinNotAccepted)?;
        attempt.forgive();
        let history = self.history(voucher.serial).await?;
        Ok(VoucherView { voucher, history })
    }

    /// Stops a voucher for whoever holds its PIN. A voucher that is stopped already stays so.
    pub async fn freeze_by_pin(&self, pin: &Pin, address: IpAddr) -> Result<Voucher, PayerError> {
        let attempt = self.guard.charge(address)?;
        let index = self.engine.vault().pin_index(pin);
        let rows = self
            .engine
            .store()
            .load(&[Key::Pin(index)])
            .await
            .map_err(CommandError::from)?;
        let voucher = rows
            .voucher_by_pin(index)
            .copied()
            .ok_or(PayerError::PinNotAccepted)?;
        let frozen = self.freeze(voucher).await?;
        attempt.forgive();
        Ok(frozen)
    }

    /// Stops a voucher for whoever knows its serial and its purchase.
    pub async fn freeze_by_purchase(
        &self,
        details: PurchaseDetails,
        address: IpAddr,
    ) -> Result<Voucher, PayerError> {
        let attempt = self.guard.charge(address)?;
        let rows = self
            .engine
            .store()
            .load(&[Key::Voucher(details.serial)])
            .await
            .map_err(CommandError::from)?;
        let voucher = rows
            .voucher(details.serial)
            .filter(|voucher| details.describe(voucher));
        let frozen = self
            .freeze(voucher.ok_or(PayerError::PinNotAccepted)?)
            .await?;
        attempt.forgive();
        Ok(frozen)
    }

    async fn freeze(&self, voucher: Voucher) -> Result<Voucher, PayerError> {
        let command = Command::FreezeVoucher {
            serial: voucher.serial,
            cause: FreezeCause::Owner,
        };
        match self.execute(command).await {
            Ok(Outcome::Applied {
                subject: Subject::Voucher(voucher),
                ..
            }) => Ok(*voucher),
            Err(CommandError::Refused(Refusal::Voucher(voucher::state::Refusal::Frozen))) => {
                Ok(voucher)
            }
            Err(CommandError::Refused(_)) => Err(PayerError::PinNotAccepted),
            Ok(_) => Err(CommandError::Fault.into()),
            Err(error) => Err(error.into()),
        }
    }

    async fn history(&self, serial: Serial) -> Result<Vec<Entry>, PayerError> {
        let store = self.engine.store();
        let sequences: Vec<Sequence> = store
            .voucher_entries(serial)
            .await
            .map_err(CommandError::from)?;
        Ok(store
            .entries_at(&sequences)
            .await
            .map_err(CommandError::from)?)
    }

    async fn offer(&self, pay: Pay) -> Result<PayOutcome, PayerError> {
        let (id, basket, pin) = (pay.payment, pay.basket.clone(), pay.pin);
        match self.execute(Command::Pay(Box::new(pay))).await {
            Ok(Outcome::Applied {
                entry,
                subject: Subject::Payment(payment),
            }) => Ok(outcome(&entry, payment)),
            Ok(_) => Err(CommandError::Fault.into()),
            Err(CommandError::Refused(Refusal::MoreVouchersNeeded { .. })) => {
                self.more_needed(id, basket, pin).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn more_needed(
        &self,
        id: PaymentId,
        mut basket: Vec<Serial>,
        pin: Option<ids::voucher::PinIndex>,
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

impl PurchaseDetails {
    fn describe(&self, voucher: &Voucher) -> bool {
        let apart = (voucher.activated_at.0 - self.bought_at.0).abs();
        voucher.face == self.face_minor
            && voucher.currency == self.currency
            && apart <= Span::HOUR.times(36).0
    }
}

fn outcome(entry: &Entry, payment: Box<Payment>) -> PayOutcome {
    use accounting::fact::Fact;
    match entry.fact() {
        Fact::PaymentChanged {
            change: Change::RejectPin,
            ..
        } => PayOutcome::PinRejected {
            tries_left: decide::REJECTED_PINS_MAX.saturating_sub(payment.rejected_pins),
        },
        Fact::PaymentChanged {
            change: Change::Cancel { .. },
            ..
        } => PayOutcome::Canceled(payment),
        _ => PayOutcome::Paid(payment),
    }
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

/// Whether the balance page speaks of a voucher: it does of those in use and those that were used up.
fn is_shown(voucher: &Voucher) -> bool {
    use voucher::state::State;
    match voucher.state {
        State::Activated | State::PartlySpent | State::Spent | State::Expired => true,
        State::Issued | State::Frozen(_) | State::Voided => false,
    }
}
