use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

fn pin_from(payload: u64) -> Pin {
    Pin::from_words(|| payload)
}

fn digits_of(pin: &Pin) -> [u8; PIN_LENGTH] {
    *pin.as_ascii_digits()
}

fn parse_digits(digits: &[u8]) -> Result<Pin, PinError> {
    Pin::parse(std::str::from_utf8(digits).unwrap())
}

#[test]
fn generated_pins_parse_and_differ() {
    let mut seen = std::collections::HashSet::new();
    for _ in 0..10_000 {
        let pin = Pin::generate();
        assert!(seen.insert(digits_of(
            &Pin::parse(pin.expose().expose_secret()).unwrap()
        )));
    }
}

#[test]
fn leading_zeros_are_kept() {
    let pin = pin_from(572);
    assert_eq!(pin.expose().expose_secret(), "0000000000005724");
    assert_eq!(pin.expose_grouped().expose_secret(), "0000 0000 0000 5724");
}

#[test]
fn separators_and_full_width_digits_are_read() {
    for text in [
        "0000000000005724",
        "0000 0000 0000 5724",
        " 0000-0000-0000-5724\r\n",
        "0000.0000.0000.5724",
        "0000\u{a0}0000\u{202f}0000\u{3000}5724",
        "0000\u{2013}0000\u{2011}0000\u{2212}5724",
        "\u{feff}0000\u{200b}0000\u{200e}00005724",
        "００００　００００－００００．５７２４",
        "0000 0000 0000 ５７２４",
    ] {
        assert_eq!(
            Pin::parse(text).unwrap().expose().expose_secret(),
            "0000000000005724",
            "{text:?}"
        );
    }
}

#[test]
fn slips_are_told_apart() {
    for (text, expected) in [
        ("", PinError::Empty),
        (" - . ", PinError::Empty),
        ("5724", PinError::WrongLength { digits: 4 }),
        ("00000000000057240", PinError::WrongLength { digits: 17 }),
        ("000000000000572", PinError::WrongLength { digits: 15 }),
        ("000000000000572O", PinError::NotDigits),
        ("0000/0000/0000/5724", PinError::NotDigits),
        ("+000000000005724", PinError::NotDigits),
        ("000000000000572\u{664}", PinError::NotDigits),
        ("0000000000005725", PinError::CheckDigit),
    ] {
        assert_eq!(Pin::parse(text).unwrap_err(), expected, "{text:?}");
    }
}

#[test]
fn debug_holds_no_digit() {
    let pin = Pin::generate();
    for shown in [
        format!("{pin:?}"),
        format!("{pin:#?}"),
        format!("{:?}", pin.expose_grouped()),
    ] {
        assert!(
            !shown.contains(|character: char| character.is_ascii_digit()),
            "{shown}"
        );
    }
}

#[test]
fn pin_is_wiped() {
    let mut pin = pin_from(123_456_789_012_345);
    pin.zeroize();
    assert_eq!(digits_of(&pin), [0; PIN_LENGTH]);
}

proptest! {
    #[test]
    fn every_single_wrong_digit_is_caught(payload in 0..PIN_SPACE) {
        let pin = digits_of(&pin_from(payload));
        for position in 0..PIN_LENGTH {
            for wrong in (b'0'..=b'9').filter(|&digit| digit != pin[position]) {
                let mut typed = pin;
                typed[position] = wrong;
                prop_assert_eq!(parse_digits(&typed).unwrap_err(), PinError::CheckDigit);
            }
        }
    }

    #[test]
    fn every_swap_of_neighbours_is_caught(payload in 0..PIN_SPACE) {
        let pin = digits_of(&pin_from(payload));
        for position in (1..PIN_LENGTH).filter(|&position| pin[position - 1] != pin[position]) {
            let mut typed = pin;
            typed.swap(position - 1, position);
            prop_assert_eq!(parse_digits(&typed).unwrap_err(), PinError::CheckDigit);
        }
    }

    #[test]
    fn what_is_exposed_parses_to_the_same_pin(payload in 0..PIN_SPACE) {
        let pin = pin_from(payload);
        let again = Pin::parse(pin.expose_grouped().expose_secret()).unwrap();
        prop_assert_eq!(digits_of(&again), digits_of(&pin));
    }

    #[test]
    fn any_text_is_answered_without_panic(text in any::<String>()) {
        let _ = Pin::parse(&text);
    }
}
