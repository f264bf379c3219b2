//! The journal: every entry as it was written, in order, for ever.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use payment::state::CaptureMode;

use crate::conformance::Harness;
use crate::conformance::world::{
    MERCHANT, World, authorized, captured, created, ordered, payment_id, refunded,
};
use crate::port::Store;

pub fn entries_are_read_as_they_were_written<H: Harness>() {
    let world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    world.issue([1, 2], 1_000);
    let before = world.head();
    let parts = [(1, 1_000), (2, 1)];
    let written = world.commit(vec![
        created(id, 1_001, "anna"),
        authorized(id, &parts, CaptureMode::Manual),
        captured(id, &parts),
        refunded(id, "back", &[(1, 400)]),
        ordered("one", 3, 2_500),
    ]);
    let read = after(&world, before, 100);
    assert!(read.iter().eq(written.iter()));
    // Looked up one by one, they come from the storage even where the newest entries are kept in memory.
    let sequences: Vec<Sequence> = written.iter().map(|entry| entry.sequence()).collect();
    let found = world.harness.backend().entries_at(&sequences);
    let found = world.harness.wait(found).expect("entries are read");
    assert!(found.iter().eq(written.iter().map(AsRef::as_ref)));
}

pub fn pages_of_entries_have_no_gap<H: Harness>() {
    let world = World::<H>::new();
    for number in 0..25 {
        world.issue([number], 1_000);
    }
    let mut seen = Vec::new();
    loop {
        let last = seen.last().copied().unwrap_or(Sequence(0));
        let page = after(&world, last, 7);
        assert!(page.len() <= 7);
        if page.is_empty() {
            break;
        }
        seen.extend(page.iter().map(|entry| entry.sequence()));
    }
    let all: Vec<Sequence> = (1..=world.head().0).map(Sequence).collect();
    assert_eq!(seen, all);
    assert!(after(&world, Sequence(world.head().0 + 5), 7).is_empty());
}

pub fn entries_are_found_by_their_sequences<H: Harness>() {
    let world = World::<H>::new();
    world.issue([1], 1_000);
    let wanted = [4, 99, 2, 4].map(Sequence);
    let found = world.harness.backend().entries_at(&wanted);
    let found = world.harness.wait(found).expect("entries are read");
    let found: Vec<u64> = found.iter().map(|entry| entry.sequence().0).collect();
    assert_eq!(found, [4, 2, 4]);
}

pub fn the_journal_survives_a_reopen<H: Harness>() {
    let mut world = World::<H>::new();
    world.issue([1], 1_000);
    let before = (world.head(), after(&world, Sequence(0), 100));
    world.harness.reopen();
    assert_eq!((world.head(), after(&world, Sequence(0), 100)), before);
    world.issue([2], 1_000);
    assert_eq!(world.head(), before.0.next());
}

fn after<H: Harness>(world: &World<H>, last: Sequence, count: usize) -> Vec<Arc<Entry>> {
    let entries = world.harness.backend().entries_after(last, count);
    world.harness.wait(entries).expect("entries are read")
}
