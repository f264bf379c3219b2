//! The faces of the engine, one for each audience.

pub mod distributor;
pub mod merchant;
pub mod operator;
pub mod payer;

mod api_key;
mod delivered_pin;
