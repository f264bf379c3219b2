//! The engine over storage in memory, against the reference model.

// Lets clippy see that all of it is test code.
#![cfg(test)]

mod crowd;
mod guessing;
mod histories;
mod learning;
mod lease;
mod liabilities;
mod memory;
mod platform;
mod reversals;
mod risk;
mod sequencing;
mod sequencing_stops;
mod services;
mod simulation;
mod timers;

/// A number from the environment, for longer runs and for repeating one.
#[expect(
    clippy::disallowed_methods,
    reason = "a test has no configuration but its environment"
)]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
