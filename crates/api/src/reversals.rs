//! `/v1/reversals` and `/v1/orders/reversals`: what was left hanging and put right without a person.

use std::sync::Arc;

use accounting::entry::Entry;
use accounting::fact::Party;
use axum::extract::State;
use ids::object::PaymentId;
use payment::payment::Payment;
use serde::Deserialize;
use store::query::{Cursor, ReversalQuery};
use store::reversal::{self, ReversalKind};
use utoipa::IntoParams;

use crate::answer::{Answer, Result};
use crate::call::{DistributorCall, MerchantCall};
use crate::merchant::lists::{cursor, page_size};
use crate::problem::{Subject, invalid, of};
use crate::query::Query;
use crate::state::ApiState;
use crate::wire::List;
use crate::wire::reversal::{KindWord, Reversal};

/// Which corrections to list. Conditions that are missing let everything through.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReversalFilter {
    /// What hung.
    #[param(inline)]
    pub kind: Option<KindFilter>,
    /// Put right at or after: RFC 3339, or milliseconds since 1970.
    #[param(example = "2026-01-31T00:00:00Z")]
    pub from: Option<String>,
    /// Put right before.
    pub to: Option<String>,
    /// Of this payment; the answer is one page then.
    #[param(example = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR")]
    pub payment_id: Option<String>,
    /// `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{1,16}$")]
    pub cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub page_size: Option<u32>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindFilter {
    PaymentAbandoned,
    CheckoutAbandoned,
    ReviewLapsed,
    HoldLapsed,
    Duplicate,
    RefundLapsed,
    OrderUnconfirmed,
    Mismatch,
}

/// List what was put right
///
/// Everything of the merchant that hung and that a timer ended, gave back, marked or stopped, newest first. Each is an
/// entry of the payment's history too. May trail the newest changes by at most two seconds.
#[utoipa::path(
    get,
    path = "/v1/reversals",
    tag = "Reversals",
    params(ReversalFilter),
    responses((status = 200, description = "One page", body = List<Reversal>)),
)]
pub async fn list_reversals(State(api): State<ApiState>, call: MerchantCall) -> Result<Answer> {
    let (query, payment) = read(call.query(), Party::Merchant(call.party.id))?;
    let (found, next) = match payment {
        Some(id) => {
            let payment = api.merchants.payment(call.party.id, id).await;
            match payment.map_err(|error| of(error, Subject::Account))? {
                Some(payment) => (of_payment(&api, payment, &query).await?, None),
                None => (Vec::new(), None),
            }
        }
        None => {
            let page = api.merchants.reversals(&query).await;
            let page = page.map_err(|error| of(error, Subject::Account))?;
            (page.items, page.next)
        }
    };
    let payments: Vec<&Payment> = found.iter().map(|(_, payment)| &**payment).collect();
    let histories = api.merchants.histories(&payments).await;
    let histories = histories.map_err(|error| of(error, Subject::Account))?;
    let pairs = found.iter().zip(&histories);
    let reversals = pairs
        .filter_map(|((entry, payment), history)| Reversal::of_payment(entry, payment, history));
    let next = next.map(cursor_text);
    Ok(Answer::ok(&List::page(reversals.collect(), next)))
}

/// List orders that nobody confirmed
///
/// Orders of the distributor that a timer cancelled, newest first. May trail the newest changes by at most two seconds.
#[utoipa::path(
    get,
    path = "/v1/orders/reversals",
    tag = "Reversals",
    params(ReversalFilter),
    responses((status = 200, description = "One page", body = List<Reversal>)),
)]
pub async fn list_order_reversals(
    State(api): State<ApiState>,
    call: DistributorCall,
) -> Result<Answer> {
    let (query, _) = read(call.query(), Party::Distributor(call.party.id))?;
    let page = api.distributors.reversals(&query).await;
    let page = page.map_err(|error| of(error, Subject::Account))?;
    let reversals = page.items.iter();
    let reversals = reversals.filter_map(|unconfirmed| {
        Reversal::of_order(
            &unconfirmed.entry,
            &unconfirmed.order,
            unconfirmed.delivery.as_ref(),
        )
    });
    let next = page.next.map(cursor_text);
    Ok(Answer::ok(&List::page(reversals.collect(), next)))
}

/// The corrections among the payment's own entries, newest first.
async fn of_payment(
    api: &ApiState,
    payment: Arc<Payment>,
    query: &ReversalQuery,
) -> Result<Vec<(Entry, Arc<Payment>)>> {
    let history = api.merchants.history(&payment).await;
    let history = history.map_err(|error| of(error, Subject::Account))?;
    let is_asked_for = |entry: &Entry| {
        reversal::of(entry).is_some_and(|found| query.kind.is_none_or(|kind| kind == found.kind))
            && query.from.is_none_or(|from| from <= entry.at())
            && query.to.is_none_or(|to| entry.at() < to)
    };
    let found = history.into_iter().rev().filter(is_asked_for);
    Ok(found.map(|entry| (entry, payment.clone())).collect())
}

fn read(text: Option<&str>, party: Party) -> Result<(ReversalQuery, Option<PaymentId>)> {
    let mut query = Query::parse(text);
    let read = ReversalQuery {
        party,
        kind: kind(&mut query)?,
        from: query.time("from")?,
        to: query.time("to")?,
        after: cursor(&mut query)?,
        page_size: page_size(&mut query)?,
    };
    let payment = match query.text("payment_id")? {
        Some(text) => Some(
            text.parse()
                .map_err(|_| invalid("payment_id", "must be the id of a payment"))?,
        ),
        None => None,
    };
    query.finish()?;
    Ok((read, payment))
}

fn kind(query: &mut Query<'_>) -> Result<Option<ReversalKind>> {
    let Some(text) = query.text("kind")? else {
        return Ok(None);
    };
    let mut kinds = ReversalKind::ALL.into_iter();
    match kinds.find(|kind| KindWord::from(*kind).name() == text) {
        Some(kind) => Ok(Some(kind)),
        None => Err(invalid("kind", "must be a kind such as hold_lapsed")),
    }
}

fn cursor_text(Cursor(sequence): Cursor) -> String {
    format!("{:x}", sequence.0)
}
