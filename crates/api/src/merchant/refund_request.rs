//! Reading a request to refund.

use money::currency::Currency;
use payment::merchant::{Merchant, Standing};
use payment::refund::RefundRequest;

use crate::answer::Result;
use crate::json::{Object, Warnings};
use crate::merchant::{amounts, payment_request};
use crate::problem::catalogue as kinds;

const COMMENT_LENGTH_MAX: usize = 60;
/// RFC 5321, section 4.5.3.1.3, less the angle brackets.
const EMAIL_LENGTH_MAX: usize = 254;

/// A refund that a body asks for.
pub struct NewRefund {
    pub request: RefundRequest,
    pub step: Step,
    pub warnings: Warnings,
}

/// How far the refund goes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is checked and waits to be captured.
    Validate,
    /// Value moves.
    CarryOut,
}

/// The refund of a payment in `currency`.
pub fn read(body: &[u8], merchant: &Merchant, currency: Currency) -> Result<NewRefund> {
    let mut warnings = Warnings::default();
    let mut object = Object::parse(body)?;
    payment_request::require_type(&mut object)?;
    let step = match object.flag("capture")? {
        Some(true) => Step::CarryOut,
        Some(false) | None => Step::Validate,
    };
    let found = amounts::required_currency(&mut object, &kinds::INVALID_CURRENCY)?;
    if found != currency {
        return Err(
            kinds::INVALID_CURRENCY.of_param("currency", format!("The payment is in {currency}."))
        );
    }
    let amount = amounts::amount(&mut object, "amount", currency)?
        .ok_or_else(|| object.missing("amount"))?;
    let (customer_id, customer_email) = customer(&mut object, &mut warnings)?;
    let request = RefundRequest {
        minor: amount.minor,
        customer_id,
        customer_email,
        submerchant: submerchant(&mut object, merchant)?,
        comment: comment(&mut object)?,
    };
    object.finish(&mut warnings);
    Ok(NewRefund {
        request,
        step,
        warnings,
    })
}

fn customer(body: &mut Object<'_>, warnings: &mut Warnings) -> Result<(String, Option<String>)> {
    let mut object = body.object("customer")?;
    if object.text("psc_id")?.is_some() {
        return Err(kinds::ACCOUNTS_NOT_ENABLED.of_param(
            "customer.psc_id",
            "The refund names an account, and accounts are not enabled. Leave it out: the value goes back to the vouchers that paid.",
        ));
    }
    let id = object.required_text("id")?.into_owned();
    let email = object.text("email")?;
    let is_email = |text: &str| {
        text.len() <= EMAIL_LENGTH_MAX && text.contains('@') && !text.chars().any(char::is_control)
    };
    if email.as_deref().is_some_and(|text| !is_email(text)) {
        return Err(object.invalid("email", "must be an e-mail address"));
    }
    object.finish(warnings);
    Ok((id, email.map(|text| text.into_owned())))
}

fn submerchant(object: &mut Object<'_>, merchant: &Merchant) -> Result<Option<String>> {
    let Some(id) = payment_request::submerchant(object)? else {
        return Ok(None);
    };
    let known = merchant.submerchants.iter().find(|known| known.id == id);
    match known.map(|known| known.standing) {
        Some(Standing::Active) => Ok(Some(id)),
        Some(Standing::Suspended) => {
            Err(kinds::SUBMERCHANT_NOT_ACTIVE.refused().at("submerchant_id"))
        }
        None => Err(kinds::SUBMERCHANT_NOT_FOUND.refused().at("submerchant_id")),
    }
}

fn comment(object: &mut Object<'_>) -> Result<Option<String>> {
    let Some(text) = object.text("comment")? else {
        return Ok(None);
    };
    let allowed = |c: char| c.is_alphanumeric() || "'.,-/\\:?!()+&_ ".contains(c);
    if text.chars().count() <= COMMENT_LENGTH_MAX && text.chars().all(allowed) {
        Ok(Some(text.into_owned()))
    } else {
        Err(object.invalid(
            "comment",
            r"must be at most 60 letters, digits, spaces and '.,-/\:?!()+&_",
        ))
    }
}
