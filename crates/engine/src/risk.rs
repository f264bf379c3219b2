//! Risk: what the journal says about whoever pays, and what rules and models make of the next attempt.
//!
//! A reader of the journal keeps profiles in memory, on every node for itself; they trail the journal by at most
//! [`reader::FOLLOW_EVERY`] and the time that the newest entries take to be read. What must be exact, such as the limits on
//! guesses, is not left to them. The judge takes its facts from the profiles inside the payment's own command, and writes
//! them into the entry with what it decided, so that the decision can be made again from the journal alone.

pub mod events;
pub mod memory;
pub mod sold;
pub mod translation;
