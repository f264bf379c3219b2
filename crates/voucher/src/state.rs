//! The states of a voucher and the changes between them.

use ids::time::Timestamp;

/// Where a voucher stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Created, but not sold: cannot be spent.
    Issued,
    /// Sold and untouched.
    Activated,
    /// Some value has been held or spent.
    PartlySpent,
    /// No value is left; a refund brings it back.
    Spent,
    /// Stopped until the issuer lets it go.
    Frozen(FreezeCause),
    /// The rest was written off at the end of its validity. Final.
    Expired,
    /// Undone before any value moved. Final.
    Voided,
}

/// Who stopped a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FreezeCause {
    /// The owner, who showed the PIN or knew the purchase.
    Owner,
    /// The issuer.
    Issuer,
    /// The platform: the voucher's row is not what its entries say.
    Mismatch,
    /// The platform: an attempt to pay with it was too risky.
    Risk,
}

/// One change of a voucher. Amounts are minor units of the voucher's currency and positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Sells the voucher, whose face value `minor` states.
    Activate {
        minor: i64,
        expires_at: Timestamp,
        fee_due_at: Timestamp,
    },
    Hold {
        minor: i64,
    },
    Release {
        minor: i64,
    },
    Capture {
        minor: i64,
    },
    Refund {
        minor: i64,
    },
    Freeze {
        cause: FreezeCause,
    },
    Unfreeze,
    ChargeFee {
        minor: i64,
        fee_due_at: Timestamp,
    },
    /// Writes off the whole rest, which `minor` states.
    Expire {
        minor: i64,
    },
    /// Writes off the whole face value of a voucher that was not sold, or whose sale is undone.
    Void {
        minor: i64,
        sale: Sale,
    },
}

/// Whether the distributor owed the issuer for a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sale {
    NotSold,
    Sold,
}

/// Why a change is not allowed. The payer is told the same words for most of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the voucher has not been activated")]
    NotActivated,
    #[error("the voucher is activated already")]
    AlreadyActivated,
    #[error("the voucher is frozen")]
    Frozen,
    #[error("the voucher is not frozen")]
    NotFrozen,
    #[error("the voucher has expired")]
    Expired,
    #[error("the voucher is void")]
    Voided,
    #[error("the voucher has {available} minor units where {wanted} were asked for")]
    InsufficientValue { available: i64, wanted: i64 },
    #[error("value of the voucher is held by a payment")]
    ValueHeld,
    #[error("value of the voucher has been spent")]
    ValueSpent,
    #[error("the amount is not positive")]
    NotPositive,
    #[error("the change is not due")]
    NotDue,
}
