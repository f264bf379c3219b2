use std::collections::HashSet;

use secrecy::ExposeSecret;

use super::*;
use crate::pin::PIN_LENGTH;
use crate::serial::is_valid_serial;

fn sequence(seed: u8) -> PinSequence {
    PinSequence::from_seed(&PinSeed {
        bytes: [seed; SEED_LENGTH],
    })
}

#[test]
fn same_seed_gives_the_same_pins_and_serials() {
    let seed = PinSeed::generate();
    let first = PinSequence::from_seed(&seed);
    let second = PinSequence::from_seed(&PinSeed::from_bytes(seed.expose()).unwrap());
    for index in [0, 1, 999_999, u64::MAX] {
        assert_eq!(
            first.pin_at(index, 0).expose().expose_secret(),
            second.pin_at(index, 0).expose().expose_secret()
        );
        assert_eq!(first.serial_at(index, 0), second.serial_at(index, 0));
    }
}

#[test]
fn known_seed_keeps_its_pins_for_ever() {
    // A batch that is resumed by a later release must find the PINs that were recorded by an earlier one.
    // Both figures were computed with the HMAC of Python's standard library.
    assert_eq!(
        sequence(7).pin_at(0, 0).expose_grouped().expose_secret(),
        "1342 5425 0980 3077"
    );
    assert_eq!(sequence(7).serial_at(41, 2).number(), 7_857_267_680_703_752);
}

#[test]
fn seed_index_and_attempt_each_change_the_pin() {
    let mut seen = HashSet::new();
    for seed in 0..10 {
        let sequence = sequence(seed);
        for index in 0..100 {
            for attempt in 0..10 {
                assert!(seen.insert(*sequence.pin_at(index, attempt).as_ascii_digits()));
            }
        }
    }
}

#[test]
fn serials_are_valid_and_say_nothing_of_the_pin() {
    let sequence = sequence(3);
    for index in 0..1_000 {
        let serial = sequence.serial_at(index, 0);
        assert!(is_valid_serial(serial));
        assert_ne!(
            serial.to_string().as_bytes(),
            sequence.pin_at(index, 0).as_ascii_digits()
        );
    }
}

#[test]
fn digits_are_spread_evenly_at_each_position() {
    const PINS: u32 = 20_000;
    let sequence = sequence(42);
    let mut counts = [[0_u32; 10]; PIN_LENGTH];
    for index in 0..PINS {
        let pin = sequence.pin_at(index.into(), 0);
        for (position, digit) in pin.as_ascii_digits().iter().enumerate() {
            counts[position][usize::from(digit - b'0')] += 1;
        }
    }
    let expected = f64::from(PINS) / 10.0;
    for (position, digits) in counts.iter().enumerate() {
        let chi_square: f64 = digits
            .iter()
            .map(|&count| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        // Nine degrees of freedom: an even spread exceeds 40 about once in 100,000 seeds, and this seed is fixed.
        assert!(chi_square < 40.0, "position {position}: {chi_square}");
    }
}

#[test]
fn seed_of_another_length_is_refused() {
    assert_eq!(
        PinSeed::from_bytes(&[0; 31]).unwrap_err(),
        PinSeedLengthError { length: 31 }
    );
}

#[test]
fn debug_shows_neither_seed_nor_key() {
    let seed = PinSeed {
        bytes: [0xab; SEED_LENGTH],
    };
    assert_eq!(format!("{seed:?}"), "PinSeed([redacted])");
    assert_eq!(
        format!("{:?}", PinSequence::from_seed(&seed)),
        "PinSequence([redacted])"
    );
}
