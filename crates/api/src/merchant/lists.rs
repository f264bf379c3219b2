//! Lists and searches of payments.

use axum::extract::State;
use engine::service::merchant::MerchantService;
use ids::command::Sequence;
use ids::voucher::Serial;
use money::currency::Currency;
use payment::merchant::Merchant;
use payment::state::Status;
use serde::Deserialize;
use store::query::{Cursor, PAGE_SIZE_MAX, PaymentQuery};
use utoipa::IntoParams;

use crate::answer::{Answer, Result};
use crate::call::MerchantCall;
use crate::merchant::amounts;
use crate::problem::{Subject, invalid, of};
use crate::query::Query;
use crate::state::ApiState;
use crate::wire;
use crate::wire::List;

const PAGE_SIZE_DEFAULT: usize = 50;

/// Which payments to list. Conditions that are missing let everything through.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentFilter {
    /// Payments in this state.
    #[param(inline)]
    pub status: Option<StatusFilter>,
    /// Created at or after: RFC 3339, or milliseconds since 1970.
    #[param(example = "2026-01-31T00:00:00Z")]
    pub created_from: Option<String>,
    /// Created before.
    pub created_to: Option<String>,
    /// At least this amount; with several currencies, `currency` has to be given too.
    #[param(pattern = r"^[0-9]{1,11}(\.[0-9]{1,2})?$")]
    pub amount_min: Option<String>,
    /// At most this amount.
    #[param(pattern = r"^[0-9]{1,11}(\.[0-9]{1,2})?$")]
    pub amount_max: Option<String>,
    #[param(pattern = "^[A-Z]{3}$")]
    pub currency: Option<String>,
    /// Paid with the voucher of this serial.
    #[param(pattern = "^[1-9][0-9]{15}$")]
    pub serial: Option<String>,
    /// Of this customer.
    pub customer_id: Option<String>,
    /// Of this submerchant.
    pub submerchant_id: Option<String>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{1,16}$")]
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub page_size: Option<u32>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StatusFilter {
    Initiated,
    Redirected,
    Authorized,
    Success,
    CanceledMerchant,
    CanceledCustomer,
    Expired,
}

/// List and search payments
///
/// Newest first, a page at a time, without their refunds. May trail the newest changes by at most two seconds; a payment read by its id never
/// does.
#[utoipa::path(
    get,
    path = "/v1/payments",
    tag = "Payments",
    params(PaymentFilter),
    responses((status = 200, description = "One page", body = List<wire::payment::Payment>)),
)]
pub async fn list_payments(State(api): State<ApiState>, call: MerchantCall) -> Result<Answer> {
    let query = read(call.query(), &call.party)?;
    let merchants: &MerchantService = &api.merchants;
    let page = merchants
        .payments(&query)
        .await
        .map_err(|error| of(error, Subject::Account))?;
    let payments = page.items.iter();
    let payments = payments.map(|payment| wire::payment::Payment::listed(payment, &api));
    let next = page
        .next
        .map(|Cursor(sequence)| format!("{:x}", sequence.0));
    Ok(Answer::ok(&List::page(payments.collect(), next)))
}

fn read(text: Option<&str>, merchant: &Merchant) -> Result<PaymentQuery> {
    let mut query = Query::parse(text);
    let currency = query.value("currency", "an ISO 4217 code such as EUR")?;
    let amount_currency = currency.or(match merchant.currencies.as_slice() {
        [only] => Some(*only),
        _ => None,
    });
    let customer_id = query.text("customer_id")?;
    let submerchant = query.text("submerchant_id")?;
    let read = PaymentQuery {
        merchant: merchant.id,
        status: status(&mut query)?,
        currency,
        created_from: query.time("created_from")?,
        created_to: query.time("created_to")?,
        amount_min: amount(&mut query, "amount_min", amount_currency)?,
        amount_max: amount(&mut query, "amount_max", amount_currency)?,
        serial: query.value::<Serial>("serial", "a serial of 16 digits")?,
        customer_id: customer_id.map(|text| text.into_owned()),
        submerchant: submerchant.map(|text| text.into_owned()),
        after: cursor(&mut query)?,
        page_size: page_size(&mut query)?,
    };
    query.finish()?;
    Ok(read)
}

fn status(query: &mut Query<'_>) -> Result<Option<Status>> {
    let Some(text) = query.text("status")? else {
        return Ok(None);
    };
    let found = Status::ALL
        .into_iter()
        .find(|status| wire::payment::Status::from(*status).name() == text);
    match found {
        Some(status) => Ok(Some(status)),
        None => Err(invalid("status", "must be a state such as AUTHORIZED")),
    }
}

/// The decimal places of an amount depend on its currency, so that has to be known.
fn amount(
    query: &mut Query<'_>,
    name: &'static str,
    currency: Option<Currency>,
) -> Result<Option<i64>> {
    let Some(text) = query.text(name)? else {
        return Ok(None);
    };
    let currency =
        currency.ok_or_else(|| invalid("currency", format!("has to be given with {name}")))?;
    Ok(Some(amounts::parse(&text, currency, name)?.minor))
}

pub fn cursor(query: &mut Query<'_>) -> Result<Option<Cursor>> {
    let Some(text) = query.text("cursor")? else {
        return Ok(None);
    };
    let sequence = u64::from_str_radix(&text, 16)
        .ok()
        // The store counts in signed numbers.
        .filter(|sequence| i64::try_from(*sequence).is_ok());
    match sequence {
        Some(sequence) => Ok(Some(Cursor(Sequence(sequence)))),
        None => Err(invalid("cursor", "must be the next_cursor of a page")),
    }
}

pub fn page_size(query: &mut Query<'_>) -> Result<usize> {
    let wanted: Option<usize> = query.value("page_size", "a number from 1 to 200")?;
    match wanted.unwrap_or(PAGE_SIZE_DEFAULT) {
        size @ 1..=PAGE_SIZE_MAX => Ok(size),
        _ => Err(invalid("page_size", "must be a number from 1 to 200")),
    }
}
