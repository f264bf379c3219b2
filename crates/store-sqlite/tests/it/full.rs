//! A journal that has no room left.

use store::conformance::Harness;
use store::conformance::world::{issued, new_voucher, serial};
use store::failure::Failure;
use store::fold::Rows;
use store::port::CommitError;
use store::row::Key;
use store_sqlite::audit::audit;
use store_sqlite::options::Options;

use crate::disk::world;

#[test]
fn a_full_disk_refuses_the_commit_and_nothing_else() {
    let mut world = world(Options {
        journal_bytes_max: Some(40 * 8_192),
        ..Options::default()
    });
    let mut number = 0;
    let refused = loop {
        let vouchers = (number..number + 1_000).map(|number| new_voucher(number, 1_000));
        let batch = world.batch(world.entries(vec![issued(vouchers.collect())]));
        let before = world.head();
        match world.try_commit(batch) {
            Ok(_) => assert_eq!(world.head(), before.next()),
            Err(refused) => {
                assert_eq!(world.head(), before);
                break refused;
            }
        }
        number += 1_000;
        assert!(number < 100_000, "the journal has no end");
    };
    let named = matches!(&refused, CommitError::Failure(Failure::Full { place }) if place.ends_with("journal.db"));
    assert!(named, "{refused}");
    assert!(
        world
            .load(&[Key::Voucher(serial(number))])
            .voucher(serial(number))
            .is_none()
    );
    // Something small still fits, and what was refused has left no trace.
    world.issue([number], 1_000);
    assert!(
        world
            .load(&[Key::Voucher(serial(number))])
            .voucher(serial(number))
            .is_some()
    );
    world.harness.reopen();
    let path = world.harness.path().to_owned();
    world.harness.close();
    let report = audit(&path).expect("the store can be audited");
    assert_eq!(report.differences, Vec::<String>::new());
}
