use accounting::claim::Holder;
use money::currency::Currency;
use proptest::prelude::*;
use verifier::liabilities::proof::{self, Bases, HolderProof};

use crate::proof::{PROOF_BYTES, prove};
use crate::tests::world::{EUR, World, build, judge, leaves, merchant, owed, secret, voucher};
use crate::tree::way;

#[test]
fn every_altered_byte_is_refused() {
    let bases = Bases::default();
    let world = World::of([(voucher(1), 2_500), (voucher(2), 2_500), (merchant(1), 70)]);
    let good = world.prove(voucher(1));
    assert_eq!(judge(&world.read(), &good, &bases), Ok(()));
    let range_from = good.len() - 992;
    // Each place of what is cheap to refuse; of the range proof, a byte of each of its numbers and points.
    let places = (0..range_from).chain((range_from..good.len()).step_by(31));
    for place in places {
        let mut bad = good.clone();
        bad[place] ^= 1 << (place % 8);
        let judged = judge(&world.read(), &bad, &bases);
        assert!(
            judged.is_err(),
            "byte {place} was altered and nobody saw it"
        );
    }
    for cut in [0, 1, 50, good.len() - 1] {
        assert!(judge(&world.read(), &good[..cut], &bases).is_err());
    }
    let longer = [&good[..], &[0]].concat();
    assert!(judge(&world.read(), &longer, &bases).is_err());
}

#[test]
fn every_altered_byte_of_a_statement_is_seen() {
    let bases = Bases::default();
    let world = World::of([(voucher(1), 2_500), (merchant(1), 70)]);
    let statement = world.statement.encode();
    let good = world.prove(voucher(1));
    // Time and statement before are the log's word alone.
    let only_published = 9..25;
    for place in 0..statement.len() {
        let mut bad = statement.clone();
        bad[place] ^= 1 << (place % 8);
        let Ok(read) = verifier::liabilities::Statement::parse(&bad) else {
            continue;
        };
        let is_seen = read.check_sums().is_err() || judge(&read, &good, &bases).is_err();
        assert_eq!(is_seen, !only_published.contains(&place), "byte {place}");
    }
}

#[test]
fn neither_statement_nor_proof_tells_how_many_holders_there_are() {
    let mut lengths = Vec::new();
    for count in [1, 2, 900, 1_500] {
        let world = World::of((0..count).map(|number| (voucher(number), 1_000)));
        let proof = world.prove(voucher(0));
        let way = world.way(voucher(0));
        assert!(way.siblings.iter().all(|it| it.hash != [0; 32]));
        lengths.push((proof.len(), world.statement.encode().len()));
    }
    assert_eq!(lengths, [(PROOF_BYTES, 133); 4]);
}

#[test]
fn whoever_is_left_out_gets_no_proof() {
    let bases = Bases::default();
    let world = World::of([(voucher(1), 500), (voucher(2), 500)]);
    let left_out = voucher(3);
    assert_eq!(world.leaf(left_out), None);
    // A leaf made for the one who is missing leads to another root.
    let with_it = World::of([(voucher(1), 500), (voucher(2), 500), (voucher(3), 500)]);
    let mut leaf = with_it.leaf(left_out).unwrap();
    leaf.value = 0;
    let mut bucket = world.bucket(leaf.position);
    bucket.push(leaf);
    bucket.sort_by_key(|leaf| leaf.position);
    let way = way(&world.secret(), leaf, &bucket, Vec::new()).unwrap();
    let forged = prove(&world.secret(), world.statement.counted, &way);
    let judged = judge(&world.read(), &forged, &bases).unwrap_err();
    assert!(judged.contains("another root"), "{judged}");
    // Nor is the leaf of another holder of the same value one for two.
    let of_another = world.prove(voucher(1));
    let mut renamed = of_another.clone();
    let Holder::Voucher(serial) = left_out else {
        panic!("it is a voucher");
    };
    renamed[12..20].copy_from_slice(&serial.number().to_be_bytes());
    let read = HolderProof::parse(&renamed).unwrap();
    assert_eq!(read.holder, proof::Holder::Voucher(serial.number()));
    let judged = judge(&world.read(), &renamed, &bases).unwrap_err();
    assert!(judged.contains("another root"), "{judged}");
}

#[test]
fn a_proof_is_the_same_each_time_and_holds_for_its_statement_alone() {
    let bases = Bases::default();
    let world = World::of([(voucher(1), 500), (voucher(2), 700)]);
    let proof = world.prove(voucher(1));
    assert_eq!(proof, World::new(world.owed.clone()).prove(voucher(1)));
    let later = World::of([(voucher(1), 500), (voucher(2), 600)]);
    assert!(judge(&later.read(), &proof, &bases).is_err());
}

#[test]
fn what_is_hidden_with_one_secret_is_hidden_with_no_other_balances() {
    let [one, other] = [500, 501].map(|minor| owed([(voucher(1), 700), (voucher(2), minor)]));
    let of = |owed| secret(owed, EUR).leaf(voucher(1)).blinding;
    assert_ne!(of(&one), of(&other));
    assert_ne!(
        secret(&one, EUR).leaf(voucher(1)).blinding,
        secret(&one, Currency::GBP).leaf(voucher(1)).blinding
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn whoever_is_owed_something_can_prove_it(
        balances in prop::collection::btree_map(0_u64..1_000, 1_i64..1_000_000_000, 1..40),
        shops in prop::collection::btree_map(0_u32..9, -5_000_i64..5_000, 0..4),
        chosen in any::<prop::sample::Index>(),
    ) {
        let bases = Bases::default();
        let vouchers = balances.iter().map(|(number, minor)| (voucher(*number), *minor));
        let shops = shops.iter().map(|(number, minor)| (merchant(*number), *minor));
        let world = World::of(vouchers.chain(shops));
        let read = world.read();
        prop_assert_eq!(read.check_sums(), Ok(()));
        let holders: Vec<(Holder, u64)> = world.owed.holders(EUR).collect();
        let sum: u64 = holders.iter().map(|(_, minor)| minor).sum();
        prop_assert_eq!(read.sums[0].total, sum);
        let (holder, minor) = *chosen.get(&holders);
        let proof = HolderProof::parse(&world.prove(holder)).unwrap();
        prop_assert_eq!(proof.value, minor);
        prop_assert_eq!(proof.check(&read, &bases), Ok(&read.sums[0]));
    }

    #[test]
    fn the_same_balances_make_the_same_tree_in_any_order(
        balances in prop::collection::btree_map(0_u64..1_000, 1_i64..1_000, 1..40),
    ) {
        let forth = owed(balances.iter().map(|(number, minor)| (voucher(*number), *minor)));
        let back = owed(balances.iter().rev().map(|(number, minor)| (voucher(*number), *minor)));
        let root = |owed| build(&secret(owed, EUR), &leaves(owed, EUR), drop);
        prop_assert_eq!(root(&forth), root(&back));
    }
}
