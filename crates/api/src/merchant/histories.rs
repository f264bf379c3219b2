//! The history of a payment.

use axum::extract::State;

use crate::answer::{Answer, Result};
use crate::call::{At, MerchantCall};
use crate::merchant::payments::{PaymentPath, find};
use crate::problem::{Subject, of, unknown_payment};
use crate::state::ApiState;
use crate::wire::List;
use crate::wire::history::HistoryEntry;

/// Read the history of a payment
///
/// Everything that ever happened to it, as the entries of the journal, oldest first.
#[utoipa::path(
    get,
    path = "/v1/payments/{id}/history",
    tag = "Payments",
    params(PaymentPath),
    responses((status = 200, description = "The entries", body = List<HistoryEntry>)),
)]
pub async fn read_history(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: MerchantCall,
) -> Result<Answer> {
    let payment = find(
        &api,
        &call,
        path.payment()?,
        unknown_payment(Subject::Account),
    )
    .await?;
    let entries = api
        .merchants
        .history(&payment)
        .await
        .map_err(|error| of(error, Subject::Account))?;
    let entries = entries
        .iter()
        .filter_map(|entry| HistoryEntry::of(entry, &payment))
        .collect();
    Ok(Answer::ok(&List::whole(entries)))
}
