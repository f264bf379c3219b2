//! Payments and the vouchers that pay them, decided in one.

use std::net::IpAddr;
use std::sync::Arc;

use accounting::fact::Fact;
use ids::object::PaymentId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::amount::Amount;
use payment::decide::{self, PAYMENT_LIFETIME};
use payment::merchant::{CAPTURE_WINDOW_MAX, CAPTURE_WINDOW_MIN, Merchant, Standing, Submerchant};
use payment::payment::{Payment, PaymentRequest};
use payment::state::{Canceler, Change, Finality, StopCause};
use store::fold::Rows;
use store::snapshot::Snapshot;
use voucher::state::Change as VoucherChange;

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
        attempt: None,
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

pub fn erase_payer(rows: &Snapshot, id: PaymentId) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    Ok(unaided(id, decide::erase_payer(payment)?))
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
        attempt: None,
    }
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
        attempt: None,
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
