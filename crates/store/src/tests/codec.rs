//! What is written is read back as itself, and what is damaged is refused or is another record's one form.

use std::fmt::Debug;

use accounting::entry::Entry;
use payment::attempt::{Attempt, Coordinates};
use payment::duplicate::DuplicateTerms;
use payment::merchant::Merchant;
use payment::payment::Payment;
use proptest::prelude::*;
use voucher::distributor::Distributor;
use voucher::order::{Confirmation, Order};

use crate::codec::wire::{DecodeError, Record};
use crate::codec::{FORMAT, FORMAT_OLDEST, decode, encode};
use crate::tests::dice::Dice;
use crate::tests::facts::KINDS;

fn assert_reads_back<T: Record + PartialEq + Debug>(record: T) {
    let bytes = encode(&record);
    assert_eq!(decode::<T>(&bytes).as_ref(), Ok(&record));
    for end in 0..bytes.len() {
        assert!(decode::<T>(&bytes[..end]).is_err(), "cut at {end}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(decode::<T>(&longer), Err(DecodeError::BytesFollow));
}

/// Every single flipped bit is noticed, or makes the one form of another record.
fn assert_damage_shows<T: Record + PartialEq + Debug>(record: &T) {
    let bytes = encode(record);
    for place in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[place / 8] ^= 1 << (place % 8);
        if let Ok(other) = decode::<T>(&damaged) {
            assert_ne!(&other, record, "bit {place} is not noticed");
            assert_eq!(encode(&other), damaged, "bit {place} makes a second form");
        }
    }
}

proptest! {
    #[test]
    fn entries_read_back_as_themselves(seed in any::<u64>()) {
        for kind in 0..KINDS {
            assert_reads_back(Dice(seed.wrapping_add(kind)).entry_of(kind));
        }
    }

    #[test]
    fn rows_read_back_as_themselves(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        assert_reads_back(dice.merchant());
        assert_reads_back(dice.distributor());
        assert_reads_back(dice.product());
        assert_reads_back(dice.voucher());
        assert_reads_back(dice.payment());
        assert_reads_back(dice.order());
        assert_reads_back(dice.terminal());
        assert_reads_back(dice.api_key());
        assert_reads_back(dice.command());
        assert_reads_back(dice.document());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = bytes;
        let _ = decode::<Entry>(&bytes);
        bytes.insert(0, FORMAT_OLDEST);
        let _ = decode::<Entry>(&bytes);
        bytes.remove(0);
        bytes.insert(0, FORMAT);
        if let Ok(entry) = decode::<Entry>(&bytes) {
            prop_assert_eq!(encode(&entry), bytes);
        }
    }

    #[test]
    fn every_number_has_one_form(unsigned in any::<u64>(), signed in any::<i64>(), bytes in any::<[u8; 11]>()) {
        prop_assert_eq!(decode::<u64>(&encode(&unsigned)), Ok(unsigned));
        prop_assert_eq!(decode::<i64>(&encode(&signed)), Ok(signed));
        let mut bytes = bytes.to_vec();
        bytes[0] = FORMAT;
        for end in 1..=bytes.len() {
            if let Ok(number) = decode::<u64>(&bytes[..end]) {
                prop_assert_eq!(encode(&number), &bytes[..end]);
            }
        }
    }
}

proptest! {
    // Every bit of every record is flipped, so few records are enough.
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_flipped_bit_is_noticed_or_makes_another_record(seed in any::<u64>()) {
        let mut dice = Dice(seed);
        assert_damage_shows(&dice.entry());
        assert_damage_shows(&dice.voucher());
        assert_damage_shows(&dice.payment());
        assert_damage_shows(&dice.terminal());
    }
}

#[test]
fn numbers_at_their_limits_read_back() {
    for number in [0, 127, 128, u64::MAX - 1, u64::MAX] {
        assert_reads_back(number);
    }
    for number in [0, -1, 1, i64::MIN, i64::MAX] {
        assert_reads_back(number);
    }
    assert_reads_back(u16::MAX);
    assert_reads_back(u32::MAX);
}

#[test]
fn forms_that_nobody_writes_are_refused() {
    let number = |bytes: &[u8]| decode::<u64>(bytes);
    assert_eq!(number(&[]), Err(DecodeError::EndsEarly));
    assert_eq!(
        number(&[FORMAT + 1, 0]),
        Err(DecodeError::UnknownFormat { found: FORMAT + 1 })
    );
    assert_eq!(number(&[1, 0x80, 0]), Err(DecodeError::Invalid("number")));
    let too_long = [1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2];
    assert_eq!(number(&too_long), Err(DecodeError::Invalid("number")));
    let option = decode::<Option<u64>>(&[1, 2, 0]);
    assert!(matches!(
        option,
        Err(DecodeError::UnknownChoice { found: 2, .. })
    ));
    assert_eq!(
        decode::<String>(&[1, 1, 0xff]),
        Err(DecodeError::Invalid("text"))
    );
    // A list that claims more than there is takes no memory for it.
    let huge = [1, 255, 255, 255, 255, 255, 255, 255, 255, 127];
    assert_eq!(decode::<Vec<u64>>(&huge), Err(DecodeError::EndsEarly));
}

#[test]
fn an_attempt_of_the_fourth_format_was_nowhere() {
    let attempt = Attempt {
        whereabouts: None,
        ..Dice(4).attempt()
    };
    let mut bytes = encode(&attempt);
    bytes[0] = 4;
    assert_eq!(bytes.pop(), Some(0));
    assert_eq!(decode::<Attempt>(&bytes), Ok(attempt));
}

#[test]
fn places_that_are_not_on_the_earth_are_refused() {
    let ends = [(-9_000, -18_000), (9_000, 18_000), (0, 0)];
    for (latitude, longitude) in ends {
        assert_reads_back(Coordinates::new(latitude, longitude).expect("a place"));
    }
    // One hundredth of a degree beyond either end.
    for form in [18_001_u32 << 16, 36_001] {
        let mut bytes = vec![FORMAT];
        form.write(&mut bytes);
        let refused = decode::<Coordinates>(&bytes);
        assert!(matches!(refused, Err(DecodeError::Invalid(_))), "{form}");
    }
}

/// Records as the first format wrote them: a name, an entry's sequence and the bytes.
const FORMAT_1: &str = include_str!("format1.txt");

#[test]
fn records_of_the_first_format_are_still_read() {
    let bytes_of = |hex: &str| -> Vec<u8> {
        let digits = (0..hex.len())
            .step_by(2)
            .map(|place| &hex[place..place + 2]);
        digits
            .map(|pair| u8::from_str_radix(pair, 16).unwrap())
            .collect()
    };
    let mut entries = 0;
    for line in FORMAT_1.lines() {
        let [name, sequence, hex] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let bytes = bytes_of(hex);
        assert_eq!(bytes[0], 1);
        match name {
            "payment" => {
                let payment = reads_on::<Payment>(&bytes);
                assert_eq!(
                    (payment.authorized, payment.duplicate, payment.stopped),
                    (None, None, None)
                );
            }
            "merchant" => assert_eq!(
                reads_on::<Merchant>(&bytes).duplicates,
                DuplicateTerms::default()
            ),
            "order" => assert_eq!(
                reads_on::<Order>(&bytes).confirmation,
                Confirmation::NotNeeded
            ),
            "distributor" => assert_eq!(reads_on::<Distributor>(&bytes).confirmation_window, None),
            _ => {
                entries += 1;
                let entry = reads_on::<Entry>(&bytes);
                assert_eq!(entry.sequence().0.to_string(), sequence);
                let fact = name.split('.').next().unwrap();
                assert!(format!("{:?}", entry.fact()).starts_with(fact), "{name}");
            }
        }
    }
    assert_eq!(entries, 18);
}

/// The record in old bytes; written anew it is the same one.
fn reads_on<T: Record + PartialEq + Debug>(bytes: &[u8]) -> T {
    let record = decode::<T>(bytes).unwrap();
    assert_eq!(decode::<T>(&encode(&record)).as_ref(), Ok(&record));
    record
}
