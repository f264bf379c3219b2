//! The shell around the rules: commands become journal entries, in batches, or are refused.
//!
//! Invariants: an answer is given only after the commit that it speaks of; the same idempotency key and
//! the same body get the same answer for ever, another body is refused; a refusal changes nothing; a
//! retry decides again from a fresh snapshot. Each audience has a service of its own and can name no
//! command of another's.

pub mod atlas;
pub mod clock;
pub mod command;
pub mod core;
pub mod decide;
pub mod erasing;
pub mod error;
pub mod figures;
pub mod guard;
pub mod history;
pub mod idempotency;
pub mod judge;
pub mod lease;
pub mod liabilities;
pub mod limits;
pub mod log;
pub mod reversal;
pub mod risk;
pub mod service;
pub mod timers;

#[cfg(test)]
mod tests;
