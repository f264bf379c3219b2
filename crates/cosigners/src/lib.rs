//! Gathers cosignatures (C2SP tlog-witness): asks all witnesses of a log at once, until enough have cosigned or the time is
//! over.
//!
//! What always holds:
//! - A cosignature counts only if it is by the key that the policy names, holds for this very checkpoint, and was made
//!   about now. What a witness sends beside it is thrown away.
//! - A witness that is slow, broken or hostile costs neither more than the patience nor more than a bounded answer, and
//!   keeps no other from being heard.
//! - A witness that claims to know a larger tree is believed only if it shows a checkpoint that the log's own key signed.
//!
//! Whom to ask and how many are enough says a policy (C2SP tlog-policy), the same that verifiers read.

pub mod gathering;
pub mod peer;
pub mod quorum;
