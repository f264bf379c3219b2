//! The faces of the engine, one for each audience.

pub mod analyst;
pub mod contact;
pub(crate) mod delivered_pin;
pub mod distributor;
pub mod merchant;
pub mod operator;
pub mod payer;
pub mod person;
pub(crate) mod replacement;

mod api_key;
