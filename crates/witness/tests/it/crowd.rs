//! Many requests at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier, Mutex};
use std::time::SystemTime;

use tlog::hash::TreeHash;
use tlog::witness::Refusal;
use witness::witness::NotCosigned;

use crate::forger::History;
use crate::support::{Hosted, log_key, noon};

const THREADS: usize = 100;
const SIZE_MAX: u64 = 64;

/// A history of an honest log, and rewritten ones: whichever comes first, the others are shut out.
fn histories() -> Vec<History> {
    let rewritten = (0..4).map(|at| History::rewritten(SIZE_MAX, at));
    [History::honest(SIZE_MAX)]
        .into_iter()
        .chain(rewritten)
        .collect()
}

#[test]
fn a_hundred_requests_at_once_never_make_the_size_go_back_nor_give_two_roots_to_one_size() {
    let hosted = Hosted::fresh();
    let roots = Arc::new(Mutex::new(BTreeMap::<u64, TreeHash>::new()));
    let begin = Arc::new(Barrier::new(THREADS));
    let histories = Arc::new(histories());
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let witness = Arc::clone(&hosted.witness);
            let (begin, roots) = (Arc::clone(&begin), Arc::clone(&roots));
            let histories = Arc::clone(&histories);
            std::thread::spawn(move || {
                let history = &histories[thread % histories.len()];
                let step = 1 + thread as u64 % 7;
                begin.wait();
                climb(&witness, history, step, noon(), &roots)
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no thread fails");
    }
    let roots = roots.lock().unwrap();
    let (largest, root) = roots.last_key_value().expect("something was cosigned");
    // All that was cosigned is one history.
    let key = log_key();
    let winner = histories
        .iter()
        .find(|history| history.head(*largest).root == *root)
        .expect("it is a history of the log");
    for (size, root) in roots.iter() {
        assert_eq!(winner.head(*size).root, *root, "at {size}");
    }
    let last = hosted
        .witness
        .checkpoint(&tlog::witness::monitoring_path(key.public.name().as_str()));
    assert!(
        last.expect("it is shown")
            .starts_with(&key.text(winner.head(*largest)))
    );
}

/// Asks for larger and larger trees until there is no larger one, or until the witness has seen another history.
fn climb(
    witness: &witness::witness::Witness,
    history: &History,
    step: u64,
    now: SystemTime,
    roots: &Mutex<BTreeMap<u64, TreeHash>>,
) {
    let key = log_key();
    let mut old = 0;
    while old < SIZE_MAX {
        let new = (old + step).min(SIZE_MAX);
        match witness.add_checkpoint(history.request(&key, old, new).as_bytes(), now) {
            Ok(_) => {
                let root = history.head(new).root;
                let before = roots.lock().expect("no thread panicked").insert(new, root);
                assert!(
                    before.is_none_or(|before| before == root),
                    "two roots for {new}"
                );
                old = new;
            }
            Err(NotCosigned::Refused(Refusal::OtherSize { size })) => {
                assert!(old < size, "the size went back from {old} to {size}");
                old = size;
            }
            Err(NotCosigned::Refused(Refusal::Inconsistent(_))) => return,
            Err(error) => panic!("{error}"),
        }
    }
}
