//! Why a command has no effect.

use std::sync::Arc;

use money::currency::Currency;
use store::failure::Failure;
use voucher::distributor::TerminalLimitReached;
use voucher::order::CancelRefusal;

/// A command that was not carried out. Nothing was applied, unless [`CommandError::effect`] cannot tell.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommandError {
    /// The rules say no.
    #[error("refused")]
    Refused(#[from] Refusal),
    /// The idempotency key stands for another command.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// Too many commands wait; try again soon.
    #[error("too many commands wait")]
    Overloaded,
    /// The storage did not take it.
    #[error("the storage did not take the command")]
    Storage(#[source] Arc<Failure>),
    /// A rule and the fold disagree; the command is harmless and the log says more.
    #[error("the command met a fault in the rules")]
    Fault,
    #[error("the engine is shutting down")]
    Stopped,
}

/// What a command that was answered with an error has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Nothing,
    /// The storage failed while it wrote: sending the command again with its idempotency key tells.
    Unknown,
}

impl CommandError {
    pub fn effect(&self) -> Effect {
        match self {
            CommandError::Storage(failure) => match **failure {
                Failure::Io { .. } | Failure::Corrupt { .. } => Effect::Unknown,
                Failure::Full { .. }
                | Failure::Newer { .. }
                | Failure::InUse { .. }
                | Failure::Unavailable { .. }
                | Failure::Unsuitable { .. }
                | Failure::NotServed { .. }
                | Failure::Closed => Effect::Nothing,
            },
            CommandError::Refused(_)
            | CommandError::IdempotencyKeyReused
            | CommandError::Overloaded
            | CommandError::Fault
            | CommandError::Stopped => Effect::Nothing,
        }
    }
}

/// What the rules can answer instead of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such merchant")]
    UnknownMerchant,
    #[error("the merchant is suspended")]
    MerchantSuspended,
    #[error("the merchant takes no payments in {currency}")]
    CurrencyNotEnabled { currency: Currency },
    #[error("the amount is above the limit of {limit_minor} minor units of {currency}")]
    AmountAboveLimit {
        limit_minor: i64,
        currency: Currency,
    },
    #[error("the amount is not positive")]
    AmountNotPositive,
    #[error("there is no such submerchant")]
    UnknownSubmerchant,
    #[error("the submerchant is suspended")]
    SubmerchantSuspended,
    #[error("the capture window is not within its bounds")]
    CaptureWindowOutOfBounds,
    #[error("the window for duplicates is not within its bounds")]
    DuplicateWindowOutOfBounds,
    #[error("the time to confirm is not within its bounds")]
    ConfirmationWindowOutOfBounds,
    /// Its balance is in doubt. The PIN was right, so whoever shows it may know.
    #[error("the voucher is stopped until its balance is checked")]
    VoucherStopped,
    #[error("a payment with this Correlation-ID exists")]
    DuplicatePayment,
    #[error("there is no such payment")]
    UnknownPayment,
    #[error("there is no such refund")]
    UnknownRefund,
    #[error(transparent)]
    Payment(#[from] payment::decide::Refusal),
    #[error("the payer is to show the serial numbers of the vouchers first")]
    ChallengeOpen,
    #[error("the payer is to wait before answering")]
    ChallengeTooEarly,
    #[error("somebody else has changed the document meanwhile")]
    DocumentChanged,
    #[error("the document is too large")]
    DocumentTooLarge,
    #[error("there is no such person")]
    UnknownOperator,
    /// The payer must show `missing_minor` more.
    #[error("{missing_minor} minor units are missing")]
    MoreVouchersNeeded { missing_minor: i64 },
    /// Value would go back to vouchers that are closed for good: offer fresh ones.
    #[error("{count} fresh vouchers are needed")]
    ReplacementsNeeded { count: usize },
    #[error(transparent)]
    Voucher(#[from] voucher::state::Refusal),
    #[error("there is no such voucher")]
    UnknownVoucher,
    #[error("the serial or the PIN is taken")]
    VoucherTaken,
    #[error("there is no such distributor")]
    UnknownDistributor,
    #[error("the distributor is suspended")]
    DistributorSuspended,
    #[error("there is no such product in this country and currency")]
    UnknownProduct,
    #[error("the product is not sold at this face value")]
    UnknownDenomination,
    #[error("an order with this Correlation-ID exists")]
    DuplicateOrder,
    #[error("there is no such order")]
    UnknownOrder,
    #[error(transparent)]
    Order(#[from] CancelRefusal),
    #[error(transparent)]
    TerminalLimit(#[from] TerminalLimitReached),
    #[error("there is no such API key")]
    UnknownApiKey,
    #[error("the API key exists")]
    ApiKeyExists,
    #[error("another command changed the row meanwhile")]
    ChangedMeanwhile,
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> CommandError {
        CommandError::Storage(Arc::new(failure))
    }
}

impl Refusal {
    /// Whether only time is missing.
    pub fn is_not_due(&self) -> bool {
        matches!(
            self,
            Refusal::Order(CancelRefusal::NotDue)
                | Refusal::Payment(payment::decide::Refusal::NotDue)
                | Refusal::Voucher(voucher::state::Refusal::NotDue)
        )
    }
}
