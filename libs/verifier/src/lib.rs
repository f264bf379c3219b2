//! Checks what a transparency log says, without asking the log.
//!
//! What always holds:
//! - This crate stands alone. It shares no code with the log that it checks, and nothing else of the project; it has no
//!   standard library, so it can neither read a file nor ask a server nor look at a clock.
//! - Nothing is believed because a file says so. Keys and quorum come from the caller's policy, leaf hashes from the data.
//! - Every failure names the check that failed, and why.
//! - Whatever is read has one spelling; a second one is refused.
//!
//! `receipt` is the usual way in: one file, one policy, one answer. `walk` checks a whole log, file by file, and `liabilities`
//! what the issuer says there that it owes.

#![no_std]

extern crate alloc;

pub mod failure;

pub mod liabilities;
pub mod receipt;

pub mod checkpoint;
pub mod policy;
pub mod promise;
pub mod promised;
pub mod proof_file;
pub mod walk;

pub mod report;
pub mod words;

pub mod leaf;
pub mod merkle;

mod base64;
mod key;
mod note;
mod reading;

#[cfg(test)]
mod tests;
