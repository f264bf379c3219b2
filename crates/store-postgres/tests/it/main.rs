//! The backend over a real server, which `cargo xtask test` installs and names by a variable.

mod conformance;
mod faults;
mod fences;
mod hanging;
mod harness;
mod lost_answers;
mod nodes;
mod opening;
mod proxy;
mod replicas;
mod server;
mod statements;
mod versions;
