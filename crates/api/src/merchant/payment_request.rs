//! Reading a request to create a payment.

use std::borrow::Cow;
use std::net::IpAddr;

use ids::object::PaymentId;
use ids::party::Mid;
use ids::time::Span;
use ids::token::Token;
use ids::voucher::Country;
use payment::merchant::Merchant;
use payment::order_reference::{InvalidOrderReference, OrderReference};
use payment::payment::{Customer, KycLevel, PaymentRequest};
use payment::state::CaptureMode;
use url::Url;

use crate::answer::Result;
use crate::json::{Object, Warnings};
use crate::merchant::amounts;
use crate::problem::catalogue as kinds;
use crate::problem::invalid;
use crate::webhook::address::{TargetPolicy, parse_target};

#[cfg(test)]
mod tests;

/// Characters of a URL.
pub const URL_LENGTH_MAX: usize = 2_048;
/// Characters of a customer id.
pub const CUSTOMER_ID_LENGTH_MAX: usize = 60;
const SUBMERCHANT_LENGTH_MAX: usize = 8;
const SHOP_ID_LENGTH_MAX: usize = 60;
const AGE_MAX: i64 = 120;
/// What a shop writes in its URLs for the id that it does not know yet.
const PAYMENT_ID_PLACEHOLDER: &str = "{payment_id}";

/// The payment that a body asks for. Its id is known before, so the placeholder in the URLs is filled in here, and
/// whoever uses them later need not think of it.
pub fn read(body: &[u8], merchant: &Merchant, token: Token) -> Result<(PaymentRequest, Warnings)> {
    let mut warnings = Warnings::default();
    let mut object = Object::parse(body)?;
    require_type(&mut object)?;
    let currency = amounts::required_currency(&mut object, &kinds::CURRENCY_NOT_ENABLED)?;
    let amount = amounts::amount(&mut object, "amount", currency)?
        .ok_or_else(|| object.missing("amount"))?;
    let mid = Mid {
        merchant: merchant.id,
        currency,
    };
    let id = PaymentId { mid, token }.to_string();
    let mut redirect = object.object("redirect")?;
    let request = PaymentRequest {
        amount,
        success_url: url(&mut redirect, "success_url", &id)?,
        failure_url: url(&mut redirect, "failure_url", &id)?,
        notification_url: url(&mut object, "notification_url", &id)?,
        customer: customer(&mut object, &mut warnings)?,
        submerchant: submerchant(&mut object)?,
        shop_id: shop_id(&mut object)?,
        capture_window: capture_window(&mut object)?.unwrap_or(merchant.capture_window),
        capture: capture_mode(&mut object)?.unwrap_or(merchant.capture),
        order_reference: order_reference(&mut object)?,
    };
    redirect.finish(&mut warnings);
    object.finish(&mut warnings);
    Ok((request, warnings))
}

/// `type` is fixed, and has to be there.
pub fn require_type(object: &mut Object<'_>) -> Result<()> {
    match object.required_text("type")?.as_ref() {
        "PAYSAFECARD" => Ok(()),
        _ => Err(invalid("type", "must be PAYSAFECARD")),
    }
}

/// The name of a submerchant, if there is one; whether it exists the rules decide.
pub fn submerchant(object: &mut Object<'_>) -> Result<Option<String>> {
    let Some(text) = object.text("submerchant_id")? else {
        return Ok(None);
    };
    let is_name = text.len() <= SUBMERCHANT_LENGTH_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_name {
        Ok(Some(text.into_owned()))
    } else {
        Err(object.invalid("submerchant_id", "must be 1 to 8 letters and digits"))
    }
}

/// The capture window in seconds, also under the longer name; its bounds the rules decide.
pub fn capture_window(object: &mut Object<'_>) -> Result<Option<Span>> {
    let short = object.number("capture_window")?;
    let long = object.number("capture_window_seconds")?;
    if short.zip(long).is_some_and(|(short, long)| short != long) {
        return Err(object.invalid("capture_window_seconds", "capture_window says otherwise"));
    }
    Ok(short
        .or(long)
        .map(|seconds| Span(seconds.saturating_mul(Span::SECOND.0))))
}

/// When to capture: `capture` in words or as truth value, or `auto_capture` as truth value.
pub fn capture_mode(object: &mut Object<'_>) -> Result<Option<CaptureMode>> {
    let automatic = match object.flag("auto_capture")? {
        Some(true) => Some(CaptureMode::Automatic),
        Some(false) => Some(CaptureMode::Manual),
        None => None,
    };
    let word = object.word("capture");
    let mode = match word.as_deref() {
        None => return Ok(automatic),
        Some("automatic" | "true") => CaptureMode::Automatic,
        Some("manual" | "false") => CaptureMode::Manual,
        Some(_) => return Err(object.invalid("capture", "must be manual or automatic")),
    };
    Ok(Some(mode))
}

/// Says that the classic notification will not be sent, where that is known beforehand. The sale goes on without it.
pub fn warn_of_target(url: &str, policy: TargetPolicy, warnings: &mut Warnings) {
    match policy {
        TargetPolicy::PrivateAllowed => {}
        TargetPolicy::PublicOnly => {
            if let Err(refusal) = parse_target(url, policy) {
                warnings.add(format!(
                    "nothing will be sent to notification_url: {refusal}"
                ));
            }
        }
    }
}

fn shop_id(object: &mut Object<'_>) -> Result<Option<String>> {
    let Some(text) = object.text("shop_id")? else {
        return Ok(None);
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if text.len() <= SHOP_ID_LENGTH_MAX && text.bytes().all(allowed) {
        Ok(Some(text.into_owned()))
    } else {
        Err(object.invalid("shop_id", "must be 1 to 60 of A-Z, a-z, 0-9, - and _"))
    }
}

/// What the shop calls the order. Whatever can be printed will do.
fn order_reference(object: &mut Object<'_>) -> Result<Option<OrderReference>> {
    let Some(text) = object.text("order_reference")? else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|error: InvalidOrderReference| {
            object.invalid("order_reference", format!("must be {error}"))
        })
}

fn customer(body: &mut Object<'_>, warnings: &mut Warnings) -> Result<Customer> {
    let mut object = body.object("customer")?;
    let customer = Customer {
        id: customer_id(&mut object)?,
        address: customer_address(&mut object, warnings)?,
        min_age: min_age(&mut object)?,
        kyc_level: kyc_level(&mut object)?,
        country_restriction: country_restriction(&mut object)?,
    };
    if customer.min_age.is_some() || customer.kyc_level.is_some() {
        warnings.add(
            "customer.min_age and customer.kyc_level demand a verified account; accounts are not enabled, so no payer can pay"
                .to_owned(),
        );
    }
    object.finish(warnings);
    Ok(customer)
}

/// The shop's own name for the customer. What changes or names a person is no such name (paysafecard's error 3019).
fn customer_id(object: &mut Object<'_>) -> Result<String> {
    let text = object.required_text("id")?;
    let refuse = |detail| Err(kinds::CUSTOMER_ID_INVALID.of_param("customer.id", detail));
    if CUSTOMER_ID_LENGTH_MAX < text.chars().count() {
        return refuse("A customer id has at most 60 characters.");
    }
    if text.chars().any(char::is_control) {
        return refuse("A customer id holds no control characters.");
    }
    if text.contains('@') {
        return refuse(
            "An e-mail address is no customer id: it names a person, and it may change.",
        );
    }
    if text.parse::<IpAddr>().is_ok() {
        return refuse("An IP address is no customer id: it changes from day to day.");
    }
    Ok(text.into_owned())
}

/// The address as the shop saw it. Clients send it without need, so an unreadable one is no reason to lose a sale.
fn customer_address(object: &mut Object<'_>, warnings: &mut Warnings) -> Result<Option<IpAddr>> {
    let Some(text) = object.text("ip")? else {
        return Ok(None);
    };
    let address = text.parse().ok();
    if address.is_none() {
        warnings.add("customer.ip is not an IP address and has no effect".to_owned());
    }
    Ok(address)
}

fn min_age(object: &mut Object<'_>) -> Result<Option<u8>> {
    match object.number("min_age")? {
        // Some clients send zero where the shop set nothing.
        None | Some(0) => Ok(None),
        Some(years) if (1..=AGE_MAX).contains(&years) => Ok(u8::try_from(years).ok()),
        Some(_) => Err(object.invalid("min_age", "must be 1 to 120 years")),
    }
}

fn kyc_level(object: &mut Object<'_>) -> Result<Option<KycLevel>> {
    match object.text("kyc_level")?.as_deref() {
        None => Ok(None),
        Some("SIMPLE") => Ok(Some(KycLevel::Simple)),
        Some("FULL") => Ok(Some(KycLevel::Full)),
        Some(_) => Err(object.invalid("kyc_level", "must be SIMPLE or FULL")),
    }
}

fn country_restriction(object: &mut Object<'_>) -> Result<Option<Country>> {
    let Some(text) = object.text("country_restriction")? else {
        return Ok(None);
    };
    let country = text.to_ascii_uppercase().parse();
    country
        .map(Some)
        .map_err(|_| object.invalid("country_restriction", "must be two letters, such as AT"))
}

/// A URL that has to be there, with the payment's id filled in.
fn url(object: &mut Object<'_>, name: &'static str, id: &str) -> Result<String> {
    let text = object.required_text(name)?;
    let text: Cow<'_, str> = if text.contains(PAYMENT_ID_PLACEHOLDER) {
        Cow::Owned(text.replace(PAYMENT_ID_PLACEHOLDER, id))
    } else {
        text
    };
    if URL_LENGTH_MAX < text.len() {
        return Err(object.invalid(name, "a URL has at most 2048 characters"));
    }
    // The parser would drop tabs and line ends in silence; nobody means them.
    if text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(object.invalid(name, "a URL holds no spaces and no control characters"));
    }
    // Other letters than ASCII would not survive in a header: the escaped form says the same.
    let decisive = if text.is_ascii() {
        origin(&text)
    } else {
        &text
    };
    let url = Url::parse(decisive).map_err(|_| object.invalid(name, "must be a complete URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(object.invalid(name, "must begin with https:// or http://"));
    }
    Ok(if text.is_ascii() {
        text.into_owned()
    } else {
        url.into()
    })
}

/// The part of a URL that decides whether it is one: no path, query or fragment makes a web address invalid (WHATWG URL,
/// section 4.4). A text that does not begin as web addresses do is decisive as a whole.
fn origin(text: &str) -> &str {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text;
    };
    match rest.find(['/', '\\', '?', '#']) {
        // Spare slashes in front of the host are passed over.
        Some(0) | None => text,
        Some(end) => &text[..scheme.len() + "://".len() + end],
    }
}
