//! Anchors: checkpoints of a transparency log in a contract on an EVM chain, written and read back.
//!
//! What always holds:
//! - Nothing is remembered here. What was anchored is what the chain says, so a lost answer, a reorganisation or a restart
//!   puts itself right at the next step.
//! - A head is sent only to the chain and the contract that were named, and only below the price that was set.
//! - What counts is read at finalized blocks, by the submitter that was named, and from nodes that agree.
//!
//! An anchor adds one thing to witnesses: not even the operator and all of them together can later show another history for
//! that time. It says nothing of whether an entry is true.

pub mod anchoring;
pub mod reading;

pub mod contract;
pub mod node;
pub mod transaction;

pub mod words;
