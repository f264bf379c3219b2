use ids::command::Sequence;
use ids::time::Timestamp;
use proptest::prelude::*;
use store::conformance::world::new_voucher;
use voucher::voucher::Voucher;

use super::{STATES, Slot, state_number};

const LIMIT: i64 = 1 << 48;

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0),
        0..LIMIT,
        Just(LIMIT - 1),
        Just(LIMIT),
        any::<i64>(),
        Just(i64::MAX)
    ]
}

#[test]
fn a_slot_takes_96_bytes_and_a_state_has_one_place() {
    assert_eq!(size_of::<Slot>(), 96);
    for (place, state) in (0..).zip(STATES) {
        assert_eq!(state_number(state), place);
    }
}

proptest! {
    #[test]
    fn a_slot_gives_back_what_it_was_given(
        amounts in [number(), number(), number(), number(), number()],
        times in [number(), number(), number()],
        state in 0..STATES.len(),
        version in number(),
    ) {
        let issued = Voucher::issue(&new_voucher(7, 1_000), Timestamp(0), Sequence(1));
        let [face, remaining, held, spent, fees] = amounts;
        let [activated_at, expires_at, fee_due_at] = times.map(Timestamp);
        let version = Sequence(version.cast_unsigned());
        let voucher = Voucher {
            state: STATES[state],
            face, remaining, held, spent, fees, activated_at, expires_at, fee_due_at, version,
            ..issued
        };
        let slot = Slot::of(&voucher);
        prop_assert_eq!(slot.voucher(), Some(voucher));
        prop_assert_eq!(slot.serial(), Some(voucher.serial));
        prop_assert_eq!(slot.pin(), Some(voucher.pin));
        let short = amounts.iter().all(|amount| (0..LIMIT).contains(amount));
        if matches!(slot, Slot::Packed(_)) {
            prop_assert!(short);
        }
    }
}
