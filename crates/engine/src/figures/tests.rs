use std::time::Duration;

use super::tally::Tally;
use super::times::Times;

#[test]
fn quantiles_are_an_eighth_too_high_at_most() {
    for nanoseconds in [1, 7, 100, 999, 20_000, 1_000_000, 123_456_789] {
        let times = Times::default();
        let time = Duration::from_nanos(nanoseconds);
        times.note(time);
        let found = times.quantile(0.5);
        assert!(time <= found, "{time:?} {found:?}");
        assert!(
            found <= time + time / 8 + Duration::from_nanos(1),
            "{time:?} {found:?}"
        );
    }
}

#[test]
fn the_slow_ones_stand_at_the_end() {
    let times = Times::default();
    for _ in 0..99 {
        times.note(Duration::from_micros(10));
    }
    times.note(Duration::from_millis(5));
    assert_eq!(times.count(), 100);
    assert!(times.quantile(0.99) < Duration::from_micros(12));
    assert!(Duration::from_millis(5) <= times.quantile(1.0));
}

#[test]
fn parts_of_times_are_below_powers_of_two() {
    let times = Times::default();
    for nanoseconds in [1, 1_023, 1_024, 2_047, 5_000_000] {
        times.note(Duration::from_nanos(nanoseconds));
    }
    assert_eq!(times.below(9..13), (vec![1, 2, 4, 4], 5));
    assert_eq!(times.sum(), Duration::from_nanos(5_004_095));
}

#[test]
fn a_tally_counts_each_by_itself() {
    let tally = Tally::default();
    tally.add_all(["b", "a", "b"]);
    tally.add("b");
    assert_eq!(tally.read(), [("a", 1), ("b", 3)]);
    assert_eq!((tally.of(&"b"), tally.of(&"c")), (3, 0));
}
