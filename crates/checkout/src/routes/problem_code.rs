//! Why the checkout form comes back, as a word in its address: the page after a redirect knows no other way.

use crate::pages::checkout::CheckoutProblem;
use crate::pages::pin_problem::PinProblem;

/// A word of letters, digits and dashes.
pub fn write(problem: CheckoutProblem) -> String {
    match problem {
        CheckoutProblem::Pin(PinProblem::Length { digits }) => format!("{LENGTH}{digits}"),
        CheckoutProblem::OtherCurrency { voucher } => format!("{CURRENCY}{voucher}"),
        CheckoutProblem::OtherCountry { expected } => format!("{COUNTRY}{expected}"),
        CheckoutProblem::Pin(PinProblem::Missing) => MISSING.to_owned(),
        CheckoutProblem::Pin(PinProblem::NotDigits) => SIGNS.to_owned(),
        CheckoutProblem::Pin(PinProblem::CheckDigit) => SLIP.to_owned(),
        CheckoutProblem::Pin(PinProblem::Refused) => REFUSED.to_owned(),
        CheckoutProblem::AlreadyEntered => ENTERED.to_owned(),
        CheckoutProblem::AccountRequired => ACCOUNT.to_owned(),
        CheckoutProblem::TooManyVouchers => FULL.to_owned(),
        CheckoutProblem::BalanceChanged => CHANGED.to_owned(),
        CheckoutProblem::NotCovered => SHORT.to_owned(),
        CheckoutProblem::Stopped => STOPPED.to_owned(),
        CheckoutProblem::WrongAnswer => ANSWER.to_owned(),
    }
}

/// The problem that [`write`] wrote; none for any other text.
pub fn read(code: &str) -> Option<CheckoutProblem> {
    if let Some(digits) = code.strip_prefix(LENGTH) {
        let digits = digits.parse().ok()?;
        return Some(CheckoutProblem::Pin(PinProblem::Length { digits }));
    }
    if let Some(currency) = code.strip_prefix(CURRENCY) {
        let voucher = currency.parse().ok()?;
        return Some(CheckoutProblem::OtherCurrency { voucher });
    }
    if let Some(country) = code.strip_prefix(COUNTRY) {
        let expected = country.parse().ok()?;
        return Some(CheckoutProblem::OtherCountry { expected });
    }
    match code {
        MISSING => Some(CheckoutProblem::Pin(PinProblem::Missing)),
        SIGNS => Some(CheckoutProblem::Pin(PinProblem::NotDigits)),
        SLIP => Some(CheckoutProblem::Pin(PinProblem::CheckDigit)),
        REFUSED => Some(CheckoutProblem::Pin(PinProblem::Refused)),
        ENTERED => Some(CheckoutProblem::AlreadyEntered),
        ACCOUNT => Some(CheckoutProblem::AccountRequired),
        FULL => Some(CheckoutProblem::TooManyVouchers),
        CHANGED => Some(CheckoutProblem::BalanceChanged),
        SHORT => Some(CheckoutProblem::NotCovered),
        STOPPED => Some(CheckoutProblem::Stopped),
        ANSWER => Some(CheckoutProblem::WrongAnswer),
        _ => None,
    }
}

const LENGTH: &str = "pin-length-";
const CURRENCY: &str = "currency-";
const COUNTRY: &str = "country-";
const MISSING: &str = "pin-missing";
const SIGNS: &str = "pin-signs";
const SLIP: &str = "pin-slip";
const REFUSED: &str = "pin-refused";
const ENTERED: &str = "entered";
const ACCOUNT: &str = "account";
const FULL: &str = "full";
const CHANGED: &str = "changed";
const SHORT: &str = "short";
const STOPPED: &str = "stopped";
const ANSWER: &str = "answer";

#[cfg(test)]
mod tests;
