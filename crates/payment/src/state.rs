//! The states of a payment, by their names in the public API, and the changes between them.

use std::net::IpAddr;

use ids::object::{PaymentId, RefundId};
use ids::party::OperatorId;
use ids::time::Timestamp;
use ids::voucher::{Country, ProductId, Serial};

use crate::label::Label;
use crate::refund::{RefundCause, RefundRequest, RefundShare};

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The shop asked for it.
    Initiated,
    /// The payer has opened the checkout.
    Redirected,
    /// The value is held.
    Authorized,
    /// Captured; final but for refunds.
    Success,
    CanceledMerchant,
    CanceledCustomer,
    Expired,
}

impl Status {
    pub const ALL: [Status; 7] = [
        Status::Initiated,
        Status::Redirected,
        Status::Authorized,
        Status::Success,
        Status::CanceledMerchant,
        Status::CanceledCustomer,
        Status::Expired,
    ];

    /// Whether no timer and no command but a refund can change the payment any more.
    pub fn is_final(self) -> bool {
        match self {
            Status::Initiated | Status::Redirected | Status::Authorized => false,
            Status::Success
            | Status::CanceledMerchant
            | Status::CanceledCustomer
            | Status::Expired => true,
        }
    }
}

/// When authorised value is captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaptureMode {
    /// The shop captures.
    Manual,
    /// The authorisation captures at once.
    Automatic,
}

/// Whether a capture leaves the rest held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finality {
    /// More captures may follow.
    Open,
    /// What is not captured goes back to the vouchers.
    Final,
}

/// Who cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canceler {
    Merchant,
    Customer,
    /// Too many wrong PINs.
    PinLimit,
    /// The merchant's terms: another payment had paid for the same order.
    DuplicateOf(PaymentId),
    /// The attempt was judged too risky.
    Risk,
    /// Too many wrong answers to a challenge.
    ChallengeLimit,
    /// Whoever reviewed the payment refused it.
    Reviewer,
}

/// Why a payment is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// Its row is not what its entries say.
    Mismatch,
}

/// The part of a payment that one voucher holds. Minor units of the payment's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    pub serial: Serial,
    pub product: ProductId,
    pub country: Country,
    pub minor: i64,
}

/// One change of a payment, complete: whoever replays it needs no decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The payer opened the checkout.
    Open { address: Option<IpAddr> },
    /// The payer typed a PIN that did not pay.
    RejectPin,
    /// Value is held on the vouchers, and captured with it if the mode is automatic.
    Authorize {
        holds: Vec<Hold>,
        hold_until: Timestamp,
        mode: CaptureMode,
        fee_minor: i64,
    },
    /// One share for each hold, in their order; `Final` releases the rest.
    Capture {
        shares: Vec<i64>,
        fee_minor: i64,
        finality: Finality,
    },
    /// Ends the payment and releases what is held and not captured.
    Cancel { by: Canceler },
    /// Ends the payment because its time is over, and releases what is held and not captured. `before` is the state
    /// that it was in; entries of the first format do not name it.
    Expire { before: Option<Status> },
    /// A refund that was checked and not carried out.
    ValidateRefund {
        id: RefundId,
        request: RefundRequest,
    },
    /// Gives captured value back.
    Refund {
        id: RefundId,
        request: RefundRequest,
        shares: Vec<RefundShare>,
        cause: RefundCause,
    },
    /// Ends a refund that was checked and never carried out.
    LapseRefund { id: RefundId },
    /// Marks the payment as the second one for its order; `of` was the first.
    FlagDuplicate { of: PaymentId },
    /// Keeps every other change away until the payment is let go.
    Stop { cause: StopCause },
    /// Lets a stopped payment go; it ends by itself at `due_at`.
    Resume { due_at: Timestamp },
    /// Asks the payer for the serial numbers of these vouchers before they may pay, and takes no answer before
    /// `not_before`.
    Challenge {
        vouchers: Vec<Serial>,
        not_before: Timestamp,
    },
    /// The payer answered the challenge wrongly.
    FailChallenge,
    /// Holds the value until a person has decided, or until `until`.
    Review { holds: Vec<Hold>, until: Timestamp },
    /// One person lets a payment go that needs two.
    Approve { by: OperatorId },
    /// A person lets a payment go that was held for review: it is authorised, or captured if its mode is automatic.
    Release {
        by: OperatorId,
        hold_until: Timestamp,
        mode: CaptureMode,
        fee_minor: i64,
    },
    /// Says what the payment turned out to be.
    Label { label: Label },
    /// Forgets what is known of the payer: addresses, and where refunds are told.
    ErasePayer,
}

impl Change {
    /// Whether the change makes value the shop's to capture: at once, or after a review.
    pub fn authorizes(&self) -> bool {
        match self {
            Change::Authorize { .. } | Change::Release { .. } => true,
            Change::Open { .. }
            | Change::RejectPin
            | Change::Capture { .. }
            | Change::Cancel { .. }
            | Change::Expire { .. }
            | Change::ValidateRefund { .. }
            | Change::Refund { .. }
            | Change::LapseRefund { .. }
            | Change::FlagDuplicate { .. }
            | Change::Stop { .. }
            | Change::Resume { .. }
            | Change::Challenge { .. }
            | Change::FailChallenge
            | Change::Review { .. }
            | Change::Approve { .. }
            | Change::Label { .. }
            | Change::ErasePayer => false,
        }
    }
}
