//! Receipts of the transparency log, for the entries of an order.

use axum::extract::State;
use axum::response::Response;
use engine::log::receipts::Reader;
use ids::command::Sequence;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::{Answer, Result};
use crate::call::{At, DistributorCall};
use crate::distributor::orders::{OrderPath, find};
use crate::problem::catalogue as kinds;
use crate::problem::{Subject, of};
use crate::receipts::{Seen, no_log};
use crate::state::ApiState;
use crate::wire::receipt::Receipt;

/// The entry of an order that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct OrderReceiptPath {
    /// The order's id.
    #[param(example = "order_2000000001_till-7-000815")]
    id: String,
    /// The entry's number, as `sequence` of an answer with the order says: of the order itself, of its confirmation or of its
    /// cancellation.
    #[param(example = 42)]
    sequence: u64,
}

/// Read a receipt of an order
///
/// The proof that an entry about the order stands in the transparency log, with what the distributor may see of it: what
/// happened, and the voucher that it sold. Keep it: whoever has the log's policy checks it without asking anybody, with
/// `scrip verify receipt`. As a rule it is there two seconds after the entry; until then `proof` is null.
#[utoipa::path(
    get,
    path = "/v1/orders/{id}/receipts/{sequence}",
    tag = "Orders",
    params(OrderReceiptPath),
    responses((status = 200, description = "The receipt", body = Receipt)),
)]
pub async fn read_order_receipt(
    State(api): State<ApiState>,
    At(path): At<OrderReceiptPath>,
    call: DistributorCall,
) -> Result<Answer> {
    seen(&api, &call, path).await?.json().await
}

/// Read a receipt of an order as a file
///
/// The `.tlog-proof` file of the receipt, as `proof` of the receipt has it. Until the log shows the entry there is none.
#[utoipa::path(
    get,
    path = "/v1/orders/{id}/receipts/{sequence}/tlog-proof",
    tag = "Orders",
    params(OrderReceiptPath),
    responses((status = 200, description = "The file", body = String, content_type = "text/plain")),
)]
pub async fn read_order_receipt_file(
    State(api): State<ApiState>,
    At(path): At<OrderReceiptPath>,
    call: DistributorCall,
) -> Result<Response> {
    seen(&api, &call, path).await?.file().await
}

async fn seen<'a>(
    api: &'a ApiState,
    call: &DistributorCall,
    path: OrderReceiptPath,
) -> Result<Seen<'a>> {
    let sequence = Sequence(path.sequence);
    let path = OrderPath { id: path.id };
    let order = find(api, call, path.order()?).await?;
    let receipts = api.distributors.receipts().ok_or_else(no_log)?;
    let entry = api.distributors.entry_of(&order, sequence).await;
    let entry = entry.map_err(|error| of(error, Subject::Order))?;
    let entry = entry.ok_or_else(|| {
        kinds::NOT_FOUND.because(format!("The order has no entry {}.", sequence.0))
    })?;
    Ok(Seen {
        receipts,
        entry,
        reader: Reader::Distributor,
    })
}
