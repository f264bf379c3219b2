//! The shop's name for what is bought.

use std::fmt;
use std::str::FromStr;

/// The longest reference, in characters.
pub const ORDER_REFERENCE_LENGTH_MAX: usize = 60;

/// What the shop calls the order that a payment is for: two payments of one order are one too many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderReference(String);

/// The text is no order reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("1 to {ORDER_REFERENCE_LENGTH_MAX} characters, none of them a control character")]
pub struct InvalidOrderReference;

impl OrderReference {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrderReference {
    type Err = InvalidOrderReference;

    fn from_str(text: &str) -> Result<OrderReference, InvalidOrderReference> {
        let has_length = (1..=ORDER_REFERENCE_LENGTH_MAX).contains(&text.chars().count());
        if has_length && !text.chars().any(char::is_control) {
            Ok(OrderReference(text.to_owned()))
        } else {
            Err(InvalidOrderReference)
        }
    }
}

impl fmt::Display for OrderReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
