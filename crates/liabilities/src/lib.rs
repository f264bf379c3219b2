//! Proof of liabilities: a commitment to what the issuer owes in each currency, and proofs for single holders that theirs is
//! counted. After "Generalized Proof of Liabilities" (Ji and Chalkias, 2021); docs/proof-of-liabilities.md has the formats.
//!
//! What always holds:
//! - A statement follows from the journal up to one entry and the installation's key: any node makes the same one.
//! - No proof tells what another holder is owed, how many holders there are, or which places of a tree are taken.
//! - A secret that hid balances once never hides others, because it follows from all that is counted.
//!
//! `owed` says who is owed what, `secret` what hides it, `node` and `tree` how the sums are made, `statement` and `proof` what is
//! shown of them, and `part` what a node keeps to be able to prove.

pub mod owed;
pub mod secret;

pub mod node;
pub mod tree;

pub mod part;
pub mod proof;
pub mod statement;

mod bytes;

#[cfg(test)]
mod tests;
