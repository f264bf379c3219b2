//! Numbers between the domain, whose numbers are unsigned, and SQLite, whose integers are signed.

use ids::command::Sequence;
use ids::voucher::Serial;
use payment::state::Status;

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
