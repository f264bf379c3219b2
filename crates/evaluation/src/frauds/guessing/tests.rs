use std::collections::BTreeSet;

use risk::stream::StreamEvent;

use super::*;
use crate::frauds::START;

fn attempts(addresses: u64, addresses_of_a_network: u64) -> (usize, usize, usize) {
    let frauds = Frauds {
        payers: 50,
        days: 2,
        seed: 3,
    };
    let guessing = Guessing {
        from: START,
        tries: 1_000,
        gap: Span::SECOND,
        addresses,
        addresses_of_a_network,
        at: Shops::One,
        device: Device::NoCookie,
    };
    let events = guess(&frauds, &guessing);
    assert!(events.is_sorted_by_key(|one| one.event.at()));
    let (mut addresses, mut networks) = (BTreeSet::new(), BTreeSet::new());
    for one in &events {
        if let StreamEvent::Attempt { attempt, .. } = &one.event {
            addresses.insert(attempt.address);
            networks.insert(attempt.network);
        }
    }
    (events.len(), addresses.len(), networks.len())
}

#[test]
fn tries_come_from_as_many_addresses_and_networks_as_were_asked_for() {
    assert_eq!(attempts(1, NEIGHBOURS), (1_000, 1, 1));
    assert_eq!(attempts(400, NEIGHBOURS), (1_000, 400, 2));
    assert_eq!(attempts(400, 1), (1_000, 400, 400));
}
