//! Amounts of money: whole minor units of one currency.
//!
//! Invariants: integers only; arithmetic is checked; two currencies never add;
//! `allocate` loses no minor unit; parsing a printed amount gives it back.

pub mod amount;
pub mod currency;
pub mod decimal;

#[cfg(test)]
mod tests;
