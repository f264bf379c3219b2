//! Risk: what is known about an attempt to pay, and what follows from it.
//!
//! Invariants: the same facts, rules and model give the same decision, bit for bit; there is always a decision, never an
//! error; reasons are always listed; nothing that was not known at the moment of an attempt enters its facts; every store in
//! here has a bound. There is no clock, no I/O and no randomness that a seed does not make.

pub mod backtest;
pub mod behaviour;
pub mod bytes;
pub mod decision;
pub mod entity;
pub mod event;
pub mod fact;
pub mod feature;
pub mod list;
mod math;
pub mod metrics;
pub mod model;
pub mod name;
pub mod place;
pub mod profile;
pub mod rule;
pub mod rule_set;
pub mod settings;
pub mod stream;
pub mod verdict;
