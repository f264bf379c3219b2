//! Reading an order of a till.

use engine::service::contact::{EmailAddress, LanguageTag, Letters};
use engine::service::distributor::{OrderRequest, OwnerContact};
use ids::time::Span;
use web::language::Language;

use crate::answer::Result;
use crate::json::{Object, Warnings};
use crate::merchant::amounts;
use crate::problem::catalogue as kinds;

const SHOP_ID_LENGTH_MAX: usize = 60;

/// The order that a body asks for.
pub fn read(body: &[u8], letters: Letters) -> Result<(OrderRequest, Warnings)> {
    let mut warnings = Warnings::default();
    let mut object = Object::parse(body)?;
    require_delivery_in_answer(&mut object)?;
    let currency = amounts::required_currency(&mut object, &kinds::INVALID_CURRENCY)?;
    let amount = amounts::amount(&mut object, "amount", currency)?
        .ok_or_else(|| object.missing("amount"))?;
    let country = object.required_text("country")?.parse();
    let product = object.required_text("product_id")?.parse();
    let terminal = object.required_text("terminal_id")?.parse();
    let request = OrderRequest {
        amount,
        country: country
            .map_err(|_| object.invalid("country", "must be two capital letters, such as AT"))?,
        product: product.map_err(|_| object.invalid("product_id", "must be five digits"))?,
        terminal: terminal.map_err(|_| {
            object.invalid("terminal_id", "must be 1 to 41 of A-Z, a-z, 0-9, - and _")
        })?,
        shop: shop(&mut object)?,
        confirmation_window: object
            .number("confirmation_window")?
            .map(|seconds| Span(seconds.saturating_mul(Span::SECOND.0))),
        owner: owner(&mut object, letters, &mut warnings)?,
    };
    pass_over(&mut object, &mut warnings)?;
    object.finish(&mut warnings);
    Ok((request, warnings))
}

/// The PIN is delivered in the answer; the other ways of paysafecard's interface need what is not there.
fn require_delivery_in_answer(object: &mut Object<'_>) -> Result<()> {
    match object.text("delivery_type")?.as_deref() {
        None | Some("RETURN") => {}
        Some("ACCOUNT") => {
            return Err(kinds::ACCOUNTS_NOT_ENABLED.of_param(
                "delivery_type",
                "Accounts are not enabled. With RETURN the PIN is in the answer.",
            ));
        }
        Some(_) => return Err(object.invalid("delivery_type", "must be RETURN")),
    }
    match object.flag("capture")? {
        Some(false) => {
            Err(object.invalid("capture", "must be true: orders are carried out at once"))
        }
        Some(true) | None => Ok(()),
    }
}

fn shop(object: &mut Object<'_>) -> Result<String> {
    let text = object.required_text("shop_id")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if text.len() <= SHOP_ID_LENGTH_MAX && text.bytes().all(allowed) {
        Ok(text.into_owned())
    } else {
        Err(object.invalid("shop_id", "must be 1 to 60 of A-Z, a-z, 0-9, - and _"))
    }
}

/// Where the buyer wants to be told. An address that could never be written to is not taken.
fn owner(
    object: &mut Object<'_>,
    letters: Letters,
    warnings: &mut Warnings,
) -> Result<Option<OwnerContact>> {
    if !object.contains("owner_contact") {
        return Ok(None);
    }
    if letters == Letters::NotSent {
        return Err(object.invalid(
            "owner_contact",
            "is not taken: this installation sends no letters; leave it out",
        ));
    }
    let mut contact = object.object("owner_contact")?;
    let address = EmailAddress::parse(&contact.required_text("email")?)
        .map_err(|error| contact.invalid("email", error.to_string()))?;
    let tag = contact.text("language")?;
    let language = tag.map_or(Some(Language::English), |tag| Language::from_tag(&tag));
    let language = language.and_then(|language| LanguageTag::new(language.tag()));
    let language = language.ok_or_else(|| {
        let known = Language::ALL.map(Language::tag).join(", ");
        contact.invalid("language", format!("must be one of {known}"))
    })?;
    contact.finish(warnings);
    Ok(Some(OwnerContact { address, language }))
}

/// Members that tills send and that nothing depends on; they are data about buyers, so they are not kept.
fn pass_over(object: &mut Object<'_>, warnings: &mut Warnings) -> Result<()> {
    object.text("utc_offset")?;
    object.text("retailer_id")?;
    let mut customer = object.object("customer")?;
    customer.text("id_type")?;
    customer.text("id")?;
    customer.finish(warnings);
    Ok(())
}
