//! Amounts that shops and operators write.
#![no_main]

use libfuzzer_sys::fuzz_target;
use money::currency::Currency;
use money::decimal;

fuzz_target!(|text: &str| {
    let (code, number) = text.split_at_checked(3).unwrap_or(("EUR", text));
    let currency: Currency = code.parse().unwrap_or(Currency::EUR);
    if let Ok(amount) = decimal::parse(number, currency) {
        assert!(0 <= amount.minor);
        assert_eq!(decimal::parse(&decimal::print(amount), currency), Ok(amount));
    }
});
