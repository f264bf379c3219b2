//! Numbers between the domain, whose numbers are unsigned, and SQLite, whose integers are signed.

use ids::command::Sequence;
use ids::voucher::Serial;

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
