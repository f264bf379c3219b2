//! The engine over storage in memory, against the reference model.

mod crowd;
mod histories;
mod memory;
mod platform;
mod services;
mod timers;
