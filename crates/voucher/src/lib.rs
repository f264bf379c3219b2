//! Vouchers: what they are worth, which state they are in, and which change is allowed when.
//!
//! Invariants: face = remaining + held + spent + fees + written off; nothing is ever below zero; what
//! is written off exists only on expired and voided vouchers, and those never change again; a PIN is
//! known here only by its blind index.

pub mod distributor;
pub mod order;
pub mod product;
pub mod state;
pub mod voucher;

#[cfg(test)]
mod tests;
