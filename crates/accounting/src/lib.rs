//! The chart of accounts, the facts that a journal entry can state, and the one posting rule of each.
//!
//! Invariants: every fact has exactly one rule, in one exhaustive match; an entry whose postings do not
//! follow from its fact cannot be constructed; the liability for vouchers is the sum of what they hold.

pub mod chart;
pub mod claim;
pub mod document;
pub mod entry;
pub mod fact;
pub mod rules;

#[cfg(test)]
mod tests;
