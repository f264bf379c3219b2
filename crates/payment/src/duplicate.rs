//! The same order of a shop, paid twice.

use ids::object::PaymentId;
use ids::time::Span;

use crate::decide::Refusal;
use crate::payment::{Authorization, Payment};
use crate::state::Status;

/// What a merchant wants done about the second payment of one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DuplicateTerms {
    pub response: DuplicateResponse,
    /// How long after the first authorisation a second one is taken for a mistake.
    pub window: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DuplicateResponse {
    /// Payments are not compared.
    Off,
    /// The second payment is marked and the merchant told.
    Flag,
    /// The second payment is cancelled, or refunded in full where it was captured.
    Return,
}

/// That a payment is the second one for its order, and what was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The payment that was authorised before.
    pub of: PaymentId,
    pub remedy: Remedy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    Flagged,
    Returned,
}

/// The shortest window that may be agreed.
pub const DUPLICATE_WINDOW_MIN: Span = Span::MINUTE;
/// The longest window that may be agreed. Whoever looks for duplicates reads the journal that far back.
pub const DUPLICATE_WINDOW_MAX: Span = Span::DAY;

impl Default for DuplicateTerms {
    /// What holds for merchants that said nothing.
    fn default() -> DuplicateTerms {
        DuplicateTerms {
            response: DuplicateResponse::Flag,
            window: Span::MINUTE.times(30),
        }
    }
}

/// Whether `later` pays what `earlier` has paid: the same customer of the same shop, the same amount, the same order,
/// authorised within the window, and both payments stand.
pub fn require_duplicate(earlier: &Payment, later: &Payment, window: Span) -> Result<(), Refusal> {
    let (Some(first), Some(second)) = (earlier.authorized, later.authorized) else {
        return Err(Refusal::NotDuplicate);
    };
    let is_same = earlier.id.mid == later.id.mid
        && earlier.request.amount == later.request.amount
        && earlier.request.customer.id == later.request.customer.id
        && earlier.request.order_reference.is_some()
        && earlier.request.order_reference == later.request.order_reference;
    if is_same && is_within(first, second, window) && stands(earlier) && stands(later) {
        Ok(())
    } else {
        Err(Refusal::NotDuplicate)
    }
}

fn is_within(first: Authorization, second: Authorization, window: Span) -> bool {
    first.entry < second.entry && second.at <= first.at.plus(window)
}

/// Whether the payment has or may get the payer's money. One that was cancelled and paid again is no mistake.
fn stands(payment: &Payment) -> bool {
    payment.status == Status::Authorized || payment.refunded() < payment.captured()
}
