//! Payments: their states, and the decisions that lead from one to the next.
//!
//! Invariants: refunded <= captured <= authorised; every decision is total over state and command;
//! what expires is told the time, nothing here reads a clock; an end state has no exit but refunds.
//! The vouchers that pay are known here by serial and share alone.

pub mod attempt;
pub mod decide;
pub mod duplicate;
pub mod label;
pub mod merchant;
pub mod order_reference;
pub mod payment;
pub mod refund;
pub mod return_url;
pub mod screening;
pub mod state;

#[cfg(test)]
mod tests;
