//! Payments and the vouchers that pay them, decided in one.

use std::net::IpAddr;
use std::sync::Arc;

use accounting::fact::Fact;
use ids::object::PaymentId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::amount::Amount;
use payment::decide::{self, Offer, PAYMENT_LIFETIME, REJECTED_PINS_MAX};
use payment::merchant::{CAPTURE_WINDOW_MAX, CAPTURE_WINDOW_MIN, Merchant, Standing, Submerchant};
use payment::payment::{Payment, PaymentRequest};
use payment::state::{Canceler, CaptureMode, Change, Finality, StopCause};
use store::fold::Rows;
use store::snapshot::Snapshot;
use voucher::state::Change as VoucherChange;
use voucher::voucher::Voucher;

use crate::command::Pay;
use crate::decide::vouchers::require_sound;
use crate::error::Refusal;
use crate::limits::payment_max_minor;

pub fn create(
    rows: &Snapshot,
    id: PaymentId,
    request: &Arc<PaymentRequest>,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let merchant = rows
        .merchant(id.mid.merchant)
        .ok_or(Refusal::UnknownMerchant)?;
    require_terms(merchant, request)?;
    if id.mid.currency != request.amount.currency {
        return Err(Refusal::CurrencyNotEnabled {
            currency: request.amount.currency,
        });
    }
    if rows.payment(id).is_some() {
        return Err(Refusal::DuplicatePayment);
    }
    Ok(Fact::PaymentCreated {
        id,
        request: Arc::clone(request),
        due_at: now.plus(PAYMENT_LIFETIME),
    })
}

pub fn open(
    rows: &Snapshot,
    id: PaymentId,
    address: Option<IpAddr>,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    let change = decide::open(payment, address, now)?;
    Ok(unaided(id, change))
}

/// Authorises the payment, or counts a PIN that cannot pay, or says how much is missing.
pub fn pay(rows: &Snapshot, pay: &Pay, now: Timestamp) -> Result<Fact, Refusal> {
    let payment = rows.payment(pay.payment).ok_or(Refusal::UnknownPayment)?;
    let merchant = rows
        .merchant(pay.payment.mid.merchant)
        .ok_or(Refusal::UnknownMerchant)?;
    decide::require_payable(payment, now)?;
    let typed = pay.pin.and_then(|pin| rows.voucher_by_pin(pin));
    typed.map_or(Ok(()), require_sound)?;
    let Some(offers) = offers(rows, pay, now) else {
        return Ok(reject_pin(payment));
    };
    match decide::authorize(payment, &offers, merchant.fee_basis_points, now) {
        Ok(change) => {
            let effects = authorize_effects(&change);
            Ok(Fact::PaymentChanged {
                id: payment.id,
                change,
                effects,
                replacements: Vec::new(),
            })
        }
        Err(decide::Refusal::InsufficientValue {
            available_minor,
            wanted_minor,
        }) => Err(Refusal::MoreVouchersNeeded {
            missing_minor: wanted_minor - available_minor,
        }),
        Err(refusal) => Err(refusal.into()),
    }
}

pub fn capture(
    rows: &Snapshot,
    id: PaymentId,
    wanted_minor: Option<i64>,
    finality: Finality,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    let merchant = rows
        .merchant(id.mid.merchant)
        .ok_or(Refusal::UnknownMerchant)?;
    let change = decide::capture(
        payment,
        wanted_minor,
        finality,
        merchant.fee_basis_points,
        now,
    )?;
    for part in payment.allocations.iter().filter(|part| 0 < part.held) {
        let voucher = rows.voucher(part.serial);
        require_sound(&voucher.ok_or(Refusal::UnknownVoucher)?)?;
    }
    let effects = capture_effects(payment, &change);
    Ok(Fact::PaymentChanged {
        id,
        change,
        effects,
        replacements: Vec::new(),
    })
}

pub fn cancel(rows: &Snapshot, id: PaymentId, by: Canceler) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    let change = decide::cancel(payment, by)?;
    Ok(releasing(payment, change))
}

pub fn expire(rows: &Snapshot, id: PaymentId, now: Timestamp) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    let change = decide::expire(payment, now)?;
    Ok(releasing(payment, change))
}

pub fn stop(rows: &Snapshot, id: PaymentId, cause: StopCause) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    Ok(unaided(id, decide::stop(payment, cause)?))
}

pub fn resume(rows: &Snapshot, id: PaymentId, now: Timestamp) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    Ok(unaided(id, decide::resume(payment, now)?))
}

/// A change that moves no value.
pub fn unaided(id: PaymentId, change: Change) -> Fact {
    Fact::PaymentChanged {
        id,
        change,
        effects: Vec::new(),
        replacements: Vec::new(),
    }
}

/// What each offered voucher can pay, or nothing if the typed PIN cannot pay at all.
///
/// Unknown, empty, frozen, expired and unsold vouchers are one and the same here. A voucher of the basket
/// that was good when its PIN was typed and is not any more drops out: nobody guessed.
fn offers(rows: &Snapshot, pay: &Pay, now: Timestamp) -> Option<Vec<Offer>> {
    let in_basket = pay.basket.iter().filter_map(|serial| rows.voucher(*serial));
    let mut offers: Vec<Offer> = in_basket
        .filter_map(|voucher| offer(&voucher, now))
        .collect();
    if let Some(pin) = pay.pin {
        offers.push(offer(rows.voucher_by_pin(pin)?, now)?);
    }
    Some(offers)
}

fn offer(voucher: &Voucher, now: Timestamp) -> Option<Offer> {
    let can_pay =
        voucher.require_spendable().is_ok() && 0 < voucher.remaining && now < voucher.expires_at;
    can_pay.then_some(Offer {
        serial: voucher.serial,
        product: voucher.product,
        country: voucher.country,
        available: Amount::new(voucher.remaining, voucher.currency),
    })
}

fn reject_pin(payment: &Payment) -> Fact {
    let change = if payment.rejected_pins + 1 < REJECTED_PINS_MAX {
        Change::RejectPin
    } else {
        Change::Cancel {
            by: Canceler::PinLimit,
        }
    };
    unaided(payment.id, change)
}

fn authorize_effects(change: &Change) -> Vec<(Serial, VoucherChange)> {
    let Change::Authorize { holds, mode, .. } = change else {
        return Vec::new();
    };
    holds
        .iter()
        .flat_map(|hold| {
            let capture = match mode {
                CaptureMode::Manual => None,
                CaptureMode::Automatic => {
                    Some((hold.serial, VoucherChange::Capture { minor: hold.minor }))
                }
            };
            std::iter::once((hold.serial, VoucherChange::Hold { minor: hold.minor })).chain(capture)
        })
        .collect()
}

fn capture_effects(payment: &Payment, change: &Change) -> Vec<(Serial, VoucherChange)> {
    let Change::Capture {
        shares, finality, ..
    } = change
    else {
        return Vec::new();
    };
    let parts = payment.allocations.iter().zip(shares);
    parts
        .flat_map(|(part, share)| {
            let rest = match finality {
                Finality::Open => 0,
                Finality::Final => part.held - share,
            };
            let capture =
                (0 < *share).then_some((part.serial, VoucherChange::Capture { minor: *share }));
            let release =
                (0 < rest).then_some((part.serial, VoucherChange::Release { minor: rest }));
            capture.into_iter().chain(release)
        })
        .collect()
}

/// A change that gives back everything that is still held.
pub fn releasing(payment: &Payment, change: Change) -> Fact {
    let held = payment.allocations.iter().filter(|part| 0 < part.held);
    let effects = held
        .map(|part| (part.serial, VoucherChange::Release { minor: part.held }))
        .collect();
    Fact::PaymentChanged {
        id: payment.id,
        change,
        effects,
        replacements: Vec::new(),
    }
}

fn require_terms(merchant: &Merchant, request: &PaymentRequest) -> Result<(), Refusal> {
    let Amount { minor, currency } = request.amount;
    if merchant.standing == Standing::Suspended {
        return Err(Refusal::MerchantSuspended);
    }
    if !merchant.currencies.contains(&currency) {
        return Err(Refusal::CurrencyNotEnabled { currency });
    }
    if minor <= 0 {
        return Err(Refusal::AmountNotPositive);
    }
    let limit_minor = payment_max_minor(currency);
    if limit_minor < minor {
        return Err(Refusal::AmountAboveLimit {
            limit_minor,
            currency,
        });
    }
    if request.capture_window < CAPTURE_WINDOW_MIN || CAPTURE_WINDOW_MAX < request.capture_window {
        return Err(Refusal::CaptureWindowOutOfBounds);
    }
    request
        .submerchant
        .as_deref()
        .map_or(Ok(()), |id| require_submerchant(merchant, id))
}

/// Whether the merchant may report under this criterion.
pub fn require_submerchant(merchant: &Merchant, id: &str) -> Result<(), Refusal> {
    match merchant
        .submerchants
        .iter()
        .find(|submerchant| submerchant.id == id)
    {
        Some(Submerchant {
            standing: Standing::Active,
            ..
        }) => Ok(()),
        Some(Submerchant {
            standing: Standing::Suspended,
            ..
        }) => Err(Refusal::SubmerchantSuspended),
        None => Err(Refusal::UnknownSubmerchant),
    }
}
