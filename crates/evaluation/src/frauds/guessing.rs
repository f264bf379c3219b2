//! Somebody who tries PINs beside the honest payers of a stream.

use ids::time::{Span, Timestamp};

use super::world::{Purchase, Seat, World};
use super::{Frauds, Scheme, Simulated};

/// Addresses of one network.
pub const NEIGHBOURS: u64 = 200;

/// How the tries are made: each by a customer whom the shop never saw, as by a person who pastes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guessing {
    pub from: Timestamp,
    pub tries: u64,
    pub gap: Span,
    /// Each try comes from another of so many addresses, in turn.
    pub addresses: u64,
    /// How many of them share a network, at most [`NEIGHBOURS`] and at least one. The networks are those of honest payers,
    /// as far as there are any.
    pub addresses_of_a_network: u64,
    pub at: Shops,
    pub device: Device,
}

/// Where somebody guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shops {
    One,
    /// Each try at some shop.
    All,
}

/// What the guesser's browsers do with cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    NoCookie,
    /// A new one for each try.
    NewCookie,
}

/// The tries in the order of time, for the world of `frauds`.
pub fn guess(frauds: &Frauds, guessing: &Guessing) -> Vec<Simulated> {
    let mut world = World::beside(frauds);
    let one_shop = world.some_shop();
    let neighbours = guessing.addresses_of_a_network.clamp(1, NEIGHBOURS);
    for number in 0..guessing.tries {
        let place = number % guessing.addresses.max(1);
        let address = place / neighbours * NEIGHBOURS + place % neighbours;
        let purchase = Purchase {
            at: guessing.from.plus(guessing.gap.times(number as i64)),
            shop: match guessing.at {
                Shops::One => one_shop,
                Shops::All => world.some_shop(),
            },
            customer: world.stranger(),
            amount_minor: 1_000,
            vouchers: Vec::new(),
        };
        let seat = Seat {
            address,
            device: match guessing.device {
                Device::NoCookie => None,
                Device::NewCookie => Some(world.stranger()),
            },
            country: "AT",
            behaviour: world.human(true),
        };
        world.guess(&purchase, &seat, Scheme::Enumeration as u32);
    }
    world.into_events()
}

#[cfg(test)]
mod tests;
