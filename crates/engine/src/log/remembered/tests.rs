use proptest::prelude::*;
use tlog::bundle::LogEntry;

use super::{LEAVES_MAX, Remembered};

fn leaf(index: u64) -> LogEntry {
    LogEntry::new(index.to_be_bytes().to_vec()).expect("it is short")
}

fn run(first: u64, count: u64) -> Vec<LogEntry> {
    (first..first + count).map(leaf).collect()
}

proptest! {
    /// Whatever is added in whatever order, what is taken are the leaves from there on without a gap, as far as they are there.
    #[test]
    fn leaves_are_taken_in_order_and_without_a_gap(
        runs in prop::collection::vec((0_u64..40, 1_u64..6, any::<bool>()), 1..30),
        count in 1_usize..9,
    ) {
        let mut remembered = Remembered::default();
        let mut known = std::collections::BTreeSet::new();
        let mut next = 0;
        for (first, length, takes) in runs {
            let first = first * 6;
            if known.insert(first) {
                remembered.add(first, run(first, length));
            }
            if takes {
                let taken = remembered.take(next, count);
                prop_assert!(taken.len() <= count);
                let expected: Vec<LogEntry> = (next..).take(taken.len()).map(leaf).collect();
                prop_assert_eq!(&taken, &expected);
                prop_assert!(remembered.next().is_none_or(|first| next + taken.len() as u64 <= first));
                next += taken.len() as u64 + 1;
            }
        }
    }
}

#[test]
fn what_nobody_takes_makes_room() {
    let mut remembered = Remembered::default();
    for first in 0..LEAVES_MAX as u64 + 10 {
        remembered.add(first, run(first, 1));
    }
    assert_eq!(remembered.next(), Some(10));
    assert_eq!(remembered.take(10, usize::MAX).len(), LEAVES_MAX);
    assert_eq!(remembered.take(0, usize::MAX), []);
}
