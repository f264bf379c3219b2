//! Double-entry bookkeeping without opinion: accounts, postings that balance, balances.
//!
//! Invariants: postings that do not sum to zero in each currency cannot be constructed; a balance is
//! the fold of the postings to its account; per currency all accounts sum to zero.
//! Which accounts exist and what is posted to them is the business of `accounting`.

pub mod account;
pub mod balances;
pub mod postings;

#[cfg(test)]
mod tests;
