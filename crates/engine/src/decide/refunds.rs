//! Refunds: back to the vouchers that paid, or to fresh ones where those are closed for good.

use accounting::fact::Fact;
use ids::object::{PaymentId, RefundId};
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::amount::Amount;
use payment::decide;
use payment::payment::Payment;
use payment::refund::{RefundCause, RefundRequest, RefundShare, RefundTarget};
use payment::state::Change;
use store::fold::Rows;
use store::snapshot::Snapshot;
use voucher::state::Change as VoucherChange;
use voucher::voucher::{Activation, NewVoucher, Voucher};

use crate::command::{NewRefund, Replacement};
use crate::decide::payments::{require_submerchant, unaided};
use crate::decide::vouchers::{is_taken, require_sound};
use crate::error::Refusal;

pub fn validate(
    rows: &Snapshot,
    payment: PaymentId,
    id: RefundId,
    request: &RefundRequest,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let payment = rows.payment(payment).ok_or(Refusal::UnknownPayment)?;
    require_reporting(rows, payment, request)?;
    let change = decide::validate_refund(payment, id, request.clone(), now)?;
    Ok(unaided(payment.id, change))
}

pub fn refund(rows: &Snapshot, new: &NewRefund, now: Timestamp) -> Result<Fact, Refusal> {
    give_back(rows, new, RefundCause::Asked, now)
}

/// A refund for whatever cause.
pub fn give_back(
    rows: &Snapshot,
    new: &NewRefund,
    cause: RefundCause,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let payment = rows.payment(new.payment).ok_or(Refusal::UnknownPayment)?;
    require_reporting(rows, payment, &new.request)?;
    let shares = decide::refund_shares(payment, new.id, &new.request, now)?;
    let mut plan = Plan::default();
    for (serial, minor) in shares {
        let voucher = rows.voucher(serial).ok_or(Refusal::UnknownVoucher)?;
        require_sound(&voucher)?;
        // What comes back after the end of a voucher would be written off at once.
        if voucher.require_open().is_ok() && now < voucher.expires_at {
            plan.give_back(serial, minor);
        } else {
            plan.replace(&voucher, minor, new);
        }
    }
    plan.into_fact(rows, payment, new, cause)
}

pub fn lapse(
    rows: &Snapshot,
    payment: PaymentId,
    id: RefundId,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let payment = rows.payment(payment).ok_or(Refusal::UnknownPayment)?;
    let change = decide::lapse_refund(payment, id, now)?;
    Ok(unaided(payment.id, change))
}

/// Whether the merchant may report the refund as the request says.
fn require_reporting(
    rows: &Snapshot,
    payment: &Payment,
    request: &RefundRequest,
) -> Result<(), Refusal> {
    let Some(id) = request.submerchant.as_deref() else {
        return Ok(());
    };
    let merchant = rows
        .merchant(payment.id.mid.merchant)
        .ok_or(Refusal::UnknownMerchant)?;
    require_submerchant(merchant, id)
}

/// Where each part of a refund goes.
#[derive(Default)]
struct Plan {
    shares: Vec<RefundShare>,
    effects: Vec<(Serial, VoucherChange)>,
    replacements: Vec<NewVoucher>,
    /// Closed vouchers for which no fresh one was offered.
    missing: usize,
}

impl Plan {
    fn give_back(&mut self, serial: Serial, minor: i64) {
        self.effects.push((serial, VoucherChange::Refund { minor }));
        self.shares.push(RefundShare {
            source: serial,
            minor,
            target: RefundTarget::SameVoucher,
        });
    }

    fn replace(&mut self, closed: &Voucher, minor: i64, new: &NewRefund) {
        let offered = new
            .replacements
            .iter()
            .find(|replacement| replacement.source == closed.serial);
        let Some(Replacement {
            serial,
            pin,
            sealed_pin,
            ..
        }) = offered
        else {
            self.missing += 1;
            return;
        };
        // A refund voucher keeps its value: its owner did not choose when to get it.
        let activation = Activation::Immediate {
            expires_at: Timestamp::NEVER,
            fee_due_at: Timestamp::NEVER,
        };
        self.replacements.push(NewVoucher {
            serial: *serial,
            pin: *pin,
            distributor: closed.distributor,
            product: closed.product,
            country: closed.country,
            face: Amount::new(minor, closed.currency),
            activation,
        });
        let target = RefundTarget::FreshVoucher {
            serial: *serial,
            sealed_pin: sealed_pin.clone(),
        };
        self.shares.push(RefundShare {
            source: closed.serial,
            minor,
            target,
        });
    }

    fn into_fact(
        self,
        rows: &Snapshot,
        payment: &Payment,
        new: &NewRefund,
        cause: RefundCause,
    ) -> Result<Fact, Refusal> {
        if 0 < self.missing {
            return Err(Refusal::ReplacementsNeeded {
                count: self.missing,
            });
        }
        let mut taken = self
            .replacements
            .iter()
            .enumerate()
            .map(|(place, voucher)| {
                let collides = |earlier: &NewVoucher| {
                    earlier.serial == voucher.serial || earlier.pin == voucher.pin
                };
                is_taken(rows, voucher) || self.replacements[..place].iter().any(collides)
            });
        if taken.any(|is_taken| is_taken) {
            return Err(Refusal::VoucherTaken);
        }
        let change = Change::Refund {
            id: new.id,
            request: new.request.clone(),
            shares: self.shares,
            cause,
        };
        Ok(Fact::PaymentChanged {
            id: payment.id,
            change,
            effects: self.effects,
            replacements: self.replacements,
            attempt: None,
        })
    }
}
