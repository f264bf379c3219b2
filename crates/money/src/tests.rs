use proptest::prelude::*;

use crate::amount::{Amount, AmountError, allocate};
use crate::currency::Currency;
use crate::decimal::{self, ParseAmountError};

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["EUR", "GBP", "JPY", "KWD", "PLN"])
        .prop_map(|code| code.parse().expect("a code of ISO 4217"))
}

proptest! {
    #[test]
    fn a_printed_amount_reads_back_as_itself(minor in 0_i64..1_000_000_000_000, currency in currency()) {
        let amount = Amount::new(minor, currency);
        prop_assert_eq!(decimal::parse(&decimal::print(amount), currency), Ok(amount));
    }

    #[test]
    fn an_allocation_loses_no_minor_unit(wanted in 0_i64..10_000, available in prop::collection::vec(0_i64..5_000, 0..10)) {
        match allocate(wanted, &available) {
            Some(shares) => {
                prop_assert_eq!(shares.iter().sum::<i64>(), wanted);
                prop_assert!(shares.iter().zip(&available).all(|(share, most)| share <= most));
            }
            None => prop_assert!(available.iter().sum::<i64>() < wanted),
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,24}", currency in currency()) {
        let _ = decimal::parse(&text, currency);
    }
}

#[test]
fn amounts_are_read_as_their_currency_writes_them() {
    let cases = [
        ("10", "EUR", Ok(1_000)),
        ("10.5", "EUR", Ok(1_050)),
        ("0.10", "EUR", Ok(10)),
        ("10.000", "EUR", Ok(1_000)),
        ("007.00", "EUR", Ok(700)),
        ("10.001", "EUR", Err("decimals")),
        ("1.5", "JPY", Err("decimals")),
        ("1500", "JPY", Ok(1_500)),
        ("", "EUR", Err("decimal")),
        ("-1", "EUR", Err("decimal")),
        ("1e3", "EUR", Err("decimal")),
        (".5", "EUR", Err("decimal")),
        ("5.", "EUR", Err("decimal")),
        ("99999999999999", "EUR", Err("large")),
    ];
    for (text, code, expected) in cases {
        let currency = code.parse().expect("a code of ISO 4217");
        let found = decimal::parse(text, currency).map(|amount| amount.minor);
        let found = found.map_err(|error| match error {
            ParseAmountError::NotADecimal => "decimal",
            ParseAmountError::TooManyDecimals { .. } => "decimals",
            ParseAmountError::TooLarge => "large",
        });
        assert_eq!(found, expected, "{text} {code}");
    }
}

#[test]
fn amounts_are_printed_with_all_places() {
    let cases = [
        (0, "EUR", "0.00"),
        (5, "EUR", "0.05"),
        (-5, "EUR", "-0.05"),
        (123_456, "EUR", "1234.56"),
        (7, "KWD", "0.007"),
        (1_200, "JPY", "1200"),
        (0, "JPY", "0"),
        (i64::MIN, "EUR", "-92233720368547758.08"),
        (i64::MAX, "JPY", "9223372036854775807"),
    ];
    for (minor, code, expected) in cases {
        let currency = code.parse().expect("a code of ISO 4217");
        assert_eq!(decimal::print(Amount::new(minor, currency)), expected);
    }
}

#[test]
fn two_currencies_never_add() {
    let euro = Amount::new(1, Currency::EUR);
    let pound = Amount::new(1, Currency::GBP);
    assert_eq!(
        euro.checked_add(pound),
        Err(AmountError::CurrenciesDiffer {
            left: Currency::EUR,
            right: Currency::GBP
        })
    );
}

#[test]
fn a_sum_beyond_64_bits_is_refused() {
    let most = Amount::new(i64::MAX, Currency::EUR);
    let one = Amount::new(1, Currency::EUR);
    assert_eq!(most.checked_add(one), Err(AmountError::Overflow));
}

#[test]
fn shares_round_half_away_from_zero() {
    let cases = [
        (1_000, 500, 50),
        (1, 5_000, 1),
        (-1, 5_000, -1),
        (333, 100, 3),
    ];
    for (minor, basis_points, expected) in cases {
        let share = Amount::new(minor, Currency::EUR).share(basis_points);
        assert_eq!(share, Ok(Amount::new(expected, Currency::EUR)));
    }
}

#[test]
fn a_currency_without_minor_unit_is_unknown() {
    assert!("XXX".parse::<Currency>().is_err());
    assert!("eur".parse::<Currency>().is_err());
    assert_eq!(Currency::from_numeric(978), Ok(Currency::EUR));
}
