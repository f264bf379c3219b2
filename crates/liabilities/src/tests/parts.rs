use std::collections::BTreeSet;

use accounting::claim::Holder;
use ids::command::Sequence;
use ids::time::Timestamp;
use money::currency::Currency;
use proptest::prelude::*;

use crate::node::{HEIGHT, Node, climb};
use crate::owed::Owed;
use crate::part::{Head, Place, decode_bucket, decode_tier, tier_prefixes};
use crate::statement::Statement;
use crate::tests::world::{EUR, World, leaves, merchant, owed, secret, voucher};
use crate::tree::{BUCKET_LEAVES, Damaged, bucket_depth, place, way};

#[test]
fn a_tree_in_parts_is_the_tree_in_one() {
    let count = BUCKET_LEAVES as u64 * 2;
    let world = World::of((0..count).map(|number| (voucher(number), 1 + number as i64)));
    assert_eq!(bucket_depth(count as usize), 8);
    let secret = world.secret();
    let tiers = world.parts_at(0);
    let nodes =
        tiers.map(|(place, bytes)| (decode_tier(place, bytes), tier_prefixes(place, bytes)));
    for (nodes, prefixes) in nodes {
        let nodes = nodes.unwrap().into_iter();
        let of_nodes: Vec<u32> = nodes.map(|(prefix, _)| prefix).collect();
        assert_eq!(prefixes, Some(of_nodes));
    }
    let all = leaves(&world.owed, EUR);
    let level = all.iter().map(|leaf| {
        let node = Node::leaf(&secret, leaf.holder, leaf.value);
        (leaf.position, node)
    });
    let (top, _) = climb(&secret, level.collect(), 0..HEIGHT, None);
    let [(0, top)] = top[..] else {
        panic!("a tree has one root");
    };
    let root = *world.statement.sum(EUR).unwrap();
    assert_eq!(top.root(), root);
    assert_eq!(root.total, (1..=count).sum::<u64>());
    for number in [0, 700, count - 1] {
        let way = world.way(voucher(number));
        assert_eq!(way.root, root);
        assert_eq!(way.siblings.len(), usize::from(HEIGHT));
    }
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let count = BUCKET_LEAVES as u64 + 1;
    let world = World::of((0..count).map(|number| (voucher(number), 1)));
    let leaf = world.leaf(voucher(5)).unwrap();
    let (bucket, tiers) = (world.bucket(leaf.position), world.tiers(leaf.position));
    let secret = world.secret();
    assert!(way(&secret, leaf, &bucket, tiers.clone()).is_ok());
    let mut richer = bucket.clone();
    richer[0].value += 1;
    let mut other_tier = tiers.clone();
    other_tier[0].retain(|(prefix, _)| *prefix != leaf.position >> 24);
    for (bucket, tiers) in [
        (richer, tiers.clone()),
        (bucket.clone(), other_tier),
        (Vec::new(), tiers),
    ] {
        assert_eq!(way(&secret, leaf, &bucket, tiers).err(), Some(Damaged));
    }
}

#[test]
fn of_two_that_draw_one_place_the_second_draws_again() {
    let count = 1 << 17;
    let owed = owed((0..count).map(|number| (voucher(number), 1)));
    let secret = secret(&owed, EUR);
    let leaves = place(&secret, owed.holders(EUR)).unwrap();
    let places: BTreeSet<u32> = leaves.iter().map(|leaf| leaf.position).collect();
    assert_eq!(places.len(), count as usize);
    let again = leaves
        .iter()
        .filter(|leaf| leaf.position != secret.position(leaf.holder, 0));
    let again: Vec<_> = again.collect();
    assert!(!again.is_empty(), "so many holders draw a place twice");
    for leaf in again {
        assert_eq!(leaf.position, secret.position(leaf.holder, 1));
        let first = secret.position(leaf.holder, 0);
        let there = leaves.iter().find(|other| other.position == first).unwrap();
        assert!(there.holder < leaf.holder);
    }
}

#[test]
fn a_merchant_that_owes_is_no_holder_and_is_kept() {
    let owed = owed([(voucher(1), 500), (merchant(1), -20), (merchant(2), 30)]);
    assert_eq!(owed.total(EUR), Some(530));
    let holders: Vec<Holder> = owed.holders(EUR).map(|(holder, _)| holder).collect();
    assert_eq!(holders, [voucher(1), merchant(2)]);
    assert_eq!(Head::of(&owed).debtors, [(EUR, merchant(1), -20)]);
}

#[test]
fn currencies_are_summed_apart() {
    let balances = [
        (Currency::GBP, voucher(2), 700),
        (EUR, voucher(1), 500),
        (Currency::CHF, merchant(1), -1),
    ];
    let world = World::new(Owed::restore(Sequence(5), Timestamp(1), balances));
    let sums = world.statement.sums.iter();
    let sums: Vec<_> = sums
        .map(|(currency, root)| (*currency, root.total))
        .collect();
    // By their numbers: 826 and 978.
    assert_eq!(sums, [(Currency::GBP, 700), (EUR, 500)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_kept_is_read_as_it_was(
        balances in prop::collection::btree_map(0_u64..1_000, 1_i64..1_000, 0..20),
        debts in prop::collection::btree_map(0_u32..9, -5_000_i64..0, 0..4),
    ) {
        let vouchers = balances.iter().map(|(number, minor)| (voucher(*number), *minor));
        let shops = debts.iter().map(|(number, minor)| (merchant(*number), *minor));
        let world = World::of(vouchers.chain(shops));
        let head = Head::of(&world.owed);
        prop_assert_eq!(Head::decode(&head.encode().bytes), Some(head.clone()));
        prop_assert_eq!(Statement::decode(&world.statement.encode()), Some(world.statement.clone()));
        let kept = head.trees.iter().flat_map(|_| world.bucket(0));
        let kept = kept.map(|leaf| (EUR, leaf.holder, leaf.value as i64));
        let kept = Owed::restore(head.counted, head.at, kept.chain(head.debtors));
        prop_assert_eq!(kept, world.owed);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut marked = bytes.clone();
        if let Some(first) = marked.first_mut() {
            *first = 1;
        }
        for bytes in [bytes, marked] {
            let _ = Head::decode(&bytes);
            let _ = Statement::decode(&bytes);
            let _ = decode_bucket(&bytes);
            let _ = decode_tier(Place::HEAD, &bytes);
        }
    }
}
