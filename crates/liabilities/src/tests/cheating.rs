//! An issuer who has all of this code and all secrets, and wants its total to be lower than what it owes.

use bulletproofs::PedersenGens;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha256};
use verifier::liabilities::proof::Bases;

use crate::proof::prove;
use crate::statement::Statement;
use crate::tests::world::{EUR, World, judge, voucher};
use crate::tree::Way;

/// The way with `less` taken from what stands beside it at this level, and hashes that fit.
fn lowered(mut way: Way, level: usize, less: u64) -> Way {
    let bases = PedersenGens::default();
    let taken = bases.commit(Scalar::from(less), Scalar::ZERO);
    let sibling = &mut way.siblings[level];
    let commitment = sibling.commitment.decompress().unwrap() - taken;
    sibling.commitment = commitment.compress();
    sibling.value = sibling.value.wrapping_sub(less);
    let mut node: RistrettoPoint = bases.commit(Scalar::from(way.leaf.value), way.blinding);
    let mut hash: [u8; 32] = Sha256::new_with_prefix(b"scrip/liabilities/leaf/v1\0")
        .chain_update(way.salt)
        .chain_update(EUR.numeric().to_be_bytes())
        .chain_update([0])
        .chain_update(crate::bytes::holder_number(way.leaf.holder).to_be_bytes())
        .finalize()
        .into();
    let mut position = way.leaf.position;
    for sibling in &way.siblings {
        let own = [node.compress().to_bytes(), hash];
        let other = [sibling.commitment.to_bytes(), sibling.hash];
        let (left, right) = if position & 1 == 0 {
            (own, other)
        } else {
            (other, own)
        };
        hash = Sha256::new_with_prefix(b"scrip/liabilities/node/v1\0")
            .chain_update(left.concat())
            .chain_update(right.concat())
            .finalize()
            .into();
        node += sibling.commitment.decompress().unwrap();
        position >>= 1;
    }
    way.root.commitment = node.compress();
    way.root.hash = hash;
    way.root.total -= less;
    way
}

#[test]
fn a_total_that_hides_a_part_below_zero_is_refused() {
    let bases = Bases::default();
    let world = World::of([(voucher(1), 500), (voucher(2), 10_000), (voucher(3), 40)]);
    let siblings = world.way(voucher(1)).siblings;
    for level in [0, 17, 31] {
        // Nothing taken away: the forged way is a good one. That shows that it is refused for its value below zero alone.
        for (less, is_refused) in [(0, false), (siblings[level].value + 1, true)] {
            let way = lowered(world.way(voucher(1)), level, less);
            let statement = Statement {
                sums: vec![(EUR, way.root)],
                ..world.statement.clone()
            };
            let read = verifier::liabilities::Statement::parse(&statement.encode()).unwrap();
            assert_eq!(read.check_sums(), Ok(()), "its root opens to its total");
            let forged = prove(&world.secret(), statement.counted, &way);
            let judged = judge(&read, &forged, &bases);
            assert_eq!(
                judged.is_err(),
                is_refused,
                "{less} less at {level}: {judged:?}"
            );
            if let Err(why) = judged {
                assert!(why.contains("below zero"), "{why}");
            }
        }
    }
}

#[test]
fn a_commitment_beside_the_tree_is_refused() {
    let bases = Bases::default();
    let world = World::of([(voucher(1), 500), (voucher(2), 10_000)]);
    for (less, is_refused) in [(0, false), (1, true)] {
        let mut way = world.way(voucher(1));
        way.root.total -= less;
        let commitment = PedersenGens::default().commit(way.root.total.into(), way.root.blinding);
        way.root.commitment = commitment.compress();
        let statement = Statement {
            sums: vec![(EUR, way.root)],
            ..world.statement.clone()
        };
        let read = verifier::liabilities::Statement::parse(&statement.encode()).unwrap();
        assert_eq!(read.check_sums(), Ok(()), "its root opens to its total");
        let forged = prove(&world.secret(), statement.counted, &way);
        let judged = judge(&read, &forged, &bases);
        assert_eq!(judged.is_err(), is_refused, "{judged:?}");
        if let Err(why) = judged {
            assert!(why.contains("another root"), "{why}");
        }
    }
}

#[test]
fn a_total_that_is_stated_lower_does_not_open_its_root() {
    let world = World::of([(voucher(1), 500), (voucher(2), 10_000)]);
    let mut statement = world.statement.clone();
    statement.sums[0].1.total -= 1;
    let read = verifier::liabilities::Statement::parse(&statement.encode()).unwrap();
    assert!(read.check_sums().is_err());
}
