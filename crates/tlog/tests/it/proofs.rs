//! Every proof that is built, checked by the log's own code and by the verifier, which have nothing in common.

use proptest::prelude::*;
use tlog::hash::{TreeHash, TreeHead};
use tlog::plan::{PlanError, ProofPlan, Tiles};
use tlog::proof::{verify_consistency, verify_inclusion};
use verifier::merkle::{check_consistency, check_inclusion};

use crate::support::{Log, entry, for_verifier, tree_for_verifier};

const SMALL: u64 = 300;
/// Round the places where levels of tiles begin.
const LARGE: [u64; 12] = [
    1, 255, 256, 257, 511, 4_096, 65_279, 65_535, 65_536, 65_537, 65_793, 70_000,
];

fn small_log() -> Log {
    Log::grown_to(1..=SMALL, |index| entry(&index.to_be_bytes()))
}

fn accepts_inclusion(log: &Log, index: u64, head: TreeHead, proof: &[TreeHash]) -> [bool; 2] {
    let leaf = log.leaves[usize::try_from(index).expect("the log is small")];
    let tree = tree_for_verifier(head);
    [
        verify_inclusion(leaf, index, head, proof).is_ok(),
        check_inclusion(for_verifier(&[leaf])[0], index, tree, &for_verifier(proof)).is_ok(),
    ]
}

fn accepts_consistency(old: TreeHead, new: TreeHead, proof: &[TreeHash]) -> [bool; 2] {
    let (old_tree, new_tree) = (tree_for_verifier(old), tree_for_verifier(new));
    [
        verify_consistency(old, new, proof).is_ok(),
        check_consistency(old_tree, new_tree, &for_verifier(proof)).is_ok(),
    ]
}

const ACCEPTED: [bool; 2] = [true, true];
const REFUSED: [bool; 2] = [false, false];

#[test]
fn every_leaf_of_every_small_tree_is_proved() {
    let log = small_log();
    for size in 1..=SMALL {
        for index in 0..size {
            let proof = log.inclusion(index, size);
            let head = log.heads[&size];
            assert_eq!(
                accepts_inclusion(&log, index, head, &proof),
                ACCEPTED,
                "leaf {index} of {size}"
            );
        }
    }
}

#[test]
fn growth_between_all_pairs_of_small_trees_is_proved() {
    let log = small_log();
    for new in 0..=SMALL {
        for old in 0..=new {
            let proof = log.consistency(old, new);
            assert_eq!(
                accepts_consistency(log.heads[&old], log.heads[&new], &proof),
                ACCEPTED,
                "{old} to {new}"
            );
        }
    }
}

#[test]
fn a_proof_of_one_place_proves_no_other() {
    let log = Log::grown_to(1..=40, |index| entry(&index.to_be_bytes()));
    for size in 1..=40 {
        for index in 0..size {
            let proof = log.inclusion(index, size);
            for other in (0..size).filter(|other| *other != index) {
                let head = log.heads[&size];
                assert_eq!(accepts_inclusion(&log, other, head, &proof), REFUSED);
            }
            for other in (1..=40).filter(|other| *other != size && index < *other) {
                let head = log.heads[&other];
                assert_eq!(accepts_inclusion(&log, index, head, &proof), REFUSED);
            }
        }
    }
}

#[test]
fn proofs_that_lack_a_hash_or_have_one_too_many_are_refused() {
    let log = Log::grown_to(1..=70, |index| entry(&index.to_be_bytes()));
    let spare = TreeHash::of_leaf(b"spare");
    for new in 1..=70 {
        let head = log.heads[&new];
        for old in 0..new {
            for position in 0..=log.inclusion(old, new).len() {
                let mut longer = log.inclusion(old, new);
                longer.insert(position, spare);
                assert_eq!(accepts_inclusion(&log, old, head, &longer), REFUSED);
                let mut shorter = log.inclusion(old, new);
                if position < shorter.len() {
                    shorter.remove(position);
                    assert_eq!(accepts_inclusion(&log, old, head, &shorter), REFUSED);
                }
            }
            let before = log.heads[&old];
            for position in 0..=log.consistency(old, new).len() {
                let mut longer = log.consistency(old, new);
                longer.insert(position, spare);
                assert_eq!(accepts_consistency(before, head, &longer), REFUSED);
                let mut shorter = log.consistency(old, new);
                if position < shorter.len() {
                    shorter.remove(position);
                    assert_eq!(accepts_consistency(before, head, &shorter), REFUSED);
                }
            }
        }
    }
}

#[test]
fn a_rewritten_history_is_never_consistent() {
    let honest = Log::grown_to(1..=60, |index| entry(&index.to_be_bytes()));
    let forged = Log::grown_to(1..=60, |index| match index {
        10 => entry(b"nothing happened here"),
        _ => entry(&index.to_be_bytes()),
    });
    for old in 11..=60 {
        for new in old..=60 {
            let (before, after) = (honest.heads[&old], forged.heads[&new]);
            for proof in [
                forged.consistency(old, new),
                honest.consistency(old, new),
                Vec::new(),
            ] {
                assert_eq!(
                    accepts_consistency(before, after, &proof),
                    REFUSED,
                    "{old} to {new}"
                );
            }
        }
    }
}

#[test]
fn sizes_and_places_that_cannot_be_are_refused() {
    let log = Log::grown_to([0, 5, 9], |index| entry(&index.to_be_bytes()));
    let (nothing, five, nine) = (log.heads[&0], log.heads[&5], log.heads[&9]);
    assert_eq!(
        ProofPlan::inclusion(5, 5),
        Err(PlanError::NoSuchLeaf { index: 5, size: 5 })
    );
    assert_eq!(
        ProofPlan::consistency(9, 5),
        Err(PlanError::Shrunk { old: 9, new: 5 })
    );
    assert_eq!(accepts_inclusion(&log, 5, five, &[]), REFUSED);
    assert_eq!(accepts_inclusion(&log, 0, nothing, &[]), REFUSED);
    assert_eq!(accepts_consistency(nine, five, &[]), REFUSED);
    assert_eq!(accepts_consistency(nothing, nine, &[]), ACCEPTED);
    assert_eq!(accepts_consistency(nothing, nine, &[nine.root]), REFUSED);
    let forged = TreeHead {
        root: five.root,
        ..nothing
    };
    assert_eq!(accepts_consistency(forged, nine, &[]), REFUSED);
    assert_eq!(accepts_consistency(nine, nine, &[nine.root]), REFUSED);
    let other = TreeHead {
        root: five.root,
        ..nine
    };
    assert_eq!(accepts_consistency(nine, other, &[]), REFUSED);
}

#[test]
fn a_proof_is_not_built_without_its_tiles() {
    let plan = ProofPlan::inclusion(3, 300).expect("the leaf is in the tree");
    let missing = plan
        .build(&Tiles::default())
        .expect_err("no tile was fetched");
    assert!(plan.tiles().contains(&missing.path));
}

#[test]
fn large_trees_are_proved_at_their_edges() {
    let log = Log::grown_to(LARGE, |index| entry(&index.to_be_bytes()));
    for size in LARGE {
        let head = log.heads[&size];
        for index in [0, size / 2, size.saturating_sub(257), size - 1] {
            let proof = log.inclusion(index, size);
            assert_eq!(accepts_inclusion(&log, index, head, &proof), ACCEPTED);
        }
        for old in LARGE.into_iter().filter(|old| *old <= size) {
            let proof = log.consistency(old, size);
            assert_eq!(
                accepts_consistency(log.heads[&old], head, &proof),
                ACCEPTED,
                "{old} to {size}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn random_large_trees_are_proved(
        old in 1_u64..60_000,
        more in 0_u64..60_000,
        places in proptest::collection::vec(any::<u64>(), 20),
        bit in 0_usize..256,
    ) {
        let new = old + more;
        let log = Log::grown_to([old, new], |index| entry(&index.to_be_bytes()));
        let (before, after) = (log.heads[&old], log.heads[&new]);
        let growth = log.consistency(old, new);
        prop_assert_eq!(accepts_consistency(before, after, &growth), ACCEPTED);
        for position in 0..growth.len() {
            let changed = flip(&growth, position, bit);
            prop_assert_eq!(accepts_consistency(before, after, &changed), REFUSED);
        }
        for place in places {
            let index = place % new;
            let proof = log.inclusion(index, new);
            prop_assert_eq!(accepts_inclusion(&log, index, after, &proof), ACCEPTED);
            for position in 0..proof.len() {
                let changed = flip(&proof, position, bit);
                prop_assert_eq!(accepts_inclusion(&log, index, after, &changed), REFUSED);
            }
        }
    }
}

fn flip(proof: &[TreeHash], position: usize, bit: usize) -> Vec<TreeHash> {
    let mut proof = proof.to_vec();
    let mut bytes = *proof[position].as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    proof[position] = TreeHash::new(bytes);
    proof
}
