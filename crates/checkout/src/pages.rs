//! The pages, each a pure function of a view: plain values that the handlers fill in.

pub mod balance;
pub mod checkout;
pub mod error;
pub mod freeze;
pub mod home;
pub mod letters;
pub mod notes;
pub mod pin_problem;
pub mod privacy;
pub mod receipts;
pub mod refund;
pub mod result;

use askama::Template;
use ids::time::Timestamp;
use money::amount::Amount;

/// A voucher's share in a payment, as far as a page may show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherShare {
    pub serial_last_four: String,
    /// What this payment takes from it.
    pub used: Amount,
    /// What stays on it.
    pub left: Amount,
}

/// The shop that a payer goes back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    pub name: String,
    /// Where to go on: the shop's own address for success or failure.
    pub address: String,
}

/// The picture that tells at a glance how something ended.
enum Emblem {
    Check,
    Cross,
    Clock,
    Question,
    Lock,
}

/// The letters of a QR code (ISO/IEC 18004), as a drawing in squares of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrCode {
    /// How many squares it is wide, the quiet zone of four on each side included.
    pub width: usize,
    /// Draws the dark squares: the data of an SVG `path`.
    pub path: String,
}

fn rendered(page: &impl Template) -> String {
    page.render()
        .expect("writing to memory does not fail, and no template calls a filter that could")
}

/// Whole seconds from `now` to `end`, rounded up, never below zero.
pub fn seconds_between(now: Timestamp, end: Timestamp) -> u64 {
    u64::try_from(end.0.saturating_sub(now.0))
        .unwrap_or(0)
        .div_ceil(1_000)
}

#[cfg(test)]
mod preview;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
