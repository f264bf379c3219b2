//! The whole system under failures, and whether it kept what it said.

pub mod checker;
pub mod clients;
pub mod cluster;
pub mod command;
pub mod compose;
pub mod fault;
pub mod host;
pub mod network;
pub mod parties;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod transparency;
