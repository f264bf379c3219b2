//! Commits: all or nothing, and only where their preconditions hold.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use money::currency::Currency;
use payment::state::CaptureMode;

use crate::conformance::Harness;
use crate::conformance::world::{
    MERCHANT, World, authorized, captured, created, issued, new_voucher, payment_id, pin, refunded,
    serial,
};
use crate::fold::Rows;
use crate::port::{Batch, CommitError, Precondition, Store};
use crate::row::Key;
use crate::shift::Shift;

pub fn a_commit_is_all_or_nothing<H: Harness>() {
    let world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    let facts = vec![
        issued(vec![new_voucher(1, 1_000)]),
        created(id, 500, "anna"),
    ];
    let mut batch = world.batch(world.entries(facts));
    batch.preconditions.push(Precondition {
        key: Key::Voucher(serial(99)),
        expected: Some(Sequence(1)),
    });
    expect_conflict(&world, batch);
    let rows = world.load(&[Key::Payment(id), Key::Voucher(serial(1))]);
    assert!(rows.payment(id).is_none());
    assert!(rows.voucher(serial(1)).is_none());
}

pub fn a_conflict_leaves_no_trace<H: Harness>() {
    let world = World::<H>::new();
    world.issue([1], 1_000);
    let before = (world.head(), balances(&world));
    let mut batch = world.batch(world.entries(vec![issued(vec![new_voucher(2, 700)])]));
    batch.preconditions.push(Precondition {
        key: Key::Voucher(serial(1)),
        expected: None,
    });
    expect_conflict(&world, batch);
    assert_eq!((world.head(), balances(&world)), before);
    let after = world.harness.backend().entries_after(before.0, 10);
    let after = world.harness.wait(after).expect("entries are read");
    assert!(after.is_empty());
    assert!(
        world
            .load(&[Key::Pin(pin(2))])
            .voucher_by_pin(pin(2))
            .is_none()
    );
    world.issue([2], 700);
    assert!(
        world
            .load(&[Key::Pin(pin(2))])
            .voucher_by_pin(pin(2))
            .is_some()
    );
}

pub fn the_second_of_two_commits_on_one_snapshot_conflicts<H: Harness>() {
    let world = World::<H>::new();
    let (first, second) = (
        payment_id(MERCHANT, "first"),
        payment_id(MERCHANT, "second"),
    );
    world.issue([1], 1_000);
    world.commit(vec![
        created(first, 800, "anna"),
        created(second, 800, "ben"),
    ]);
    let pay = |id| {
        let facts = vec![authorized(id, &[(1, 800)], CaptureMode::Manual)];
        world.batch(world.entries(facts))
    };
    let (winner, mut loser) = (pay(first), pay(second));
    world.try_commit(winner).expect("the first commit holds");
    // Even behind the new head, what was decided on the old voucher must not be written.
    let sequence = world.head().next();
    loser.entries = loser
        .entries
        .iter()
        .map(|old| super::world::entry(sequence, None, old.fact().clone()).into())
        .collect();
    expect_conflict(&world, loser);
    let voucher = world.load(&[Key::Voucher(serial(1))]).voucher(serial(1));
    assert_eq!(
        voucher.map(|voucher| (voucher.remaining, voucher.held)),
        Some((200, 800))
    );
}

pub fn entries_follow_one_another_and_the_head<H: Harness>() {
    let world = World::<H>::new();
    let entries = world.entries(vec![
        issued(vec![new_voucher(1, 1_000)]),
        issued(vec![new_voucher(2, 1_000)]),
    ]);
    let head = world.head();
    for wrong in [vec![1], vec![1, 0]] {
        let batch = Batch {
            entries: wrong
                .into_iter()
                .map(|place: usize| entries[place].clone())
                .collect(),
            ..Batch::default()
        };
        expect_conflict(&world, batch);
    }
    assert_eq!(world.head(), head);
}

pub fn a_batch_that_was_overtaken_is_placed_behind_the_head_or_refused<H: Harness>() {
    let world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    let facts = vec![
        issued(vec![new_voucher(1, 1_000)]),
        created(id, 500, "anna"),
    ];
    let batch = world.batch(world.entries(facts));
    world.issue([2, 3], 1_000);
    world.issue([4], 1_000);
    let head = world.head();
    let (assumed, entries) = (batch.assumed_head(), batch.entries.clone());
    let shift = match world.try_commit(batch) {
        Err(CommitError::Conflict) => {
            assert_eq!(world.head(), head);
            assert!(world.load(&[Key::Payment(id)]).payment(id).is_none());
            return;
        }
        placed => placed.expect("the batch is placed"),
    };
    let assumed = assumed.expect("the batch has entries");
    assert_eq!(Shift::between(assumed, head), Some(shift));
    let expected: Vec<Arc<Entry>> = entries
        .iter()
        .map(|entry| Arc::new(shift.entry(entry)))
        .collect();
    let stored = world.harness.backend().entries_after(head, 10);
    let stored = world.harness.wait(stored).expect("entries are read");
    assert_eq!(stored, expected);
    let rows = world.load(&[Key::Voucher(serial(1)), Key::Payment(id)]);
    let payment = rows.payment(id).expect("the payment is stored");
    let last = Sequence(head.0 + 2);
    assert_eq!(
        (payment.version, payment.entries.clone()),
        (last, vec![last])
    );
    let voucher = rows.voucher(serial(1)).map(|voucher| voucher.version);
    assert_eq!(voucher, Some(head.next()));
}

pub fn a_payment_that_was_overtaken_keeps_its_earlier_entries<H: Harness>() {
    let world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    world.issue([1], 1_000);
    let created = world.commit(vec![created(id, 800, "anna")]);
    let facts = vec![
        authorized(id, &[(1, 800)], CaptureMode::Manual),
        captured(id, &[(1, 800)]),
    ];
    let batch = world.batch(world.entries(facts.clone()));
    world.issue([2], 1_000);
    let head = world.head();
    match world.try_commit(batch) {
        Err(CommitError::Conflict) => drop(world.commit(facts)),
        placed => drop(placed.expect("the batch is placed")),
    }
    let rows = world.load(&[Key::Payment(id)]);
    let payment = rows.payment(id).expect("the payment is stored");
    let entries = [created[0].sequence().0, head.0 + 1, head.0 + 2].map(Sequence);
    assert_eq!(payment.entries, entries);
    assert_eq!(payment.version, entries[2]);
    // The versions are right if what is decided on them can be committed.
    world.commit(vec![refunded(id, "back", &[(1, 300)])]);
}

pub fn what_exists_is_not_created_again<H: Harness>() {
    let world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    world.commit(vec![created(id, 500, "anna")]);
    let fact = created(id, 600, "ben");
    let entries = world.entries(vec![fact]);
    let batch = Batch {
        entries,
        writes: Vec::new(),
        preconditions: vec![Precondition {
            key: Key::Payment(id),
            expected: None,
        }],
        seeds: None,
    };
    expect_conflict(&world, batch);
    let minor = world
        .load(&[Key::Payment(id)])
        .payment(id)
        .map(|payment| payment.request.amount.minor);
    assert_eq!(minor, Some(500));
}

pub fn a_pin_opens_one_voucher<H: Harness>() {
    let world = World::<H>::new();
    world.issue([1], 1_000);
    let mut twin = new_voucher(2, 1_000);
    twin.pin = pin(1);
    let batch = world.batch(world.entries(vec![issued(vec![twin])]));
    expect_conflict(&world, batch);
    let found = world.load(&[Key::Pin(pin(1))]);
    assert_eq!(
        found.voucher_by_pin(pin(1)).map(|found| found.serial),
        Some(serial(1))
    );
}

pub fn an_empty_commit_changes_nothing<H: Harness>() {
    let world = World::<H>::new();
    let head = world.head();
    world
        .try_commit(Batch::default())
        .expect("nothing to write");
    assert_eq!(world.head(), head);
}

pub fn balances_follow_every_commit<H: Harness>() {
    let mut world = World::<H>::new();
    let id = payment_id(MERCHANT, "first");
    world.issue([1, 2], 1_000);
    world.commit(vec![
        created(id, 1_500, "anna"),
        authorized(id, &[(1, 1_000), (2, 500)], CaptureMode::Manual),
    ]);
    world.commit(vec![captured(id, &[(1, 1_000), (2, 500)])]);
    world.commit(vec![refunded(id, "back", &[(2, 300)])]);
    let expected = vec![(1200, 2_000), (2100, -800), (2200, 0), (2300, -1_200)];
    assert_eq!(balances(&world), expected);
    world.harness.reopen();
    assert_eq!(balances(&world), expected);
}

/// The balances of the accounts, by their numbers in the chart.
fn balances<H: Harness>(world: &World<H>) -> Vec<(u16, i64)> {
    let balances = world.harness.wait(world.harness.backend().balances());
    let balances = balances.expect("balances are known");
    assert_eq!(balances.sum(Currency::EUR), 0);
    balances
        .iter()
        .map(|(account, minor)| (account.code.0, minor))
        .collect()
}

fn expect_conflict<H: Harness>(world: &World<H>, batch: Batch) {
    let outcome = world.try_commit(batch);
    assert!(matches!(outcome, Err(CommitError::Conflict)), "{outcome:?}");
}
