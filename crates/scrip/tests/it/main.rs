//! The program as its users run it: real processes, real sockets, real clients.

#[path = "../../../anchors/tests/it/chain.rs"]
mod chain;

mod anchors;
mod audit;
mod backup;
mod bad_start;
mod client;
mod commands;
mod crash;
mod demo;
mod draining;
mod evaluate;
mod liabilities;
mod log;
mod metrics;
mod migrate;
mod mismatch;
mod node;
mod nodes;
mod overload;
mod peers;
mod program;
mod promises;
mod published;
mod serve;
mod witness;
