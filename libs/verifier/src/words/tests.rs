use super::currencies::currency;
use super::spelling::{amount, span, time};
use super::*;

#[test]
fn times_are_those_of_the_calendar() {
    for (milliseconds, text) in [
        (0, "1970-01-01 00:00:00.000 UTC"),
        (951_782_399_999, "2000-02-28 23:59:59.999 UTC"),
        (951_782_400_000, "2000-02-29 00:00:00.000 UTC"),
        (951_868_800_000, "2000-03-01 00:00:00.000 UTC"),
        (1_709_164_800_000, "2024-02-29 00:00:00.000 UTC"),
        (1_796_221_920_000, "2026-12-02 14:32:00.000 UTC"),
        (4_107_542_400_000, "2100-03-01 00:00:00.000 UTC"),
        (253_402_300_799_999, "9999-12-31 23:59:59.999 UTC"),
        (253_402_300_800_000, "253402300800000 ms since 1970"),
        (-1, "-1 ms since 1970"),
        (i64::MAX, "never"),
    ] {
        assert_eq!(time(milliseconds), text);
    }
}

#[test]
fn spans_are_told_in_the_largest_unit_that_fits() {
    for (milliseconds, text) in [
        (86_400_000, "1 day"),
        (7_200_000, "2 hours"),
        (90_000, "90 seconds"),
        (1_500, "1500 ms"),
    ] {
        assert_eq!(span(milliseconds), text);
    }
}

#[test]
fn amounts_have_the_places_of_their_currency() {
    for (minor, number, text) in [
        (1_000, Some(978), "10.00 EUR"),
        (-5, Some(978), "-0.05 EUR"),
        (1_000, Some(392), "1000 JPY"),
        (1_000, Some(48), "1.000 BHD"),
        (i64::MIN, Some(978), "-92233720368547758.08 EUR"),
        (7, Some(1), "7 minor units of currency 1"),
        (7, None, "7 minor units"),
    ] {
        assert_eq!(amount(minor, number), text);
    }
    assert!(currency(0).is_none());
}

#[test]
fn what_is_not_known_is_shown_as_it_is() {
    let says = |content: &[u8]| {
        let opening = Opening {
            group: 0,
            salt: [0; 32],
            content: content.to_vec(),
        };
        read(&[opening]).remove(0).says
    };
    let field = |tag, name: &str, value: &str| {
        Says::Fields(alloc::vec![Field {
            tag,
            name: Cow::Owned(String::from(name)),
            value: String::from(value),
        }])
    };
    assert_eq!(
        says(&[1, 200, 0, 0, 0, 2, 0xab, 0xcd]),
        field(200, "field 200", "0xabcd")
    );
    // A time of one byte, and a currency with a byte behind it.
    assert_eq!(says(&[1, 2, 0, 0, 0, 1, 7]), field(2, "time", "0x07"));
    assert_eq!(
        says(&[1, 5, 0, 0, 0, 3, 3, 210, 0]),
        field(5, "currency", "0x03d200")
    );
    assert_eq!(
        says(b"\x01\x57\0\0\0\x03a\x1bb"),
        field(87, "order reference", "a\\u{1b}b")
    );
    assert_eq!(says(&[1]), Says::Fields(Vec::new()));
    assert_eq!(says(&[2; 33]), Says::Digest("02".repeat(32)));
    for content in [&[][..], &[3], &[1, 2, 0, 0, 0, 9], &[2, 2]] {
        assert_eq!(says(content), Says::Unreadable);
    }
}
