//! Vouchers outside of payments: issue, sale, freeze, fee and end.

use std::collections::HashSet;

use accounting::fact::Fact;
use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::{BatchId, Serial};
use money::amount::Amount;
use store::fold::Rows;
use store::snapshot::Snapshot;
use voucher::product::{FEE_INTERVAL_MIN, MaintenanceFee, ProductKey};
use voucher::state::{self, Change, FreezeCause, Sale, State};
use voucher::voucher::{NewVoucher, Voucher};

use crate::error::Refusal;
use crate::limits::FACE_MAX_MINOR;

/// The version in which a change is tried; the fold puts in the entry's own.
const TRIAL: Sequence = Sequence(0);

pub fn issue(rows: &Snapshot, batch: BatchId, vouchers: &[NewVoucher]) -> Result<Fact, Refusal> {
    let mut serials = HashSet::with_capacity(vouchers.len());
    let mut pins = HashSet::with_capacity(vouchers.len());
    for voucher in vouchers {
        require_face(voucher.face)?;
        let fresh = serials.insert(voucher.serial) && pins.insert(voucher.pin);
        if !fresh || is_taken(rows, voucher) {
            return Err(Refusal::VoucherTaken);
        }
    }
    Ok(Fact::VouchersIssued {
        batch,
        vouchers: vouchers.to_vec(),
    })
}

/// Whether a voucher can be worth this much.
pub fn require_face(face: Amount) -> Result<(), Refusal> {
    if face.minor <= 0 {
        return Err(Refusal::AmountNotPositive);
    }
    if FACE_MAX_MINOR < face.minor {
        return Err(Refusal::AmountAboveLimit {
            limit_minor: FACE_MAX_MINOR,
            currency: face.currency,
        });
    }
    Ok(())
}

/// Whether the serial or the PIN of a new voucher is in use.
pub fn is_taken(rows: &Snapshot, voucher: &NewVoucher) -> bool {
    rows.voucher(voucher.serial).is_some() || rows.voucher_by_pin(voucher.pin).is_some()
}

/// Whether the voucher's amounts can be relied on.
pub fn require_sound(voucher: &Voucher) -> Result<(), Refusal> {
    match voucher.state {
        State::Frozen(FreezeCause::Mismatch) => Err(Refusal::VoucherStopped),
        State::Frozen(FreezeCause::Owner | FreezeCause::Issuer | FreezeCause::Risk)
        | State::Issued
        | State::Activated
        | State::PartlySpent
        | State::Spent
        | State::Expired
        | State::Voided => Ok(()),
    }
}

pub fn activate(
    rows: &Snapshot,
    serial: Serial,
    key: ProductKey,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let voucher = rows.voucher(serial).ok_or(Refusal::UnknownVoucher)?;
    let product = rows
        .product(key)
        .filter(|product| product.key == product_key(&voucher))
        .ok_or(Refusal::UnknownProduct)?;
    let change = Change::Activate {
        minor: voucher.face,
        expires_at: product.expires_at(now),
        fee_due_at: product.fee_due_at(now),
    };
    changed(&voucher, change, now)
}

pub fn freeze(
    rows: &Snapshot,
    serial: Serial,
    cause: FreezeCause,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let voucher = rows.voucher(serial).ok_or(Refusal::UnknownVoucher)?;
    changed(&voucher, Change::Freeze { cause }, now)
}

pub fn unfreeze(rows: &Snapshot, serial: Serial, now: Timestamp) -> Result<Fact, Refusal> {
    let voucher = rows.voucher(serial).ok_or(Refusal::UnknownVoucher)?;
    changed(&voucher, Change::Unfreeze, now)
}

pub fn void(rows: &Snapshot, serial: Serial, now: Timestamp) -> Result<Fact, Refusal> {
    let voucher = rows.voucher(serial).ok_or(Refusal::UnknownVoucher)?;
    let sale = match voucher.state {
        State::Issued => Sale::NotSold,
        State::Activated
        | State::PartlySpent
        | State::Spent
        | State::Frozen(_)
        | State::Expired
        | State::Voided => Sale::Sold,
    };
    changed(
        &voucher,
        Change::Void {
            minor: voucher.remaining,
            sale,
        },
        now,
    )
}

pub fn run_timer(
    rows: &Snapshot,
    serial: Serial,
    key: ProductKey,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let voucher = rows.voucher(serial).ok_or(Refusal::UnknownVoucher)?;
    if now < voucher.due_at() {
        return Err(state::Refusal::NotDue.into());
    }
    if voucher.expires_at <= now {
        return changed(
            &voucher,
            Change::Expire {
                minor: voucher.remaining,
            },
            now,
        );
    }
    let terms = rows
        .product(key)
        .filter(|product| product.key == product_key(&voucher))
        .and_then(|product| product.maintenance_fee);
    changed(&voucher, fee(&voucher, terms, now), now)
}

/// The terms under which a voucher was sold.
fn product_key(voucher: &Voucher) -> ProductKey {
    ProductKey {
        product: voucher.product,
        country: voucher.country,
        currency: voucher.currency,
    }
}

/// The fee that is due; where the product has none any more, the timer is set to never.
fn fee(voucher: &Voucher, terms: Option<MaintenanceFee>, now: Timestamp) -> Change {
    match terms {
        Some(fee) => Change::ChargeFee {
            minor: fee.minor.min(voucher.remaining),
            fee_due_at: now.plus(fee.every.max(FEE_INTERVAL_MIN)),
        },
        None => Change::ChargeFee {
            minor: 0,
            fee_due_at: Timestamp::NEVER,
        },
    }
}

fn changed(voucher: &Voucher, change: Change, now: Timestamp) -> Result<Fact, Refusal> {
    voucher.apply(change, now, TRIAL)?;
    Ok(Fact::VoucherChanged {
        serial: voucher.serial,
        currency: voucher.currency,
        distributor: voucher.distributor,
        change,
    })
}
