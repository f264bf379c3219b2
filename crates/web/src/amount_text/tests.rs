use money::currency::Currency;

use super::*;

fn check(minor: i64, code: &str, expected: [&str; 4]) {
    let currency: Currency = code.parse().unwrap();
    let texts = Language::ALL.map(|language| amount_text(Amount::new(minor, currency), language));
    let readable = texts.map(|text| text.replace(['\u{a0}', '\u{202f}'], "_"));
    assert_eq!(readable, expected);
}

#[test]
fn amounts_read_as_their_language_writes_them() {
    check(1_000, "EUR", ["€10.00", "10,00_€", "10,00_€", "10,00_€"]);
    check(5, "GBP", ["£0.05", "0,05_£", "0,05_£", "0,05_£"]);
    check(
        123_450,
        "PLN",
        ["PLN_1,234.50", "1.234,50_PLN", "1_234,50_PLN", "1234,50_zł"],
    );
    check(
        1_234_567_890,
        "CHF",
        [
            "CHF_12,345,678.90",
            "12.345.678,90_CHF",
            "12_345_678,90_CHF",
            "12_345_678,90_CHF",
        ],
    );
}

#[test]
fn currencies_without_decimals_and_differences_below_zero() {
    check(
        5_000,
        "JPY",
        ["JPY_5,000", "5.000_JPY", "5_000_JPY", "5000_JPY"],
    );
    check(-750, "EUR", ["−€7.50", "−7,50_€", "−7,50_€", "−7,50_€"]);
    check(
        i64::MIN,
        "JPY",
        [
            "−JPY_9,223,372,036,854,775,808",
            "−9.223.372.036.854.775.808_JPY",
            "−9_223_372_036_854_775_808_JPY",
            "−9_223_372_036_854_775_808_JPY",
        ],
    );
}
