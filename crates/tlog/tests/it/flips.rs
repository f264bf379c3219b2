//! One changed byte, anywhere in what a party holds, is noticed.

use tlog::checkpoint::SignedCheckpoint;
use tlog::promise::{Promise, Promises};
use tlog::receipt::View;
use verifier::checkpoint::Checkpoint;
use verifier::receipt::Receipt;

use crate::support::{CLOCK, Key, Log, NOW, leaf, openings, policy};

const INDEX: u64 = 6;

fn checkpoint(log: &Log, witnesses: u8) -> SignedCheckpoint {
    let mut checkpoint = Key::log().checkpoint(log.edge.head());
    for number in 0..witnesses {
        Key::witness(number).cosign(&mut checkpoint, NOW);
    }
    checkpoint
}

fn receipt() -> String {
    let log = Log::grown_to([9], |index| leaf(index).encode());
    let seen = openings(INDEX).into_iter().take(2).collect();
    let view = View::new(leaf(INDEX), seen).expect("the openings are the leaf's");
    let proof = log.inclusion(INDEX, 9);
    view.into_receipt(proof, checkpoint(&log, 2)).to_string()
}

/// Every byte is changed in one bit, another one from byte to byte, and `accepts` has to notice.
fn check_every_byte(bytes: &[u8], accepts: impl Fn(&[u8]) -> bool) {
    assert!(accepts(bytes));
    for position in 0..bytes.len() {
        let mut changed = bytes.to_vec();
        changed[position] ^= 1 << (position % 8);
        assert!(
            !accepts(&changed),
            "byte {position} of {}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn a_changed_receipt_is_refused() {
    let policy = policy("all", 2);
    check_every_byte(receipt().as_bytes(), |bytes| {
        Receipt::verify(bytes, &policy, CLOCK).is_ok()
    });
}

#[test]
fn a_changed_checkpoint_or_cosignature_is_refused_by_the_verifier() {
    let policy = policy("all", 2);
    let log = Log::grown_to([9], |index| leaf(index).encode());
    let text = checkpoint(&log, 2).to_string();
    check_every_byte(text.as_bytes(), |bytes| {
        Checkpoint::verify(bytes, &policy, CLOCK).is_ok()
    });
}

#[test]
fn a_changed_checkpoint_or_cosignature_is_refused_by_the_log() {
    let log = Log::grown_to([9], |index| leaf(index).encode());
    let text = checkpoint(&log, 2).to_string();
    check_every_byte(text.as_bytes(), |bytes| {
        SignedCheckpoint::parse(bytes).is_ok_and(|checkpoint| {
            checkpoint.verify(&Key::log().public).is_ok()
                && (0..2).all(|number| {
                    let at = checkpoint.cosigned_by(&Key::witness(number).public);
                    at.is_ok_and(|at| at.is_some())
                })
        })
    });
}

#[test]
fn a_changed_promise_is_refused() {
    let key = Key::log();
    let leaves = (0..5).map(|place| leaf(INDEX - 1 + place).hash());
    let sign = |text: &[u8]| key.sign(text);
    let log = key.public.clone();
    let Ok(promises) = Promises::sign(log, INDEX - 1, leaves.collect(), NOW + 5, sign);
    let policy = policy("any", 1);
    let text = promises.at(INDEX).expect("it is of the run").to_string();
    check_every_byte(text.as_bytes(), |bytes| {
        Promise::verify(bytes, &key.public).is_ok()
    });
    check_every_byte(text.as_bytes(), |bytes| {
        verifier::promise::Promise::verify(bytes, &policy).is_ok()
    });
}

#[test]
fn a_changed_view_is_refused() {
    let view = View::new(leaf(INDEX), openings(INDEX)).expect("the openings are the leaf's");
    let bytes = view.encode();
    assert_eq!(View::parse(&bytes), Ok(view.clone()));
    // A change of the leaf alone leaves a view that fits itself, so the hash has to be compared too.
    check_every_byte(&bytes, |bytes| {
        View::parse(bytes).is_ok_and(|read| read.leaf().hash() == view.leaf().hash())
    });
}
