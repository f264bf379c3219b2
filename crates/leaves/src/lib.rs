//! The leaf of a journal entry: what the entry says in five groups of fields, and a salted commitment to each.
//!
//! What always holds:
//! - A leaf is computed from its entry and the entry's secret alone, so every node computes the same one.
//! - The bytes of a group are written out here, field by field, and have nothing to do with how the journal stores an
//!   entry. What a leaf was once made of is never written in another way.
//! - Two entries that differ have groups that differ. No byte of an entry is outside of all groups but its number, which
//!   stands in the leaf itself.
//! - Neither a PIN, nor its index, nor a sealed field stands in a group: they are there as digests.
//!
//! `groups` says which field stands in which group, `field` how it is written, `secret` what hides and opens it, `erased`
//! what an entry is without its payer.

pub mod erased;
pub mod field;
pub mod groups;
pub mod leaf;
pub mod secret;

mod parties;
mod payments;
mod vouchers;

#[cfg(test)]
mod tests;
