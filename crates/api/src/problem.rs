//! Error answers: which one belongs to which refusal or failure.

use std::borrow::Cow;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use engine::error::{CommandError, Refusal};
use http::StatusCode;
use money::amount::Amount;
use money::currency::Currency;
use payment::refund::RefundStatus;
use payment::state::Status;
use store::failure::Failure;
use voucher::order::CancelRefusal;
use web::problem::{Applied, Extension, Problem};

use crate::problem::catalogue as kinds;
use crate::wire;

pub mod catalogue;

#[cfg(test)]
mod tests;

/// One kind of error: what all its occurrences have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    pub status: u16,
    /// paysafecard's number where it has one; numbers from 9000 are Scrip's own.
    pub number: u32,
    /// Stable; also the anchor in the documentation.
    pub code: &'static str,
    pub message: &'static str,
    /// What the caller does about it.
    pub remedy: &'static str,
}

/// A request that was not carried out, and the answer that says why.
#[derive(Debug)]
pub struct Refused(Box<Problem>);

/// What a command was about: the same refusal has different numbers for a payment and for a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Payment(Currency),
    Refund(Currency),
    Order,
    Account,
}

/// How long a caller waits before it asks a busy or stopping server again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Kind {
    /// An occurrence of this kind; `detail` says what happened here.
    pub fn because(&'static self, detail: impl Into<Cow<'static, str>>) -> Refused {
        let status =
            StatusCode::from_u16(self.status).expect("the catalogue holds valid status codes");
        let is_temporary = status == StatusCode::SERVICE_UNAVAILABLE;
        Refused(Box::new(Problem {
            status,
            code: self.code,
            number: self.number,
            param: None,
            message: self.message.into(),
            title: self.message,
            detail: detail.into(),
            instance: None,
            applied: Applied::Nothing,
            extension: None,
            retry_after: is_temporary.then_some(RETRY_AFTER),
        }))
    }

    /// An occurrence of which nothing more is to be said.
    pub fn refused(&'static self) -> Refused {
        self.because(self.remedy)
    }

    /// An occurrence that one member of the request caused.
    pub fn of_param(
        &'static self,
        param: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Refused {
        self.because(detail).at(param)
    }
}

impl Refused {
    /// Names the member of the request that is at fault.
    pub fn at(mut self, param: impl Into<Cow<'static, str>>) -> Refused {
        self.0.param = Some(param.into());
        self
    }

    /// Does not claim that nothing was applied.
    pub fn perhaps_applied(mut self) -> Refused {
        self.0.applied = Applied::Unknown;
        self
    }

    /// Says how the thing stands that the command was about.
    pub fn with(mut self, extension: Extension) -> Refused {
        self.0.extension = Some(extension);
        self
    }

    /// Says more of what happened.
    pub fn detailed(mut self, more: &str) -> Refused {
        let detail = &self.0.detail;
        self.0.detail = format!("{detail} {more}").into();
        self
    }

    pub fn problem(&self) -> &Problem {
        &self.0
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

/// A member of the request that cannot be what it is.
pub fn invalid(
    param: impl Into<Cow<'static, str>>,
    detail: impl Into<Cow<'static, str>>,
) -> Refused {
    let detail = detail.into();
    let mut refused = kinds::INVALID_REQUEST_PARAMETER.of_param(param, detail.clone());
    // paysafecard's message tells what is wrong with the parameter, and shops print it.
    refused.0.message = detail;
    refused
}

/// A member of the request that has to be there.
pub fn missing(param: impl Into<Cow<'static, str>>) -> Refused {
    invalid(param, "may not be null")
}

/// The answer to a command that had no effect.
pub fn of(error: CommandError, subject: Subject) -> Refused {
    match error {
        CommandError::Refused(refusal) => of_refusal(refusal, subject),
        CommandError::IdempotencyKeyReused => kinds::IDEMPOTENCY_KEY_REUSED
            .refused()
            .at("Idempotency-Key"),
        CommandError::Overloaded => kinds::TEMPORARILY_UNAVAILABLE
            .because("Too many commands wait. Send the same request again in a moment."),
        // The command may have been on its way to the disk: only the idempotency key tells.
        CommandError::Stopped => kinds::TEMPORARILY_UNAVAILABLE
            .because("The server is stopping. Send the same request again in a moment.")
            .perhaps_applied(),
        CommandError::Storage(failure) => of_failure(&failure),
        CommandError::Fault => kinds::GENERAL_TECHNICAL_ERROR
            .because("The command met a fault of the platform. Its operator finds more in the log.")
            .perhaps_applied(),
    }
}

fn of_failure(failure: &Failure) -> Refused {
    tracing::error!(error = %failure, source = ?std::error::Error::source(failure), "the storage failed");
    match failure {
        Failure::Full { .. } => kinds::TEMPORARILY_UNAVAILABLE
            .because("The platform has no room to record the command. Send it again later."),
        Failure::Closed => kinds::TEMPORARILY_UNAVAILABLE
            .because("The server is stopping. Send the same request again in a moment."),
        Failure::Unavailable { .. } => kinds::TEMPORARILY_UNAVAILABLE.because(
            "The platform's storage does not answer. Send the same request again in a moment.",
        ),
        Failure::NotServed { .. } => kinds::TEMPORARILY_UNAVAILABLE.because(
            "The data of this platform has moved or is on its way, and this node does not serve it any more: nothing was \
             applied. Send the same request again in a moment, and another node answers it. Where the data is now, its \
             operator finds in this node's log.",
        ),
        // A write whose confirmation was lost may stand all the same.
        Failure::Io { .. } => kinds::GENERAL_TECHNICAL_ERROR
            .because("The platform's storage failed. Its operator finds more in the log.")
            .perhaps_applied(),
        Failure::Corrupt { .. }
        | Failure::Newer { .. }
        | Failure::InUse { .. }
        | Failure::Unsuitable { .. } => kinds::GENERAL_TECHNICAL_ERROR
            .because("The platform's storage failed. Its operator finds more in the log."),
    }
}

fn of_refusal(refusal: Refusal, subject: Subject) -> Refused {
    match refusal {
        Refusal::Payment(refusal) => of_payment_refusal(refusal, subject),
        Refusal::MerchantSuspended => kinds::MERCHANT_NOT_ACTIVE.refused(),
        Refusal::CurrencyNotEnabled { currency } => kinds::CURRENCY_NOT_ENABLED.of_param(
            "currency",
            format!("The merchant takes no payments in {currency}. GET /v1/merchant lists its currencies."),
        ),
        Refusal::AmountAboveLimit { limit_minor, currency } => kinds::MAX_AMOUNT_EXCEEDED
            .of_param("amount", format!("A payment is at most {}.", Amount::new(limit_minor, currency))),
        Refusal::AmountNotPositive => kinds::AMOUNT_NOT_POSITIVE.refused().at("amount"),
        Refusal::UnknownSubmerchant => kinds::SUBMERCHANT_NOT_FOUND.refused().at("submerchant_id"),
        Refusal::SubmerchantSuspended => kinds::SUBMERCHANT_NOT_ACTIVE.refused().at("submerchant_id"),
        Refusal::CaptureWindowOutOfBounds => {
            invalid("capture_window", "a capture window is 60 to 604800 seconds")
        }
        Refusal::VoucherStopped => kinds::VOUCHER_STOPPED.refused(),
        Refusal::ConfirmationWindowOutOfBounds => {
            invalid("confirmation_window", "a confirmation window is 10 to 3600 seconds")
        }
        Refusal::DuplicateWindowOutOfBounds => {
            invalid("duplicates.window", "a window for duplicates is 60 to 86400 seconds")
        }
        Refusal::DuplicatePayment => kinds::DUPLICATE_TRANSACTION_ID.of_param(
            "Correlation-ID",
            "A payment with this Correlation-ID exists, and it was asked for in another way. Only the same request again is answered as it was then.",
        ),
        Refusal::UnknownPayment => unknown_payment(subject),
        Refusal::UnknownRefund => kinds::UNKNOWN_TRANSACTION.because("There is no such refund."),
        Refusal::Voucher(refusal) => kinds::INVALID_CARD_STATE
            .because(format!("The voucher cannot be voided: {refusal}.")),
        Refusal::UnknownVoucher | Refusal::UnknownOrder => kinds::ORDER_NOT_FOUND.refused(),
        Refusal::DistributorSuspended => kinds::DISTRIBUTOR_NOT_ACTIVE.refused(),
        Refusal::UnknownProduct => kinds::PRODUCT_NOT_ALLOWED.refused().at("product_id"),
        Refusal::UnknownDenomination => kinds::FACEVALUE_FORMAT_ERROR.refused().at("amount"),
        Refusal::DuplicateOrder => kinds::DUPLICATE_CORRELATION_ID.refused().at("Correlation-ID"),
        Refusal::Order(CancelRefusal::AlreadyCancelled) => kinds::CANCEL_ALREADY_PROCESSED.refused(),
        Refusal::Order(CancelRefusal::TooLate) => kinds::CANCEL_ORDER_TOO_LATE.refused(),
        // These answer timers; a confirmation that stands is answered as one.
        Refusal::Order(CancelRefusal::Confirmed | CancelRefusal::NotDue) => {
            kinds::CANCEL_ORDER_TOO_LATE.because("The delivery of the order is confirmed.")
        }
        Refusal::TerminalLimit(reached) => kinds::terminal_limit(reached.number).refused().at("terminal_id"),
        Refusal::ChangedMeanwhile => match subject {
            Subject::Account => kinds::CHANGED_MEANWHILE.refused(),
            Subject::Payment(_) | Subject::Refund(_) | Subject::Order => kinds::TEMPORARILY_UNAVAILABLE
                .because("Other commands changed the same thing meanwhile. Send the request again."),
        },
        Refusal::DocumentChanged => kinds::CHANGED_MEANWHILE.refused(),
        Refusal::DocumentTooLarge => invalid("content", "it is larger than 8 MiB"),
        // These answer payers.
        Refusal::ChallengeOpen
        | Refusal::ChallengeTooEarly
        | Refusal::UnknownOperator
        | Refusal::MoreVouchersNeeded { .. }
        | Refusal::ReplacementsNeeded { .. }
        | Refusal::VoucherTaken
        | Refusal::UnknownMerchant
        | Refusal::UnknownDistributor
        | Refusal::UnknownApiKey
        | Refusal::ApiKeyExists => kinds::GENERAL_TECHNICAL_ERROR
            .because("The command met a fault of the platform. Sending it again may help."),
    }
}

fn of_payment_refusal(refusal: payment::decide::Refusal, subject: Subject) -> Refused {
    use payment::decide::Refusal;
    match refusal {
        Refusal::InvalidState { status } => invalid_state(status, subject),
        Refusal::CaptureWindowOver => kinds::CAPTURE_WINDOW_OVER.refused(),
        Refusal::RefundWindowOver => kinds::REFUND_INVALID_STATE.because(
            "A payment can be refunded within 45 days of its creation. That time is over.",
        ),
        Refusal::CaptureExceedsHold { available_minor } => kinds::CAPTURE_EXCEEDS_AUTHORIZED
            .of_param(
                "amount",
                format!(
                    "{} is left to capture.",
                    in_currency(available_minor, subject)
                ),
            ),
        Refusal::RefundExceedsCapture { refundable_minor } => kinds::REFUND_EXCEEDS_ORIGINAL
            .of_param(
                "amount",
                format!(
                    "{} is left to refund.",
                    in_currency(refundable_minor, subject)
                ),
            ),
        Refusal::TooManyRefunds => kinds::TOO_MANY_REFUNDS.refused(),
        Refusal::OtherCustomer => kinds::REFUND_CLIENT_ID_NOT_MATCHING
            .refused()
            .at("customer.id"),
        Refusal::RefundInvalidState {
            status: RefundStatus::Success,
        } => kinds::PAYMENT_INVALID_STATE.because("The refund has been carried out."),
        Refusal::RefundInvalidState {
            status: RefundStatus::Lapsed,
        } => kinds::PAYMENT_INVALID_STATE.because(
            "The refund was checked and not carried out within a day, and has lapsed. Create another one.",
        ),
        Refusal::Stopped => kinds::PAYMENT_STOPPED.refused(),
        Refusal::RefundInvalidState {
            status: RefundStatus::ValidationSuccessful,
        } => kinds::DUPLICATE_TRANSACTION_ID.of_param(
            "Correlation-ID",
            "A refund with this Correlation-ID exists and waits to be captured.",
        ),
        Refusal::NotPositive => match subject {
            Subject::Refund(_) => kinds::INVALID_AMOUNT.refused().at("amount"),
            Subject::Payment(_) | Subject::Order | Subject::Account => {
                kinds::AMOUNT_NOT_POSITIVE.refused().at("amount")
            }
        },
        Refusal::InReview
        | Refusal::NotInReview
        | Refusal::SamePerson
        | Refusal::Labelled => of_screening(refusal),
        // These answer payers and timers; a merchant's command cannot meet them.
        Refusal::PaymentTimeOver
        | Refusal::NotDue
        | Refusal::NotStopped
        | Refusal::NotDuplicate
        | Refusal::DuplicateResolved
        | Refusal::PayerErased
        | Refusal::TooManyVouchers
        | Refusal::VoucherOfferedTwice
        | Refusal::InsufficientValue { .. }
        | Refusal::OtherCurrency { .. }
        | Refusal::OtherCountry { .. }
        | Refusal::AccountRequired => kinds::PAYMENT_INVALID_STATE
            .because(format!("The payment cannot change so: {refusal}.")),
    }
}

/// Refusals that concern a review or a label.
fn of_screening(refusal: payment::decide::Refusal) -> Refused {
    use payment::decide::Refusal;
    let words = match refusal {
        Refusal::InReview => {
            "A person at the issuer reviews the payment. Wait for what comes of it."
        }
        Refusal::NotInReview => {
            "The payment waits for nobody's decision: it was decided, or its time is over."
        }
        Refusal::SamePerson => {
            "Two people must let a payment of this amount go. Ask somebody else for the second approval."
        }
        _ => "The payment has this label already.",
    };
    kinds::PAYMENT_INVALID_STATE.because(words)
}

/// The answer where no such payment of this merchant exists.
pub fn unknown_payment(subject: Subject) -> Refused {
    match subject {
        Subject::Refund(_) => kinds::REFUND_MISSING_TRANSACTION.refused(),
        Subject::Payment(_) | Subject::Order | Subject::Account => {
            kinds::UNKNOWN_TRANSACTION.refused()
        }
    }
}

fn invalid_state(status: Status, subject: Subject) -> Refused {
    let found = wire::payment::Status::from(status).name();
    match subject {
        Subject::Refund(_) => kinds::REFUND_INVALID_STATE.because(format!(
            "Only captured payments are refunded; this one is {found}."
        )),
        Subject::Payment(_) | Subject::Order | Subject::Account => {
            kinds::PAYMENT_INVALID_STATE.because(format!("The payment is {found}."))
        }
    }
}

fn in_currency(minor: i64, subject: Subject) -> String {
    match subject {
        Subject::Payment(currency) | Subject::Refund(currency) => {
            Amount::new(minor, currency).to_string()
        }
        Subject::Order | Subject::Account => format!("{minor} minor units"),
    }
}
