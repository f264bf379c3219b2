use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_window_holds_its_rows_less_a_slot_at_most(rows in 1u64..3_000, seen in 0u64..10_000) {
        let mut ring = Ring::new(rows, 0u64);
        for _ in 0..seen {
            *ring.next_row() += 1;
        }
        let counted: u64 = ring.slots().sum();
        prop_assert_eq!(counted, ring.rows());
        let slot = rows.div_ceil(SLOTS);
        prop_assert!(counted <= slot * SLOTS);
        prop_assert!(seen.min(slot * (SLOTS - 1)) <= counted);
        prop_assert!(ring.slots().count() as u64 <= SLOTS);
    }
}
