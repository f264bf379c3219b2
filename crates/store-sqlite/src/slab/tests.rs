use std::collections::BTreeMap;

use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::Serial;
use proptest::prelude::*;
use store::conformance::world::{new_voucher, pin, serial, voucher_end};
use voucher::voucher::Voucher;

use crate::slab::{CHUNK_SLOTS, Slab};

/// The bound of the design: bytes resident for a live voucher, indexes and all.
const BYTES_PER_VOUCHER_MAX: usize = 150;

fn voucher(number: u64, version: u64) -> Voucher {
    Voucher::issue(&new_voucher(number, 1_000), Timestamp(0), Sequence(version))
}

#[test]
fn a_live_voucher_takes_no_more_than_its_bound() {
    let mut slab = Slab::default();
    let mut worst = 0;
    for number in 0..300_000 {
        slab.put(voucher(number, 1));
        // Small stores are dominated by what a store costs at all.
        if 100_000 < slab.len() {
            worst = worst.max(slab.bytes().div_ceil(slab.len()));
        }
    }
    assert!(worst <= BYTES_PER_VOUCHER_MAX, "{worst} bytes");
}

#[test]
fn a_due_voucher_is_not_hidden_by_others_that_stay_due() {
    let mut slab = Slab::default();
    let count = 3 * CHUNK_SLOTS as u64;
    (0..count).for_each(|number| slab.put(voucher(number, 1)));
    assert!(slab.due(Timestamp(0), 10).is_empty());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..32 {
        seen.extend(slab.due(voucher_end(), 100));
    }
    assert_eq!(seen.len() as u64, count);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Put(u64),
    Remove(u64),
    Snapshot,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..3_000_u64).prop_map(Step::Put),
        4 => (0..3_000_u64).prop_map(Step::Remove),
        1 => Just(Step::Snapshot),
        1 => Just(Step::Restart),
    ]
}

/// What a store would hold on disk: the chunks as they were copied last.
fn snapshot(slab: &Slab, disk: &mut BTreeMap<u32, Vec<Voucher>>) {
    for chunk in slab.dirty_chunks() {
        disk.insert(chunk, slab.copy_chunk(chunk));
    }
}

fn restart(disk: &BTreeMap<u32, Vec<Voucher>>) -> Slab {
    let mut slab = Slab::default();
    for (chunk, vouchers) in disk {
        slab.restore_chunk(*chunk, vouchers.clone());
    }
    slab.collect_free();
    slab
}

fn assert_same(slab: &Slab, model: &BTreeMap<Serial, Voucher>) {
    assert_eq!(slab.len(), model.len());
    for voucher in model.values() {
        assert_eq!(slab.voucher(voucher.serial), Some(*voucher));
        assert_eq!(slab.voucher_by_pin(voucher.pin), Some(*voucher));
    }
    let due = slab.due(voucher_end(), usize::MAX);
    assert_eq!(due.len(), model.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_slab_is_a_map_that_comes_back_from_its_chunks(
        steps in proptest::collection::vec(step(), 1..400),
        filled in 0..2_500_u64,
    ) {
        let mut model = BTreeMap::new();
        let (mut slab, mut disk) = (Slab::default(), BTreeMap::new());
        for number in 0..filled {
            slab.put(voucher(number, 0));
            model.insert(serial(number), voucher(number, 0));
        }
        for (version, step) in (1..).zip(steps) {
            match step {
                Step::Put(number) => {
                    slab.put(voucher(number, version));
                    model.insert(serial(number), voucher(number, version));
                }
                Step::Remove(number) => {
                    slab.remove(serial(number));
                    model.remove(&serial(number));
                    prop_assert!(slab.voucher(serial(number)).is_none());
                    prop_assert!(slab.voucher_by_pin(pin(number)).is_none());
                }
                Step::Snapshot => snapshot(&slab, &mut disk),
                Step::Restart => {
                    snapshot(&slab, &mut disk);
                    slab = restart(&disk);
                }
            }
        }
        assert_same(&slab, &model);
        snapshot(&slab, &mut disk);
        assert_same(&restart(&disk), &model);
    }
}
