//! Amounts and currencies in requests.

use std::borrow::Cow;

use money::amount::Amount;
use money::currency::Currency;
use money::decimal::{self, ParseAmountError};

use crate::answer::Result;
use crate::json::Object;
use crate::problem::catalogue as kinds;
use crate::problem::{Kind, invalid};

/// The amount in the member of this name, exactly as it was written.
pub fn amount(
    object: &mut Object<'_>,
    name: &'static str,
    currency: Currency,
) -> Result<Option<Amount>> {
    let Some(text) = object.text(name)? else {
        return Ok(None);
    };
    parse(&text, currency, object.path(name)).map(Some)
}

/// Reads an amount; negative ones are refused as not positive, zero is left to the rules.
pub fn parse(
    text: &str,
    currency: Currency,
    param: impl Into<Cow<'static, str>>,
) -> Result<Amount> {
    let param = param.into();
    let (text, is_negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    match decimal::parse(text, currency) {
        Ok(_) if is_negative => Err(kinds::AMOUNT_NOT_POSITIVE.refused().at(param)),
        Ok(amount) => Ok(amount),
        Err(ParseAmountError::TooLarge) => Err(kinds::MAX_AMOUNT_EXCEEDED.refused().at(param)),
        Err(error @ ParseAmountError::NotADecimal)
        | Err(error @ ParseAmountError::TooManyDecimals { .. }) => {
            Err(invalid(param, error.to_string()))
        }
    }
}

/// The currency that has to be there; an unknown one is refused as `unknown`.
pub fn required_currency(object: &mut Object<'_>, unknown: &'static Kind) -> Result<Currency> {
    let text = object.required_text("currency")?;
    text.parse().map_err(|_| {
        unknown.of_param(
            "currency",
            "A currency is the three capital letters of ISO 4217, such as EUR.",
        )
    })
}
