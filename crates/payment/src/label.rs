//! Labels: what a payment turned out to be.

/// What became known about a payment, and from whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    pub truth: Truth,
    pub source: Source,
}

/// What a payment was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    Fraud,
    Good,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A person at the issuer looked at it.
    Analyst,
    /// The payer or the shop disputed the payment.
    Dispute,
    /// The purchase of the voucher was charged back.
    Chargeback,
    /// Whoever owns the voucher confirmed it.
    Confirmation,
}
