//! The port to durable storage: what the engine asks of a backend, and the forms it shares with them.
//!
//! Invariants: a commit is all or nothing; a conflict leaves no trace; rows are a fold of the journal,
//! and `fold` is the only place that says how; what was written is read back as itself or refused.

pub mod audit;
pub mod codec;
pub mod conformance;
pub mod debt;
pub mod failure;
pub mod fold;
pub mod lease;
pub mod liabilities;
pub mod log;
pub mod moving;
pub mod outbox;
pub mod port;
pub mod query;
pub mod reversal;
pub mod row;
pub mod seeds;
pub mod shift;
pub mod snapshot;

#[cfg(test)]
mod tests;
