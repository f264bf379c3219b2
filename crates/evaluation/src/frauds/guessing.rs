//! Somebody who tries PINs beside the honest payers of a stream.

use ids::time::{Span, Timestamp};

use super::world::{Purchase, Seat, World};
use super::{Frauds, Scheme, Simulated};

/// Addresses of one network.
pub const NEIGHBOURS: u64 = 200;

/// How the tries are made. All are at one shop, without a cookie, as by a person who pastes.
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
}

/// The tries in the order of time, for the world of `frauds`.
pub fn guess(frauds: &Frauds, guessing: &Guessing) -> Vec<Simulated> {
    let mut world = World::beside(frauds);
    let shop = world.some_shop();
    let neighbours = guessing.addresses_of_a_network.clamp(1, NEIGHBOURS);
    for number in 0..guessing.tries {
        let place = number % guessing.addresses.max(1);
        let address = place / neighbours * NEIGHBOURS + place % neighbours;
        let purchase = Purchase {
            at: guessing.from.plus(guessing.gap.times(number as i64)),
            shop,
            customer: world.stranger(),
            amount_minor: 1_000,
            vouchers: Vec::new(),
        };
        let seat = Seat {
            address,
            device: None,
            country: "AT",
            behaviour: world.human(true),
        };
        world.guess(&purchase, &seat, Scheme::Enumeration as u32);
    }
    world.into_events()
}

#[cfg(test)]
mod tests;
