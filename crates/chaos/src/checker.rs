//! The independent judge. It knows what clients asked, what they were told and when, and the rules in its own words.
//!
//! A history belongs to one voucher and all payments that are paid from it alone. It is right if every answer can be
//! explained by one order of the calls, in which each takes effect once between its beginning and its end: that is
//! linearizability (Herlihy and Wing 1990), per voucher and per payment. What is lost, done twice, overspent or read
//! from a stale copy has no such order.
//!
//! Reading order: `history` is what is kept, `rules` what a voucher and its payments may do, `search` looks for the order,
//! `money` adds up what is left.

pub mod history;
pub mod money;
pub mod rules;
pub mod search;

#[cfg(test)]
mod tests;
