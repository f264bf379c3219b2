//! Calls and their answers, with times.

use std::time::Duration;

/// Everything that happened to one voucher and the payments that only it can pay.
#[derive(Clone, Debug)]
pub struct History {
    /// What the voucher was sold for, in minor units.
    pub worth: i64,
    pub currency: &'static str,
    /// What each payment asks for, in minor units. Each exists before the first call that names it.
    pub amounts: Vec<i64>,
    pub calls: Vec<Call>,
}

/// One call, from before it was sent until after it was answered. Times count from the beginning of the run.
#[derive(Clone, Debug)]
pub struct Call {
    pub action: Action,
    /// Calls with the same command take effect once, however often they are sent.
    pub command: Option<u16>,
    pub begun: Duration,
    /// None where no answer came: it may have taken effect, or may yet, or never will.
    pub answer: Option<Answered>,
}

#[derive(Clone, Copy, Debug)]
pub struct Answered {
    pub at: Duration,
    pub answer: Answer,
}

/// What was asked for. Payments are named by their place in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The voucher's PIN was typed on the payment's page.
    Pay {
        payment: usize,
    },
    Capture {
        payment: usize,
    },
    Cancel {
        payment: usize,
    },
    Refund {
        payment: usize,
        minor: i64,
    },
    LookAtPayment {
        payment: usize,
    },
    LookAtVoucher,
}

/// What the caller was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A capture, cancellation or refund was carried out.
    Done,
    /// It was not, and changed nothing.
    Refused,
    /// The page moved on to how the payment ended.
    Ended,
    /// The page asks for more, or another PIN.
    NotEnough,
    Payment(PaymentSeen),
    /// There is no such payment, or no such voucher. Both exist before they are named, so this is never right.
    Nothing,
    /// What is left on the voucher, in minor units.
    Voucher {
        left: i64,
    },
}

/// A payment as the API shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentSeen {
    pub phase: Phase,
    pub captured: i64,
    pub refunded: i64,
    /// How many refunds it lists.
    pub refunds: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    Open,
    Held,
    Captured,
    Cancelled,
    /// Its time was over; no history here takes so long.
    Expired,
}
