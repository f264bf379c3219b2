//! Numbers between the domain, whose numbers are unsigned, and SQLite, whose integers are signed.

use accounting::fact::Party;
use ids::command::Sequence;
use ids::voucher::Serial;
use payment::state::Status;
use store::reversal::ReversalKind;

/// Sequences, serials and counts: all far below 2^63.
pub(crate) fn stored(number: u64) -> i64 {
    number.cast_signed()
}

pub(crate) fn restored(number: i64) -> u64 {
    number.cast_unsigned()
}

pub(crate) fn sequence(number: i64) -> Sequence {
    Sequence(restored(number))
}

pub(crate) fn serial(number: i64) -> Option<Serial> {
    Serial::new(restored(number)).ok()
}

/// The number of a status in the tables, where those below 3 are open. Never changed, for it is stored.
pub(crate) fn status(status: Status) -> i64 {
    match status {
        Status::Initiated => 0,
        Status::Redirected => 1,
        Status::Authorized => 2,
        Status::Success => 3,
        Status::CanceledMerchant => 4,
        Status::CanceledCustomer => 5,
        Status::Expired => 6,
    }
}

/// The number of a party; merchants have seven digits and distributors ten.
pub(crate) fn party(party: Party) -> i64 {
    match party {
        Party::Merchant(id) => id.number().into(),
        Party::Distributor(id) => stored(id.number()),
    }
}

/// The number of a kind in the tables. Never changed, for it is stored.
pub(crate) fn reversal_kind(kind: ReversalKind) -> i64 {
    match kind {
        ReversalKind::PaymentAbandoned => 0,
        ReversalKind::CheckoutAbandoned => 1,
        ReversalKind::HoldLapsed => 2,
        ReversalKind::Duplicate => 3,
        ReversalKind::RefundLapsed => 4,
        ReversalKind::OrderUnconfirmed => 5,
        ReversalKind::Mismatch => 6,
    }
}
