//! Witnesses of every kind, and what the log gathers from them.

#[path = "../../../witness/tests/it/forger.rs"]
#[expect(dead_code, reason = "requests are what is tested here")]
mod forger;
mod gathering;
mod hostile;
mod policies;
mod support;
