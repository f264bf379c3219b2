//! Why a command must be refused.

use engine::error::Refusal;
use payment::decide::Refusal as PaymentRefusal;
use voucher::order::CancelRefusal;

/// Reasons as a caller can tell them apart; details of amounts and states are left to unit tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    UnknownParty,
    Suspended,
    Currency,
    AmountOutOfBounds,
    Submerchant,
    WindowOutOfBounds,
    Duplicate,
    UnknownPayment,
    PaymentState,
    TimeOver,
    NotDue,
    TooManyVouchers,
    OfferedTwice,
    OtherCurrency,
    OtherCountry,
    AccountRequired,
    MoreNeeded { minor: i64 },
    CaptureTooMuch { left: i64 },
    RefundTooMuch { left: i64 },
    TooManyRefunds,
    OtherCustomer,
    RefundState,
    ReplacementsNeeded { count: usize },
    VoucherState,
    UnknownVoucher,
    VoucherTaken,
    UnknownProduct,
    Denomination,
    UnknownOrder,
    OrderState,
    TerminalLimit { number: u8 },
    ApiKey,
    Stopped,
    NoDuplicate,
    ProofMissing,
    TooEarly,
    InReview,
    NotInReview,
    SamePerson,
    Labelled,
    PayerErased,
    DocumentTooLarge,
    Raced,
}

impl Reason {
    pub fn of(refusal: &Refusal) -> Reason {
        match refusal {
            Refusal::UnknownMerchant | Refusal::UnknownDistributor | Refusal::UnknownOperator => {
                Reason::UnknownParty
            }
            Refusal::ChallengeOpen => Reason::ProofMissing,
            Refusal::ChallengeTooEarly => Reason::TooEarly,
            Refusal::DocumentTooLarge => Reason::DocumentTooLarge,
            Refusal::MerchantSuspended | Refusal::DistributorSuspended => Reason::Suspended,
            Refusal::CurrencyNotEnabled { .. } => Reason::Currency,
            Refusal::AmountAboveLimit { .. } | Refusal::AmountNotPositive => {
                Reason::AmountOutOfBounds
            }
            Refusal::UnknownSubmerchant | Refusal::SubmerchantSuspended => Reason::Submerchant,
            Refusal::CaptureWindowOutOfBounds => Reason::WindowOutOfBounds,
            Refusal::DuplicatePayment | Refusal::DuplicateOrder => Reason::Duplicate,
            Refusal::UnknownPayment => Reason::UnknownPayment,
            Refusal::UnknownRefund => Reason::RefundState,
            Refusal::Payment(refusal) => Reason::of_payment(refusal),
            Refusal::MoreVouchersNeeded { missing_minor } => Reason::MoreNeeded {
                minor: *missing_minor,
            },
            Refusal::ReplacementsNeeded { count } => Reason::ReplacementsNeeded { count: *count },
            Refusal::Voucher(voucher::state::Refusal::NotDue) => Reason::NotDue,
            Refusal::Voucher(_) => Reason::VoucherState,
            Refusal::UnknownVoucher => Reason::UnknownVoucher,
            Refusal::VoucherTaken => Reason::VoucherTaken,
            Refusal::UnknownProduct => Reason::UnknownProduct,
            Refusal::UnknownDenomination => Reason::Denomination,
            Refusal::UnknownOrder => Reason::UnknownOrder,
            Refusal::Order(CancelRefusal::NotDue) => Reason::NotDue,
            Refusal::Order(_) => Reason::OrderState,
            Refusal::TerminalLimit(limit) => Reason::TerminalLimit {
                number: limit.number,
            },
            Refusal::DuplicateWindowOutOfBounds | Refusal::ConfirmationWindowOutOfBounds => {
                Reason::WindowOutOfBounds
            }
            Refusal::VoucherStopped => Reason::Stopped,
            Refusal::UnknownApiKey | Refusal::ApiKeyExists => Reason::ApiKey,
            Refusal::ChangedMeanwhile | Refusal::DocumentChanged => Reason::Raced,
        }
    }

    fn of_payment(refusal: &PaymentRefusal) -> Reason {
        match refusal {
            PaymentRefusal::InvalidState { .. } => Reason::PaymentState,
            PaymentRefusal::PaymentTimeOver
            | PaymentRefusal::CaptureWindowOver
            | PaymentRefusal::RefundWindowOver => Reason::TimeOver,
            PaymentRefusal::NotDue => Reason::NotDue,
            PaymentRefusal::TooManyVouchers => Reason::TooManyVouchers,
            PaymentRefusal::VoucherOfferedTwice => Reason::OfferedTwice,
            PaymentRefusal::InsufficientValue {
                available_minor,
                wanted_minor,
            } => Reason::MoreNeeded {
                minor: wanted_minor - available_minor,
            },
            PaymentRefusal::OtherCurrency { .. } => Reason::OtherCurrency,
            PaymentRefusal::OtherCountry { .. } => Reason::OtherCountry,
            PaymentRefusal::AccountRequired => Reason::AccountRequired,
            PaymentRefusal::CaptureExceedsHold { available_minor } => Reason::CaptureTooMuch {
                left: *available_minor,
            },
            PaymentRefusal::RefundExceedsCapture { refundable_minor } => Reason::RefundTooMuch {
                left: *refundable_minor,
            },
            PaymentRefusal::TooManyRefunds => Reason::TooManyRefunds,
            PaymentRefusal::OtherCustomer => Reason::OtherCustomer,
            PaymentRefusal::RefundInvalidState { .. } => Reason::RefundState,
            PaymentRefusal::Stopped | PaymentRefusal::NotStopped => Reason::Stopped,
            PaymentRefusal::NotDuplicate | PaymentRefusal::DuplicateResolved => Reason::NoDuplicate,
            PaymentRefusal::InReview => Reason::InReview,
            PaymentRefusal::NotInReview => Reason::NotInReview,
            PaymentRefusal::SamePerson => Reason::SamePerson,
            PaymentRefusal::Labelled => Reason::Labelled,
            PaymentRefusal::PayerErased => Reason::PayerErased,
            PaymentRefusal::NotPositive => Reason::AmountOutOfBounds,
        }
    }
}
