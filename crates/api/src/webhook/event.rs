//! Which events a change of a payment makes.

use ids::object::RefundId;
use payment::payment::Payment;
use payment::refund::{RefundCause, RefundShare};
use payment::state::{Canceler, CaptureMode, Change, Status};

#[cfg(test)]
mod tests;

/// What a webhook tells, by its `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// `payment.created`: the shop asked for a payment; it is INITIATED.
    Created,
    /// `payment.redirected`: the payer has opened the checkout; it is REDIRECTED.
    Redirected,
    /// `payment.authorized`: the value is held.
    Authorized,
    /// `payment.captured`: value was captured, in part or whole. More may follow while the payment is AUTHORIZED.
    Captured,
    /// `payment.released`: a payment of which a part was captured has ended in SUCCESS, and the rest went back.
    Released,
    /// `payment.canceled`: it ended in CANCELED_MERCHANT or CANCELED_CUSTOMER, and what was held went back.
    Canceled,
    /// `payment.expired`: its time was over, and what was held went back.
    Expired,
    /// `payment.refund_validated`: a refund was checked; no money has moved.
    RefundValidated,
    /// `payment.refunded`: captured value was given back.
    Refunded,
    /// `payment.refund_lapsed`: a refund that was checked was not carried out in time, and is no more.
    RefundLapsed,
    /// `payment.duplicate_found`: another payment had paid for the same order. `duplicate_of` names it; what was given
    /// back follows in a message of its own.
    DuplicateFound,
    /// `payment.in_review`: the value is held, and a person at the issuer decides.
    InReview,
    /// `payment.risk_notice`: an attempt to pay was judged, and a rule that matched asks that the merchant be told. `reasons`
    /// says why.
    RiskNotice,
    /// `payment.stopped`: the payment's record is in doubt, and nothing changes it until the issuer has looked.
    Stopped,
    /// `payment.resumed`: it goes on.
    Resumed,
    /// `payment.payer_erased`: the issuer has forgotten the payer. Whoever was given the payer's data is told, so that it can
    /// be forgotten there too (GDPR article 19).
    PayerErased,
    /// `webhook.test`: the merchant asked for a test call.
    Test,
}

/// One thing to tell about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    /// What this event moved, minor units of the payment's currency; none where no value moved.
    pub moved_minor: Option<i64>,
    /// The refund that it is about.
    pub refund: Option<RefundId>,
}

impl EventKind {
    /// The `type` of the message.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Created => "payment.created",
            EventKind::Redirected => "payment.redirected",
            EventKind::Authorized => "payment.authorized",
            EventKind::Captured => "payment.captured",
            EventKind::Released => "payment.released",
            EventKind::Canceled => "payment.canceled",
            EventKind::Expired => "payment.expired",
            EventKind::RefundValidated => "payment.refund_validated",
            EventKind::Refunded => "payment.refunded",
            EventKind::RefundLapsed => "payment.refund_lapsed",
            EventKind::DuplicateFound => "payment.duplicate_found",
            EventKind::InReview => "payment.in_review",
            EventKind::RiskNotice => "payment.risk_notice",
            EventKind::Stopped => "payment.stopped",
            EventKind::Resumed => "payment.resumed",
            EventKind::PayerErased => "payment.payer_erased",
            EventKind::Test => "webhook.test",
        }
    }
}

/// Whether a change is told at all: a mistyped PIN is not, nor what passes between the payer and the issuer alone.
pub fn is_told(change: &Change) -> bool {
    match change {
        Change::RejectPin
        | Change::Challenge { .. }
        | Change::FailChallenge
        | Change::Approve { .. }
        | Change::Label { .. } => false,
        Change::Open { .. }
        | Change::Authorize { .. }
        | Change::Capture { .. }
        | Change::Cancel { .. }
        | Change::Expire { .. }
        | Change::ValidateRefund { .. }
        | Change::Refund { .. }
        | Change::LapseRefund { .. }
        | Change::FlagDuplicate { .. }
        | Change::Stop { .. }
        | Change::Review { .. }
        | Change::Release { .. }
        | Change::Resume { .. }
        | Change::ErasePayer => true,
    }
}

/// The events of a change, in the order of their happening; `after` is the payment that it led to.
///
/// `held_before` is what was held before the change, minor units.
pub fn events(change: &Change, held_before: i64, after: &Payment) -> Vec<Event> {
    match change {
        Change::Open { .. } => vec![unmoved(EventKind::Redirected)],
        Change::RejectPin
        | Change::Challenge { .. }
        | Change::FailChallenge
        | Change::Approve { .. }
        | Change::Label { .. } => Vec::new(),
        Change::Authorize { holds, mode, .. } => {
            authorized(holds.iter().map(|hold| hold.minor).sum(), *mode)
        }
        Change::Review { holds, .. } => {
            let minor = holds.iter().map(|hold| hold.minor).sum();
            vec![moved(EventKind::InReview, minor)]
        }
        Change::Release { mode, .. } => {
            let parts = after.allocations.iter();
            authorized(parts.map(|part| part.authorized).sum(), *mode)
        }
        Change::Capture { shares, .. } => {
            vec![moved(EventKind::Captured, shares.iter().sum())]
        }
        Change::Cancel {
            by: Canceler::DuplicateOf(_),
        } => vec![unmoved(EventKind::DuplicateFound), end(held_before, after)],
        Change::Cancel {
            by:
                Canceler::Merchant
                | Canceler::Customer
                | Canceler::PinLimit
                | Canceler::Risk
                | Canceler::ChallengeLimit
                | Canceler::Reviewer,
        }
        | Change::Expire { .. } => vec![end(held_before, after)],
        Change::ValidateRefund { id, request } => vec![Event {
            refund: Some(*id),
            ..moved(EventKind::RefundValidated, request.minor)
        }],
        Change::Refund {
            id, shares, cause, ..
        } => refunded(*id, shares, cause),
        Change::LapseRefund { id } => vec![Event {
            refund: Some(*id),
            ..unmoved(EventKind::RefundLapsed)
        }],
        Change::FlagDuplicate { .. } => vec![unmoved(EventKind::DuplicateFound)],
        Change::Stop { .. } => vec![unmoved(EventKind::Stopped)],
        Change::Resume { .. } => vec![unmoved(EventKind::Resumed)],
        Change::ErasePayer => vec![unmoved(EventKind::PayerErased)],
    }
}

fn authorized(minor: i64, mode: CaptureMode) -> Vec<Event> {
    let authorized = moved(EventKind::Authorized, minor);
    match mode {
        CaptureMode::Manual => vec![authorized],
        CaptureMode::Automatic => vec![authorized, moved(EventKind::Captured, minor)],
    }
}

fn refunded(id: RefundId, shares: &[RefundShare], cause: &RefundCause) -> Vec<Event> {
    let minor = shares.iter().map(|share| share.minor).sum();
    let refunded = Event {
        refund: Some(id),
        ..moved(EventKind::Refunded, minor)
    };
    match cause {
        RefundCause::Asked => vec![refunded],
        RefundCause::DuplicateOf(_) => vec![unmoved(EventKind::DuplicateFound), refunded],
    }
}

/// How the payment ended: a payment of which something was captured succeeds, whoever ends it.
fn end(held_before: i64, after: &Payment) -> Event {
    let kind = match after.status {
        Status::CanceledMerchant | Status::CanceledCustomer => EventKind::Canceled,
        Status::Expired => EventKind::Expired,
        Status::Initiated | Status::Redirected | Status::Authorized | Status::Success => {
            EventKind::Released
        }
    };
    if held_before == 0 {
        unmoved(kind)
    } else {
        moved(kind, held_before)
    }
}

pub(super) fn unmoved(kind: EventKind) -> Event {
    Event {
        kind,
        moved_minor: None,
        refund: None,
    }
}

fn moved(kind: EventKind, minor: i64) -> Event {
    Event {
        kind,
        moved_minor: Some(minor),
        refund: None,
    }
}
