//! The backend over a real server, which `cargo xtask test` installs and names by a variable.

mod conformance;
mod server;
mod statements;
