//! The platform without a machine: storage in memory that fails on demand, random histories, and a
//! model that knows what every answer must be.
//!
//! Invariants: everything repeats from its seed; the model shares no decision and no transition with the
//! rules that it checks; a fault is always one that a real backend may show.
//! Reading order: `memory` stores, `workload` asks, `model` predicts, `auditor` compares. `schedule` decides who goes on,
//! `life` when a process ends, `network` what arrives, `node` is what runs in a process, and `oracle` knows what must be true.

pub mod atlas;
pub mod auditor;
pub mod cluster;
pub mod crowd;
pub mod memory;
pub mod model;
pub mod suspicion;
pub mod workload;

pub mod life;
pub mod network;
pub mod node;
pub mod oracle;
pub mod schedule;
