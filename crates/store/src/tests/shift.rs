//! Placing a batch: moving the rows is the same as folding the moved entries.

use std::collections::BTreeMap;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use payment::state::CaptureMode;
use proptest::prelude::*;

use crate::conformance::world::{
    MERCHANT, authorized, captured, created, distributor, entry, erased, idempotency, issued,
    merchant, new_voucher, ordered, payment_id, product, refunded,
};
use crate::fold::Rows;
use crate::row::{Key, Row};
use crate::shift::Shift;
use crate::snapshot::Snapshot;

/// A history that touches every kind of row and changes some of them more than once.
fn history() -> Vec<Fact> {
    let id = payment_id(MERCHANT, "first");
    vec![
        Fact::MerchantSaved(Box::new(merchant(MERCHANT))),
        Fact::DistributorSaved(distributor()),
        Fact::ProductSaved(product()),
        issued(vec![new_voucher(1, 1_000), new_voucher(2, 1_000)]),
        created(id, 1_500, "anna"),
        ordered("one", 3, 2_500),
        authorized(id, &[(1, 1_000), (2, 500)], CaptureMode::Manual),
        Fact::MerchantSaved(Box::new(merchant(MERCHANT))),
        captured(id, &[(1, 1_000), (2, 500)]),
        ordered("two", 4, 2_500),
        refunded(id, "back", &[(2, 300)]),
        erased(id),
        refunded(id, "again", &[(2, 100)]),
    ]
}

fn numbered(first: u64, facts: &[Fact]) -> Vec<Entry> {
    let numbers = (first..).zip(0_u8..);
    let with_command = |((sequence, number), fact): ((u64, u8), &Fact)| {
        entry(Sequence(sequence), Some(idempotency(number)), fact.clone())
    };
    numbers.zip(facts).map(with_command).collect()
}

/// The rows after the entries, of which the last ones belong to the batch that is placed.
fn folded(loaded: &[Row], entries: &[Entry]) -> BTreeMap<Key, Row> {
    let mut rows = Snapshot::default();
    loaded
        .iter()
        .for_each(|row| rows.insert_loaded(row.clone()));
    for entry in entries {
        crate::fold::apply(&mut rows, entry).expect("the history fits");
    }
    let writes = rows.into_changes().writes;
    writes.into_iter().map(|row| (row.key(), row)).collect()
}

proptest! {
    #[test]
    fn folding_moved_entries_is_moving_folded_rows(
        head in 0_u64..1_000_000,
        places in 0_u64..1_000_000,
        own_from in 0_usize..=11,
    ) {
        let facts = history();
        let entries = numbered(head + 1, &facts);
        let (before, own) = entries.split_at(own_from);
        let loaded: Vec<Row> = folded(&[], before).into_values().collect();
        let assumed = Sequence(head + own_from as u64);
        let shift = Shift::between(assumed, Sequence(assumed.0 + places)).expect("it moves forwards");

        let moved: Vec<Entry> = own
            .iter()
            .map(|entry| {
                // The time of an entry is not its place.
                let moved = shift.entry(entry);
                assert_eq!(moved.at(), entry.at());
                moved
            })
            .collect();
        let mut rows = folded(&loaded, own);
        rows.values_mut().for_each(|row| shift.row(row));
        prop_assert_eq!(rows, folded(&loaded, &moved));
    }
}

#[test]
fn a_batch_is_never_placed_before_its_numbers() {
    assert_eq!(Shift::between(Sequence(5), Sequence(4)), None);
    let shift = Shift::between(Sequence(5), Sequence(7)).expect("it moves forwards");
    let places = [0, 5, 6, 9].map(|place| shift.sequence(Sequence(place)).0);
    assert_eq!(places, [0, 5, 8, 11]);
}

#[test]
fn a_snapshot_that_was_not_told_of_the_journal_knows_nothing_of_it() {
    let rows = Snapshot::default();
    assert_eq!(rows.journal().head, Sequence(0));
    assert!(rows.payment(payment_id(MERCHANT, "first")).is_none());
}
