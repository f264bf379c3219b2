//! Screening: the challenge and the review that a risky payment passes before its value is the shop's.

use ids::party::OperatorId;
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;

use crate::decide::{Refusal, VOUCHERS_MAX, cancel, fee_on, require_payable, require_running};
use crate::label::Label;
use crate::payment::{Allocation, Authorization, ChangeDoesNotFit, Payment};
use crate::state::{Canceler, CaptureMode, Change, Hold, Status};

/// Wrong answers after which the payment is cancelled.
pub const FAILED_CHALLENGES_MAX: u8 = 3;
/// A shop's page is not kept open for longer.
pub const COOL_DOWN_MAX: Span = Span::MINUTE.times(15);
/// Once an answer is taken the payer has so long to give it, also where the payment's time would have been over by then.
pub const ANSWER_TIME: Span = Span::MINUTE.times(5);
/// How long a person has to review a payment, unless the platform is set up otherwise.
pub const REVIEW_TIME: Span = Span::HOUR.times(4);

/// One more proof that the payer has the vouchers: the serial number that is printed on each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The vouchers whose serial numbers are asked for, if they are to pay; at most as many as a payment takes.
    pub vouchers: Vec<Serial>,
    /// No answer is taken before: time for a payer who is being talked into paying to think again.
    pub not_before: Timestamp,
    pub failed: u8,
}

/// A payment that waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Review {
    /// When the value goes back if nobody has decided.
    pub until: Timestamp,
    /// The first of two people who let it go.
    pub approved_by: Option<OperatorId>,
}

/// How many people it takes to let a reviewed payment go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approvals {
    One,
    Two,
}

/// What the payer's answer to a challenge is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Nothing was asked, or not for these vouchers.
    NotAsked,
    /// A challenge is open, and nothing was answered.
    Missing,
    /// The time to think again is not over.
    TooEarly,
    Wrong,
    Right,
}

/// What the payer's answer proves for the vouchers that are to pay. Every voucher that pays must be among those
/// whose serials were asked for: a proof for one says nothing of another.
pub fn proof(payment: &Payment, holds: &[Hold], answers: &[Serial], now: Timestamp) -> Proof {
    let Some(challenge) = &payment.challenge else {
        return Proof::NotAsked;
    };
    let asked = |hold: &Hold| challenge.vouchers.contains(&hold.serial);
    if !holds.iter().all(asked) {
        return Proof::NotAsked;
    }
    if answers.is_empty() {
        return Proof::Missing;
    }
    if now < challenge.not_before {
        return Proof::TooEarly;
    }
    // More answers than questions are guesses.
    let is_bounded = answers.len() <= challenge.vouchers.len();
    let answered = |hold: &Hold| answers.contains(&hold.serial);
    if is_bounded && holds.iter().all(answered) {
        Proof::Right
    } else {
        Proof::Wrong
    }
}

/// Lets a reviewed payment go, or notes the first of two approvals.
pub fn approve(
    payment: &Payment,
    by: OperatorId,
    needed: Approvals,
    fee_basis_points: u16,
    now: Timestamp,
) -> Result<Change, Refusal> {
    require_running(payment)?;
    let review = payment.review.ok_or(Refusal::NotInReview)?;
    if review.until <= now {
        return Err(Refusal::PaymentTimeOver);
    }
    match (needed, review.approved_by) {
        (Approvals::Two, None) => return Ok(Change::Approve { by }),
        (Approvals::Two, Some(first)) if first == by => return Err(Refusal::SamePerson),
        (Approvals::Two, Some(_)) | (Approvals::One, _) => {}
    }
    let mode = payment.request.capture;
    Ok(Change::Release {
        by,
        hold_until: now.plus(payment.request.capture_window),
        mode,
        fee_minor: match mode {
            CaptureMode::Manual => 0,
            CaptureMode::Automatic => fee_on(payment.request.amount, fee_basis_points),
        },
    })
}

/// Asks for the serial numbers of the vouchers that are to pay, beside those that were asked for before, so that a
/// payment is challenged anew for as many vouchers as it may take and is cancelled with a further one.
/// None is answered before `cool_down` is over, nor before what a challenge before this one set.
pub fn challenge(
    payment: &Payment,
    holds: &[Hold],
    cool_down: Span,
    now: Timestamp,
) -> Result<Change, Refusal> {
    require_payable(payment, now)?;
    let asked = payment.challenge.as_ref();
    let mut vouchers = asked.map_or_else(Vec::new, |asked| asked.vouchers.clone());
    for hold in holds {
        if !vouchers.contains(&hold.serial) {
            vouchers.push(hold.serial);
        }
    }
    if VOUCHERS_MAX < vouchers.len() {
        return cancel(payment, Canceler::ChallengeLimit);
    }
    let not_before = now.plus(cool_down.min(COOL_DOWN_MAX));
    Ok(Change::Challenge {
        vouchers,
        not_before: asked.map_or(not_before, |asked| asked.not_before.max(not_before)),
    })
}

/// Says what the payment turned out to be; saying it again changes nothing and is refused.
pub fn label(payment: &Payment, label: Label) -> Result<Change, Refusal> {
    require_running(payment)?;
    if payment.label == Some(label) {
        return Err(Refusal::Labelled);
    }
    Ok(Change::Label { label })
}

impl Payment {
    /// Makes a change that screening asks for.
    pub(crate) fn screen(
        &mut self,
        change: &Change,
        now: Authorization,
    ) -> Result<(), ChangeDoesNotFit> {
        match change {
            Change::Challenge {
                vouchers,
                not_before,
            } => {
                self.require_payable()?;
                let failed = self.challenge.as_ref().map_or(0, |asked| asked.failed);
                self.challenge = Some(Challenge {
                    vouchers: vouchers.clone(),
                    not_before: *not_before,
                    failed,
                });
                self.due_at = self.due_at.max(not_before.plus(ANSWER_TIME));
            }
            Change::FailChallenge => {
                self.require_payable()?;
                let misfit = self.misfit();
                let challenge = self.challenge.as_mut().ok_or(misfit)?;
                challenge.failed = challenge.failed.saturating_add(1);
            }
            Change::Review { holds, until } => {
                self.require_payable()?;
                self.require_whole(holds)?;
                let held = |hold: &Hold| Allocation::authorized(hold, CaptureMode::Manual);
                self.allocations = holds.iter().map(held).collect();
                self.due_at = *until;
                self.review = Some(Review {
                    until: *until,
                    approved_by: None,
                });
            }
            Change::Approve { by } => {
                let misfit = self.misfit();
                self.review.as_mut().ok_or(misfit)?.approved_by = Some(*by);
            }
            Change::Release {
                hold_until,
                mode,
                fee_minor,
                ..
            } => {
                self.review.take().ok_or(self.misfit())?;
                self.release(*hold_until, *mode, *fee_minor);
                self.authorized = Some(now);
            }
            Change::Label { label } => self.label = Some(*label),
            _ => return Err(self.misfit()),
        }
        Ok(())
    }

    /// Makes what was held for a review the shop's, as an authorisation would have.
    fn release(&mut self, hold_until: Timestamp, mode: CaptureMode, fee_minor: i64) {
        match mode {
            CaptureMode::Manual => {
                self.status = Status::Authorized;
                self.due_at = hold_until;
            }
            CaptureMode::Automatic => {
                for part in &mut self.allocations {
                    part.captured = std::mem::take(&mut part.held);
                }
                self.status = Status::Success;
                self.due_at = Timestamp::NEVER;
                self.fee_minor = fee_minor;
            }
        }
    }
}
