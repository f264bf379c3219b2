//! What an entry says to the payer.

use accounting::entry::Entry;
use accounting::fact::Fact;
use money::amount::Amount;
use money::currency::Currency;
use payment::state::{CaptureMode, Change, Hold};

use crate::pages::receipts::Happened;

pub fn happened(entry: &Entry) -> Happened {
    match entry.fact() {
        Fact::PaymentCreated { request, .. } => Happened::Created(request.amount),
        Fact::PaymentChanged { id, change, .. } => changed(change, id.mid.currency),
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VouchersIssued { .. }
        | Fact::VoucherChanged { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderCancelled { .. }
        | Fact::OrderConfirmed { .. } => Happened::Other,
    }
}

/// Why a payment was cancelled stands with the entry's reference, which the payer's receipt does not open.
fn changed(change: &Change, currency: Currency) -> Happened {
    let of = |minor| Amount::new(minor, currency);
    match change {
        Change::Open { .. } => Happened::Opened,
        Change::RejectPin => Happened::WrongPin,
        Change::Authorize { holds, mode, .. } => match mode {
            CaptureMode::Manual => Happened::Reserved(of(sum(holds))),
            CaptureMode::Automatic => Happened::Paid(of(sum(holds))),
        },
        Change::Capture { shares, .. } => Happened::Captured(of(shares.iter().sum())),
        Change::Cancel { .. } => Happened::Cancelled,
        Change::Expire { .. } => Happened::Expired,
        Change::ValidateRefund { request, .. } => Happened::RefundChecked(of(request.minor)),
        Change::Refund { request, .. } => Happened::Refunded(of(request.minor)),
        Change::LapseRefund { .. } => Happened::RefundLapsed,
        Change::FlagDuplicate { .. } => Happened::Duplicate,
        Change::Stop { .. } => Happened::Stopped,
        Change::Resume { .. } => Happened::Resumed,
        Change::Challenge { .. } => Happened::Challenged,
        Change::FailChallenge => Happened::WrongAnswer,
        Change::Review { .. } => Happened::Review,
        Change::Approve { .. } => Happened::Approved,
        Change::Release { .. } => Happened::LetGo,
        Change::ErasePayer => Happened::PayerErased,
        Change::Label { .. } => Happened::Other,
    }
}

fn sum(holds: &[Hold]) -> i64 {
    holds.iter().map(|hold| hold.minor).sum()
}
