//! Parts of sum trees: read as they were stored, replaced, forgotten.

use std::sync::Arc;

use ids::command::Sequence;
use liabilities::part::Place;

use crate::conformance::Harness;
use crate::conformance::world::World;
use crate::liabilities::{PartStorage, SealedPart};

const FIRST: Sequence = Sequence(7);
const SECOND: Sequence = Sequence(70_000_000_000);
/// Places that differ in one thing each, and the largest of all.
const PLACES: [Place; 5] = [
    Place::HEAD,
    place(978, 0, 0),
    place(978, 8, 0),
    place(978, 8, 255),
    place(999, 24, u32::MAX),
];

pub fn parts_are_read_as_they_were_stored<H: Harness>() {
    let mut world = World::<H>::empty();
    let parts = PLACES.map(|place| part(place, &[0, 255, place.depth]));
    store(&world, FIRST, &parts);
    assert_eq!(read(&world, FIRST, &PLACES), parts);
    assert_eq!(read(&world, FIRST, &PLACES[2..3]), parts[2..3]);
    assert_eq!(read(&world, FIRST, &[place(978, 16, 0)]), []);
    assert_eq!(read(&world, SECOND, &PLACES), []);
    world.harness.reopen();
    assert_eq!(read(&world, FIRST, &PLACES), parts);
}

pub fn a_part_is_replaced_by_the_one_that_is_stored_later<H: Harness>() {
    let world = World::<H>::empty();
    let [first, other] = [part(PLACES[1], b"first"), part(PLACES[2], b"other")];
    store(&world, FIRST, &[first, other.clone()]);
    let second = part(PLACES[1], b"second");
    store(&world, FIRST, std::slice::from_ref(&second));
    assert_eq!(read(&world, FIRST, &PLACES), [second, other]);
}

pub fn a_statement_is_forgotten_alone<H: Harness>() {
    let world = World::<H>::empty();
    assert_eq!(statements(&world), []);
    let parts = PLACES.map(|place| part(place, b"sealed"));
    store(&world, SECOND, &parts);
    store(&world, FIRST, &parts[..1]);
    assert_eq!(statements(&world), [FIRST, SECOND]);
    let backend = world.harness.backend();
    for _ in 0..2 {
        let forgotten = world.harness.wait(backend.forget_parts(FIRST));
        forgotten.expect("parts are forgotten");
        assert_eq!(statements(&world), [SECOND]);
    }
    assert_eq!(read(&world, FIRST, &PLACES), []);
    assert_eq!(read(&world, SECOND, &PLACES), parts);
}

const fn place(currency: u16, depth: u8, prefix: u32) -> Place {
    Place {
        currency,
        depth,
        prefix,
    }
}

fn part(place: Place, sealed: &[u8]) -> SealedPart {
    SealedPart {
        place,
        sealed: Arc::from(sealed),
    }
}

fn store<H: Harness>(world: &World<H>, statement: Sequence, parts: &[SealedPart]) {
    let backend = world.harness.backend();
    let stored = backend.store_parts(statement, Arc::from(parts));
    world.harness.wait(stored).expect("parts are stored");
}

/// In the order of their places.
fn read<H: Harness>(world: &World<H>, statement: Sequence, places: &[Place]) -> Vec<SealedPart> {
    let backend = world.harness.backend();
    let read = world.harness.wait(backend.read_parts(statement, places));
    let mut parts = read.expect("parts are read");
    parts.sort_by_key(|part| part.place);
    parts
}

fn statements<H: Harness>(world: &World<H>) -> Vec<Sequence> {
    let found = world.harness.wait(world.harness.backend().statements());
    found.expect("statements are listed")
}
