//! The platform as one program: command line, configuration, wiring and the HTTP server.
//!
//! Nothing is decided here: whoever reads on finds the rules in `engine` and below. The library exists so
//! that the measurements run exactly the server that the program runs.

mod anchored;
mod atlas;
mod backend;
mod health;
mod keys;
mod moving;
mod progress;
mod witnesses;

pub mod cli;
pub mod commands;
pub mod config;
pub mod platform;
pub mod remembered;
pub mod server;
pub mod shop;
pub mod stated;
