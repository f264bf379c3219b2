//! Profiles: what is remembered of every entity that took part in attempts, in bounded memory.
//!
//! A pure fold of [`crate::event::Event`]s: the same events in the same order give the same profiles, bit for bit, also when
//! a snapshot was taken and restored in between.

pub mod decay;
mod fold;
pub mod record;
mod sketches;
pub mod snapshot;
pub mod store;
pub(crate) mod stranger;

pub(crate) use fold::{is_near_limit, payer_at_merchant, payer_on_device, terminal_to_merchant};

#[cfg(test)]
mod tests;
