//! Receipts of the transparency log.

use axum::extract::State;
use axum::response::Response;
use engine::log::receipts::Reader;
use ids::command::Sequence;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::{Answer, Result};
use crate::call::{At, MerchantCall};
use crate::merchant::payments::{PaymentPath, find};
use crate::problem::catalogue as kinds;
use crate::problem::{Subject, of, unknown_payment};
use crate::receipts::{Seen, no_log};
use crate::state::ApiState;
use crate::wire::receipt::Receipt;

/// The entry of a payment that a path names.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ReceiptPath {
    /// The payment's id.
    #[param(example = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR")]
    id: String,
    /// The entry's number, as `sequence` of the payment or of its history says.
    #[param(example = 42)]
    sequence: u64,
}

/// Read a receipt
///
/// The proof that an entry about the payment stands in the transparency log, with what the shop may see of it. Keep it: whoever has
/// the log's policy checks it without asking anybody, with `scrip verify receipt`. As a rule it is there two seconds after
/// the entry; until then `proof` is null.
#[utoipa::path(
    get,
    path = "/v1/payments/{id}/receipts/{sequence}",
    tag = "Payments",
    params(ReceiptPath),
    responses((status = 200, description = "The receipt", body = Receipt)),
)]
pub async fn read_receipt(
    State(api): State<ApiState>,
    At(path): At<ReceiptPath>,
    call: MerchantCall,
) -> Result<Answer> {
    seen(&api, &call, path).await?.json().await
}

/// Read a receipt as a file
///
/// The `.tlog-proof` file of the receipt, as `proof` of the receipt has it. Until the log shows the entry there is none.
#[utoipa::path(
    get,
    path = "/v1/payments/{id}/receipts/{sequence}/tlog-proof",
    tag = "Payments",
    params(ReceiptPath),
    responses((status = 200, description = "The file", body = String, content_type = "text/plain")),
)]
pub async fn read_receipt_file(
    State(api): State<ApiState>,
    At(path): At<ReceiptPath>,
    call: MerchantCall,
) -> Result<Response> {
    seen(&api, &call, path).await?.file().await
}

async fn seen<'a>(api: &'a ApiState, call: &MerchantCall, path: ReceiptPath) -> Result<Seen<'a>> {
    let sequence = Sequence(path.sequence);
    let path = PaymentPath { id: path.id };
    let unknown = unknown_payment(Subject::Account);
    let payment = find(api, call, path.payment()?, unknown).await?;
    let receipts = api.merchants.receipts().ok_or_else(no_log)?;
    let entry = api.merchants.entry_of(&payment, sequence).await;
    let entry = entry.map_err(|error| of(error, Subject::Account))?;
    let entry = entry.ok_or_else(|| {
        kinds::NOT_FOUND.because(format!(
            "The payment has no entry {}; its history lists those that it has.",
            sequence.0
        ))
    })?;
    Ok(Seen {
        receipts,
        entry,
        reader: Reader::Merchant,
    })
}
