//! Identifiers in paths, headers and bodies: what is read prints as what was read.
#![no_main]

use std::fmt::Display;
use std::str::FromStr;

use ids::object::{OrderId, PaymentId, RefundId};
use ids::party::Mid;
use ids::token::Token;
use ids::voucher::{Country, ProductId, Serial};
use libfuzzer_sys::fuzz_target;

fn reads_as_itself<T: FromStr + Display>(text: &str) {
    if let Ok(id) = text.parse::<T>() {
        assert_eq!(id.to_string(), text);
    }
}

fuzz_target!(|text: &str| {
    reads_as_itself::<PaymentId>(text);
    reads_as_itself::<RefundId>(text);
    reads_as_itself::<OrderId>(text);
    reads_as_itself::<Mid>(text);
    reads_as_itself::<Token>(text);
    reads_as_itself::<Country>(text);
    reads_as_itself::<ProductId>(text);
    let _ = text.parse::<Serial>();
});
