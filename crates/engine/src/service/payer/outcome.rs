//! What comes of offering vouchers.

use std::sync::Arc;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::voucher::{Country, Serial};
use money::amount::Amount;
use money::currency::Currency;
use payment::attempt::Attempt;
use payment::decide;
use payment::payment::Payment;
use payment::state::{Canceler, Change};

use super::PayerError;
use crate::error::CommandError;

/// What came of offering vouchers.
#[derive(Clone, Debug)]
pub enum PayOutcome {
    /// The value is held, or captured if the shop wished so.
    Paid(Arc<Payment>),
    /// All the vouchers are good, and together hold too little. A voucher that was shown before and can pay no
    /// more is not in the basket.
    MoreNeeded {
        basket: Vec<BasketItem>,
        missing: Amount,
    },
    /// The PIN is right, but its voucher cannot be used here.
    Unsuitable(Unsuitable),
    /// The PIN cannot pay: wrong, unknown, empty, frozen, expired or not sold, which is all the same here.
    PinRejected { tries_left: u8 },
    /// One more proof is asked for, of these vouchers; the payment says from when on.
    Challenged {
        payment: Arc<Payment>,
        vouchers: Vec<Serial>,
    },
    /// The proof that was given for these vouchers is wrong.
    Unproven {
        payment: Arc<Payment>,
        vouchers: Vec<Serial>,
    },
    /// The value is held, and a person decides.
    InReview(Arc<Payment>),
    /// That was one wrong PIN or answer too many, or the attempt was too risky; the payment is cancelled.
    Canceled { payment: Arc<Payment>, by: Canceler },
    /// The payment takes no vouchers any more.
    Closed,
}

/// Why a good voucher cannot be used for a payment. Only who has shown its PIN hears of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsuitable {
    OtherCurrency {
        found: Currency,
    },
    OtherCountry {
        expected: Country,
    },
    AccountRequired,
    AlreadyInBasket,
    BasketFull,
    /// Its balance is in doubt, and the issuer looks into it.
    Stopped,
}

/// A voucher in the payer's basket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasketItem {
    pub serial: Serial,
    /// What it can give, at most.
    pub available: Amount,
}

pub(super) fn outcome(entry: &Entry, payment: Arc<Payment>) -> PayOutcome {
    match entry.fact() {
        Fact::PaymentChanged {
            change: Change::RejectPin,
            ..
        } => PayOutcome::PinRejected {
            tries_left: decide::REJECTED_PINS_MAX.saturating_sub(payment.rejected_pins),
        },
        Fact::PaymentChanged {
            change: Change::Cancel { by },
            ..
        } => PayOutcome::Canceled { payment, by: *by },
        Fact::PaymentChanged {
            change: Change::Challenge { .. },
            attempt,
            ..
        } => PayOutcome::Challenged {
            payment,
            vouchers: offered(attempt.as_deref()),
        },
        Fact::PaymentChanged {
            change: Change::FailChallenge,
            attempt,
            ..
        } => PayOutcome::Unproven {
            payment,
            vouchers: offered(attempt.as_deref()),
        },
        Fact::PaymentChanged {
            change: Change::Review { .. },
            ..
        } => PayOutcome::InReview(payment),
        _ => PayOutcome::Paid(payment),
    }
}

/// The vouchers that were to pay.
fn offered(attempt: Option<&Attempt>) -> Vec<Serial> {
    attempt.map_or_else(Vec::new, |attempt| attempt.vouchers.clone())
}

pub(super) fn not_taken(refusal: decide::Refusal) -> Result<PayOutcome, PayerError> {
    use decide::Refusal as Rule;
    let unsuitable = match refusal {
        Rule::OtherCurrency { found, .. } => Unsuitable::OtherCurrency { found },
        Rule::OtherCountry { expected } => Unsuitable::OtherCountry { expected },
        Rule::AccountRequired => Unsuitable::AccountRequired,
        Rule::VoucherOfferedTwice => Unsuitable::AlreadyInBasket,
        Rule::TooManyVouchers => Unsuitable::BasketFull,
        Rule::InvalidState { .. } | Rule::PaymentTimeOver | Rule::Stopped | Rule::InReview => {
            return Ok(PayOutcome::Closed);
        }
        Rule::CaptureWindowOver
        | Rule::RefundWindowOver
        | Rule::NotDue
        | Rule::InsufficientValue { .. }
        | Rule::CaptureExceedsHold { .. }
        | Rule::RefundExceedsCapture { .. }
        | Rule::TooManyRefunds
        | Rule::NotStopped
        | Rule::NotDuplicate
        | Rule::DuplicateResolved
        | Rule::OtherCustomer
        | Rule::RefundInvalidState { .. }
        | Rule::NotInReview
        | Rule::Labelled
        | Rule::PayerErased
        | Rule::SamePerson
        | Rule::NotPositive => return Err(CommandError::Refused(refusal.into()).into()),
    };
    Ok(PayOutcome::Unsuitable(unsuitable))
}
