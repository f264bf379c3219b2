//! Corrections that nobody asked for: what an entry by a timer put right, and of whose.

use accounting::entry::Entry;
use accounting::fact::{Fact, Party};
use ids::object::{OrderId, PaymentId};
use payment::refund::RefundCause;
use payment::state::{Canceler, Change, Status};
use voucher::order::CancelCause;

/// What was left hanging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReversalKind {
    /// The shop asked for a payment, and nobody came to pay it.
    PaymentAbandoned,
    /// The payer left the checkout half-way.
    CheckoutAbandoned,
    /// Nobody decided about a payment in review.
    ReviewLapsed,
    /// Value was held and not captured in time.
    HoldLapsed,
    /// The same order was paid twice.
    Duplicate,
    /// A refund was checked and never carried out.
    RefundLapsed,
    /// A till never said that a sold voucher arrived.
    OrderUnconfirmed,
    /// A payment's row was not what its entries say.
    Mismatch,
}

/// What an entry put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reversal {
    pub kind: ReversalKind,
    pub party: Party,
    pub subject: ReversalSubject,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReversalSubject {
    Payment(PaymentId),
    Order(OrderId),
}

/// The number of a party in the tables; merchants have seven digits, distributors ten, and nothing is reversed for
/// the issuer's own people.
pub fn party_number(party: Party) -> u64 {
    match party {
        Party::Merchant(id) => id.number().into(),
        Party::Distributor(id) => id.number(),
        Party::Operator(id) => id.number().into(),
    }
}

impl ReversalKind {
    /// The number of a kind in the tables. Never changed, for it is stored.
    pub fn number(self) -> i16 {
        match self {
            ReversalKind::PaymentAbandoned => 0,
            ReversalKind::CheckoutAbandoned => 1,
            ReversalKind::HoldLapsed => 2,
            ReversalKind::Duplicate => 3,
            ReversalKind::RefundLapsed => 4,
            ReversalKind::OrderUnconfirmed => 5,
            ReversalKind::Mismatch => 6,
            ReversalKind::ReviewLapsed => 7,
        }
    }

    pub const ALL: [ReversalKind; 8] = [
        ReversalKind::PaymentAbandoned,
        ReversalKind::CheckoutAbandoned,
        ReversalKind::ReviewLapsed,
        ReversalKind::HoldLapsed,
        ReversalKind::Duplicate,
        ReversalKind::RefundLapsed,
        ReversalKind::OrderUnconfirmed,
        ReversalKind::Mismatch,
    ];
}

/// The reversal that the entry is, if it is one. The entry alone tells, so that every backend says the same.
pub fn of(entry: &Entry) -> Option<Reversal> {
    match entry.fact() {
        Fact::PaymentChanged {
            id,
            change,
            effects,
            ..
        } => Some(Reversal {
            kind: kind_of(change, !effects.is_empty())?,
            party: Party::Merchant(id.mid.merchant),
            subject: ReversalSubject::Payment(*id),
        }),
        Fact::OrderCancelled {
            order,
            cause: CancelCause::NotConfirmed,
            ..
        } => Some(Reversal {
            kind: ReversalKind::OrderUnconfirmed,
            party: Party::Distributor(order.distributor),
            subject: ReversalSubject::Order(*order),
        }),
        Fact::OrderCancelled {
            cause: CancelCause::Asked,
            ..
        }
        | Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VouchersIssued { .. }
        | Fact::VoucherChanged { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => None,
    }
}

/// `released`: whether vouchers got something back. Before it is authorised a payment holds value in a review alone; and
/// it tells the state before where an old entry does not.
fn kind_of(change: &Change, released: bool) -> Option<ReversalKind> {
    match change {
        Change::Expire { before } => match before {
            Some(Status::Initiated | Status::Redirected) if released => {
                Some(ReversalKind::ReviewLapsed)
            }
            Some(Status::Initiated) => Some(ReversalKind::PaymentAbandoned),
            Some(Status::Redirected) => Some(ReversalKind::CheckoutAbandoned),
            Some(Status::Authorized) => Some(ReversalKind::HoldLapsed),
            None if released => Some(ReversalKind::HoldLapsed),
            None => Some(ReversalKind::PaymentAbandoned),
            Some(
                Status::Success
                | Status::CanceledMerchant
                | Status::CanceledCustomer
                | Status::Expired,
            ) => None,
        },
        Change::Cancel {
            by: Canceler::DuplicateOf(_),
        }
        | Change::Refund {
            cause: RefundCause::DuplicateOf(_),
            ..
        }
        | Change::FlagDuplicate { .. } => Some(ReversalKind::Duplicate),
        Change::LapseRefund { .. } => Some(ReversalKind::RefundLapsed),
        Change::Stop { .. } => Some(ReversalKind::Mismatch),
        Change::Open { .. }
        | Change::RejectPin
        | Change::Authorize { .. }
        | Change::Capture { .. }
        | Change::Cancel {
            by:
                Canceler::Merchant
                | Canceler::Customer
                | Canceler::PinLimit
                | Canceler::Risk
                | Canceler::ChallengeLimit
                | Canceler::Reviewer,
        }
        | Change::ValidateRefund { .. }
        | Change::Refund {
            cause: RefundCause::Asked,
            ..
        }
        | Change::Resume { .. }
        | Change::Challenge { .. }
        | Change::FailChallenge
        | Change::Review { .. }
        | Change::Approve { .. }
        | Change::Release { .. }
        | Change::Label { .. }
        | Change::ErasePayer => None,
    }
}
