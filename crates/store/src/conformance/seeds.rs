//! Seeds of leaves: committed with their entries, added where there is none, read by range.

use std::sync::Arc;

use accounting::entry::{Circumstances, Entry};
use ids::command::Sequence;

use crate::conformance::Harness;
use crate::conformance::world::{MERCHANT, World, created, payment_id};
use crate::moving::{Movable, RunId, Source};
use crate::port::{CommitError, Store};
use crate::seeds::{Erasure, SeedRun, Seeds};

const RUN: RunId = RunId([7; 16]);

pub fn seeds_are_committed_with_their_entries<H: Harness>() {
    let mut world = World::<H>::new();
    let before = world.head();
    commit(&world, &["a", "b", "c"], Some(b"of three"));
    commit(&world, &["d"], None);
    commit(&world, &["e"], Some(b"of one"));
    let expected = [
        run(&before, 1, 3, b"of three"),
        run(&before, 5, 1, b"of one"),
    ];
    for _ in 0..2 {
        assert_eq!(between(&world, before.0, before.0 + 5), expected);
        world.harness.reopen();
    }
}

pub fn a_batch_that_is_not_written_leaves_no_seeds<H: Harness>() {
    let world = World::<H>::new();
    let head = world.head();
    let entries = world.entries(vec![created(payment_id(MERCHANT, "a"), 500, "anna")]);
    let mut batch = world.batch(entries);
    batch.seeds = Some(Arc::from(*b"seeds"));
    let mut again = batch.clone();
    again.seeds = Some(Arc::from(*b"other seeds"));
    world.try_commit(batch).expect("the batch is committed");
    assert!(matches!(
        world.try_commit(again),
        Err(CommitError::Conflict)
    ));
    let expected = [run(&head, 1, 1, b"seeds")];
    assert_eq!(between(&world, head.0, u64::from(u32::MAX)), expected);
}

pub fn seeds_of_a_batch_that_was_overtaken_stand_with_its_entries<H: Harness>() {
    let world = World::<H>::new();
    let head = world.head();
    let mut batches = ["a", "b"].map(|name| {
        let entries = world.entries(vec![created(payment_id(MERCHANT, name), 500, "anna")]);
        world.batch(entries)
    });
    batches[0].seeds = Some(Arc::from(*b"first"));
    batches[1].seeds = Some(Arc::from(*b"second"));
    let [first, second] = batches;
    world.try_commit(first).expect("the first is committed");
    let mut expected = vec![run(&head, 1, 1, b"first")];
    match world.try_commit(second) {
        Ok(shift) => {
            assert_eq!(shift.sequence(head.next()), head.next().next());
            expected.push(run(&head, 2, 1, b"second"));
        }
        Err(CommitError::Conflict) => {}
        Err(CommitError::Failure(failure)) => panic!("{failure}"),
    }
    assert_eq!(between(&world, head.0, head.0 + 9), expected);
}

pub fn seeds_are_added_where_there_are_none<H: Harness>() {
    let mut world = World::<H>::new();
    let before = world.head();
    commit(&world, &["a", "b", "c", "d"], None);
    commit(&world, &["e", "f"], Some(b"of two"));
    let [whole, other, beyond, within] = [
        run(&before, 1, 4, b"of four"),
        run(&before, 1, 4, b"of four others"),
        run(&before, 4, 3, b"beyond"),
        run(&before, 6, 1, b"within"),
    ];
    for refused in [&beyond, &within] {
        assert!(!add(&world, refused), "one of its entries has a seed");
    }
    assert!(add(&world, &whole));
    for refused in [&whole, &other, &beyond] {
        assert!(!add(&world, refused), "one of its entries has a seed");
    }
    let expected = [whole, run(&before, 5, 2, b"of two")];
    world.harness.reopen();
    assert_eq!(between(&world, 0, before.0 + 6), expected);
}

pub fn an_entry_is_erased_with_its_seed_or_not_at_all<H: Harness>() {
    let mut world = World::<H>::new();
    let before = world.head();
    commit(&world, &["a", "b", "c"], Some(b"of three"));
    let whole = run(&before, 1, 3, b"of three");
    let second = Sequence(before.0 + 2);
    let entry = read(&world, second);
    let less = Arc::new(Entry::new(
        circumstances(&entry),
        created(payment_id(MERCHANT, "b"), 500, "nobody"),
    ));
    let erase = |world: &World<H>, before: &SeedRun, after: &[u8]| {
        let erasure = Erasure {
            entry: Arc::clone(&less),
            before: before.clone(),
            after: Arc::from(after),
        };
        let erased = world.harness.backend().erase(Arc::new(erasure));
        world.harness.wait(erased).expect("the storage answers")
    };
    for other in [
        run(&before, 1, 3, b"of others"),
        run(&before, 1, 2, b"of three"),
        run(&before, 2, 3, b"of three"),
    ] {
        assert!(!erase(&world, &other, b"less"), "the run is another one");
    }
    assert_eq!(read(&world, second), entry);
    assert_eq!(
        between(&world, before.0, before.0 + 3),
        std::slice::from_ref(&whole)
    );
    assert!(erase(&world, &whole, b"less of three"));
    assert!(!erase(&world, &whole, b"again"), "somebody was faster");
    for _ in 0..2 {
        let all = world.harness.backend().entries_after(before, 10);
        let all = world.harness.wait(all).expect("entries are read");
        let numbers: Vec<u64> = all.iter().map(|entry| entry.sequence().0).collect();
        assert_eq!(numbers, [before.0 + 1, before.0 + 2, before.0 + 3]);
        assert_eq!(all[1], less);
        assert_eq!(read(&world, second), *less);
        let less = run(&before, 1, 3, b"less of three");
        assert_eq!(between(&world, before.0, before.0 + 3), [less]);
        world.harness.reopen();
    }
}

fn circumstances(entry: &Entry) -> Circumstances {
    Circumstances {
        sequence: entry.sequence(),
        at: entry.at(),
        actor: entry.actor(),
        idempotency: entry.idempotency(),
    }
}

fn read<H: Harness>(world: &World<H>, sequence: Sequence) -> Entry {
    let sequences = [sequence];
    let found = world.harness.backend().entries_at(&sequences);
    let found = world.harness.wait(found).expect("entries are read");
    found.into_iter().next().expect("the entry is there")
}

pub fn runs_of_seeds_are_read_by_the_entries_that_they_hold<H: Harness>() {
    let world = World::<H>::new();
    let before = world.head();
    let names = ["a", "b", "c", "d", "e", "f"];
    for pair in names.chunks(2) {
        commit(&world, pair, Some(pair[0].as_bytes()));
    }
    for after in 0..8 {
        for upto in after..8 {
            let found = between(&world, before.0 + after, before.0 + upto);
            let expected: Vec<SeedRun> = (0..3)
                .map(|place| {
                    let name = names[place * 2].as_bytes();
                    run(&before, 1 + 2 * place as u64, 2, name)
                })
                .filter(|run| {
                    let held = before.0 + after + 1..=before.0 + upto;
                    held.clone().any(|entry| run.holds(Sequence(entry)))
                })
                .collect();
            assert_eq!(found, expected, "behind {after}, up to {upto}");
        }
    }
}

pub fn seeds_move_as_they_are<H: Harness>() {
    let source = World::<H>::new();
    let before = source.head();
    commit(&source, &["a", "b"], Some(b"of two"));
    commit(&source, &["c"], Some(b"of one"));
    let all = page(&source, 0, 10);
    assert_eq!(all.len(), 2);
    assert_eq!(page(&source, 0, 1), all[..1]);
    assert_eq!(page(&source, all[0].first.0, 10), all[1..]);
    let target = World::<H>::new();
    commit(&target, &["a", "b"], None);
    commit(&target, &["c"], None);
    let backend = target.harness.backend();
    target
        .harness
        .wait(backend.begin_run(RUN))
        .expect("a run begins");
    let erased = run(&before, 1, 2, b"less of two");
    for runs in [&all[..], std::slice::from_ref(&erased)] {
        let restored = target.harness.wait(backend.restore_seeds(RUN, runs));
        restored.expect("seeds are restored");
    }
    assert_eq!(page(&target, 0, 10), [erased, all[1].clone()]);
    let other = backend.restore_seeds(RunId([8; 16]), &all);
    let refused = target.harness.wait(other).expect_err("it is another run");
    assert!(refused.to_string().contains("another run"), "{refused}");
}

fn commit<H: Harness>(world: &World<H>, names: &[&str], seeds: Option<&[u8]>) {
    let facts = names
        .iter()
        .map(|name| created(payment_id(MERCHANT, name), 500, "anna"))
        .collect();
    let mut batch = world.batch(world.entries(facts));
    batch.seeds = seeds.map(Arc::from);
    world.try_commit(batch).expect("the batch is committed");
}

/// A run whose first entry is the `place`th behind another.
fn run(behind: &Sequence, place: u64, count: u32, sealed: &[u8]) -> SeedRun {
    SeedRun {
        first: Sequence(behind.0 + place),
        count,
        sealed: Arc::from(sealed),
    }
}

fn between<H: Harness>(world: &World<H>, after: u64, upto: u64) -> Vec<SeedRun> {
    let backend = world.harness.backend();
    let read = backend.seed_runs(Sequence(after), Sequence(upto));
    world.harness.wait(read).expect("seeds are read")
}

fn page<H: Harness>(world: &World<H>, after: u64, count: usize) -> Vec<SeedRun> {
    let read = world
        .harness
        .backend()
        .read_seed_runs(Sequence(after), count);
    world.harness.wait(read).expect("seeds are read")
}

fn add<H: Harness>(world: &World<H>, run: &SeedRun) -> bool {
    let added = world.harness.backend().add_seeds(run.clone());
    world.harness.wait(added).expect("seeds are added")
}
