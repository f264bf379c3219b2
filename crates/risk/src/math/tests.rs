use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn what_is_left_agrees_with_the_standard_library(halvings in 0.0..900.0_f64) {
        let expected = (-halvings).exp2();
        prop_assert!((left_after(halvings) / expected - 1.0).abs() < 1e-11);
    }

    #[test]
    fn logarithm_agrees_with_the_standard_library(exponent in -900.0..900.0_f64) {
        let value = exponent.exp2();
        prop_assert!((log2(value) - value.log2()).abs() < 1e-12 * exponent.abs().max(1.0));
    }

    #[test]
    fn sine_agrees_with_the_standard_library(degrees in -180.0..=180.0_f64) {
        prop_assert!((sine(degrees) - degrees.to_radians().sin()).abs() < 1e-14);
    }

    #[test]
    fn more_halvings_never_leave_more(first in 0.0..2_000.0_f64, more in 0.0..100.0_f64) {
        prop_assert!(left_after(first + more) <= left_after(first));
    }
}

#[test]
fn whole_halvings_are_exact() {
    for halvings in 0..60_u32 {
        assert_eq!(
            left_after(f64::from(halvings)),
            1.0 / (1_u64 << halvings) as f64
        );
    }
}

#[test]
fn what_is_no_number_of_halvings_leaves_all_and_what_has_no_logarithm_is_not_a_number() {
    assert_eq!(left_after(-3.0), 1.0);
    assert_eq!(left_after(f64::NAN), 1.0);
    assert_eq!(left_after(f64::INFINITY), 0.0);
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(log2(value).is_nan());
    }
}
