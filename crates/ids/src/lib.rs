//! Identities: every kind of thing has an identifier type of its own.
//!
//! Invariants: nothing here reads a clock or makes a random value; the list of kinds only grows.
//! Texts that people and shops see (`pay_…`, MIDs, serials) are printed and parsed here and nowhere else.

pub mod command;
mod line;
pub mod object;
pub mod party;
pub mod time;
pub mod token;
pub mod voucher;

#[cfg(test)]
mod tests;
