//! The judge: who says, inside the command that pays, what an attempt is worth.

use ids::time::{Span, Timestamp};
use payment::attempt::{Attempt, Judgement};
use payment::merchant::Merchant;
use payment::payment::Payment;
use payment::state::Hold;
use voucher::voucher::Voucher;

/// Judges attempts to pay. It is asked between the load and the commit of a batch, so it never waits, and it always
/// answers; the same state and the same case give the same answer.
pub trait Judge: Send + Sync + 'static {
    /// None if nobody judges here, which lets every attempt pass.
    fn judge(&self, case: &Case<'_>) -> Option<Judged>;
}

/// An attempt whose vouchers are good and suffice.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub payment: &'a Payment,
    pub merchant: &'a Merchant,
    /// What each voucher is to pay, and the vouchers, in the same order.
    pub holds: &'a [Hold],
    pub vouchers: &'a [Voucher],
    pub attempt: &'a Attempt,
    pub now: Timestamp,
}

/// What the judge says.
#[derive(Clone, Debug)]
pub struct Judged {
    pub judgement: Judgement,
    /// How long a challenged payer is to think before the answer is taken.
    pub cool_down: Span,
    /// How long a person has to review the payment.
    pub review_time: Span,
    pub vouchers: Countermeasure,
}

/// What becomes of the vouchers of a payment that is blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countermeasure {
    Leave,
    /// They are frozen; the owner can get them released.
    Freeze,
}

/// The judge of a platform that judges nothing.
#[derive(Clone, Copy, Debug)]
pub struct LetPass;

impl Judge for LetPass {
    fn judge(&self, _: &Case<'_>) -> Option<Judged> {
        None
    }
}
