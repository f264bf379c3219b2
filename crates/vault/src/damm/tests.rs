use super::*;

#[test]
fn published_example_has_check_digit_four() {
    assert_eq!(check_digit(b"572"), b'4');
    assert!(ends_in_check_digit(b"5724"));
}

#[test]
fn table_is_a_totally_anti_symmetric_quasigroup() {
    let star = |state: usize, digit: usize| usize::from(QUASIGROUP[state][digit]);
    for c in 0..10 {
        assert_eq!(star(c, c), 0);
        for x in 0..10 {
            for y in (0..10).filter(|&y| y != x) {
                assert_ne!(star(c, x), star(c, y), "a wrong digit would pass");
                assert_ne!(star(x, c), star(y, c), "a wrong state would heal");
                assert_ne!(
                    star(star(c, x), y),
                    star(star(c, y), x),
                    "a swap would pass"
                );
            }
        }
    }
}
