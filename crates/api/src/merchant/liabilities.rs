//! Whether what is payable to the merchant is counted in what the issuer states that it owes.

use accounting::claim::Holder;
use axum::extract::{RawQuery, State};
use engine::liabilities::desk::Told;
use money::currency::Currency;

use crate::answer::{Answer, Result};
use crate::call::MerchantCall;
use crate::liabilities::{NOTHING_STATED, busy, desk, fault, lost, no_statement};
use crate::problem::invalid;
use crate::query::Query;
use crate::state::ApiState;
use crate::wire::liabilities::Statement;
use crate::wire::problem::ProblemBody;

/// Prove what is payable
///
/// The newest statement of what the issuer owes, with the proof that what is payable to the merchant in one currency is part of the
/// total. `scrip verify liabilities` checks the answer, saved as a file. Making a proof takes a second or two, and few are
/// made at once: 503 asks to come again.
#[utoipa::path(
    get,
    path = "/v1/liabilities/proof",
    tag = "Merchant",
    params(("currency" = String, Query, description = "Three letters of ISO 4217.", example = "EUR")),
    responses(
        (status = 200, description = "Statement and proof", body = Statement),
        (status = 404, description = NOTHING_STATED, body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub async fn prove_payable(
    State(api): State<ApiState>,
    RawQuery(query): RawQuery,
    call: MerchantCall,
) -> Result<Answer> {
    let mut query = Query::parse(query.as_deref());
    let currency = query.text("currency")?;
    let currency: Option<Currency> = currency.and_then(|code| code.parse().ok());
    let currency = currency.ok_or_else(|| {
        invalid(
            "currency",
            "must be the three letters of a currency, such as EUR",
        )
    })?;
    let holder = Holder::Merchant(call.party.id);
    let told = desk(&api)?.prove(holder, currency).await;
    match told.map_err(fault)? {
        Told::NoStatement => Err(no_statement()),
        Told::Busy => Err(busy()),
        Told::Lost => Err(lost()),
        Told::NothingOwed(evidence) => Ok(Answer::ok(&Statement::for_holder(&evidence, None))),
        Told::Counted { evidence, proof } => {
            Ok(Answer::ok(&Statement::for_holder(&evidence, Some(&proof))))
        }
    }
}
