//! Documents: small things that the platform keeps whole, and whose inside only their users know.

use std::sync::Arc;

use ids::command::Sequence;
use ids::party::OperatorId;
use ids::voucher::Serial;

/// Bytes of a document at most. An entry is read and written as a whole.
pub const CONTENT_MAX: usize = 8 * 1024 * 1024;

/// A document as it stands after the entry `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub name: DocumentName,
    pub content: Arc<[u8]>,
    pub version: Sequence,
}

/// What a document is. Those that are named by the SHA-256 of their content never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentName {
    /// One of the issuer's people, with what they may do.
    Operator(OperatorId),
    /// Which rules and models judge.
    RiskSettings,
    RiskRules([u8; 32]),
    RiskModel([u8; 32]),
    /// Where the owner of a voucher is told what becomes of it. Once the owner or the voucher's end took the
    /// address away, it is not in it.
    VoucherContact(Serial),
    /// What an e-mail address was asked, and whether it wants to be asked at all. It is named by a keyed digest.
    OwnerAddress([u8; 16]),
    /// What the issuer states that it owes. Each statement replaces the one before it.
    Liabilities,
}
