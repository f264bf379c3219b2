//! The engine over storage in memory, against the reference model.

// Lets clippy see that all of it is test code.
#![cfg(test)]

mod crowd;
mod guessing;
mod histories;
mod lease;
mod memory;
mod platform;
mod reversals;
mod services;
mod timers;
