//! The faces of the engine, one for each audience.

pub(crate) mod delivered_pin;
pub mod distributor;
pub mod merchant;
pub mod operator;
pub mod payer;
pub(crate) mod replacement;

mod api_key;
