//! What people decide about payments that were held for review, and what they say of any.

use accounting::fact::Fact;
use ids::object::PaymentId;
use ids::party::OperatorId;
use ids::time::Timestamp;
use payment::decide;
use payment::label::Label;
use payment::screening::{self, Approvals};
use payment::state::{Canceler, CaptureMode, Change};
use store::fold::Rows;
use store::snapshot::Snapshot;
use voucher::state::Change as VoucherChange;

use crate::decide::payments::{releasing, unaided};
use crate::decide::vouchers::require_sound;
use crate::error::Refusal;

/// Lets the payment go, or notes the first of two approvals.
pub fn approve(
    rows: &Snapshot,
    id: PaymentId,
    by: OperatorId,
    needed: Approvals,
    now: Timestamp,
) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    let merchant = rows
        .merchant(id.mid.merchant)
        .ok_or(Refusal::UnknownMerchant)?;
    let change = screening::approve(payment, by, needed, merchant.fee_basis_points, now)?;
    for part in &payment.allocations {
        require_sound(&rows.voucher(part.serial).ok_or(Refusal::UnknownVoucher)?)?;
    }
    let captured = match &change {
        Change::Release {
            mode: CaptureMode::Automatic,
            ..
        } => payment.allocations.as_slice(),
        _ => &[],
    };
    let capture = |part: &payment::payment::Allocation| {
        (part.serial, VoucherChange::Capture { minor: part.held })
    };
    Ok(Fact::PaymentChanged {
        id,
        change,
        effects: captured.iter().map(capture).collect(),
        replacements: Vec::new(),
        attempt: None,
    })
}

/// Ends a payment that waits for review, and gives its value back.
pub fn refuse(rows: &Snapshot, id: PaymentId) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    if payment.review.is_none() {
        return Err(decide::Refusal::NotInReview.into());
    }
    let change = decide::cancel(payment, Canceler::Reviewer)?;
    Ok(releasing(payment, change))
}

/// Says what a payment turned out to be.
pub fn label(rows: &Snapshot, id: PaymentId, label: Label) -> Result<Fact, Refusal> {
    let payment = rows.payment(id).ok_or(Refusal::UnknownPayment)?;
    Ok(unaided(id, screening::label(payment, label)?))
}
