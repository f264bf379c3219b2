use super::*;

#[test]
fn random_serials_are_valid_and_sixteen_digits_long() {
    for _ in 0..10_000 {
        let serial = random_serial();
        assert!(is_valid_serial(serial));
        assert_eq!(serial.to_string().len(), 16);
    }
}

#[test]
fn lowest_and_highest_draw_stay_in_range() {
    assert_eq!(serial_from_words(|| 0).number() / 10, PAYLOAD_MIN);
    assert_eq!(
        serial_from_words(|| PAYLOAD_END - PAYLOAD_MIN - 1).number() / 10,
        PAYLOAD_END - 1
    );
}

#[test]
fn serial_with_another_last_digit_is_invalid() {
    let serial = random_serial().number();
    let others = (0..10)
        .map(|digit| serial - serial % 10 + digit)
        .filter(|&other| other != serial);
    assert_eq!(
        others
            .filter(|&other| is_valid_serial(Serial::new(other).unwrap()))
            .count(),
        0
    );
}
