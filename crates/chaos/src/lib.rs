//! The whole system under failures, and whether it kept what it said.

pub mod checker;
pub mod cluster;
pub mod command;
pub mod host;
pub mod network;
pub mod sandbox;
