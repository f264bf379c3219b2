//! Receipts of the transparency log.

use axum::extract::State;
use engine::error::CommandError;
use engine::log::failure::LogError;
use ids::command::Sequence;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::{Answer, Result};
use crate::call::{At, MerchantCall};
use crate::merchant::payments::{PaymentPath, find};
use crate::problem::catalogue as kinds;
use crate::problem::{Subject, of, unknown_payment};
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
    let sequence = Sequence(path.sequence);
    let path = PaymentPath { id: path.id };
    let unknown = unknown_payment(Subject::Account);
    let payment = find(&api, &call, path.payment()?, unknown).await?;
    let Some(receipts) = api.merchants.receipts() else {
        return Err(kinds::NOT_FOUND.because("This platform keeps no transparency log."));
    };
    let fault = |error| of(error, Subject::Account);
    let entry = api.merchants.entry_of(&payment, sequence).await;
    let Some(entry) = entry.map_err(fault)? else {
        return Err(kinds::NOT_FOUND.because(format!(
            "The payment has no entry {}; its history lists those that it has.",
            sequence.0
        )));
    };
    let receipt = receipts.of_merchant(&entry).await;
    let receipt = receipt.map_err(|error| match error {
        LogError::Failure(failure) => fault(CommandError::from(failure)),
        LogError::Stopped(cause) => {
            tracing::error!(%cause, "a receipt cannot be made");
            fault(CommandError::Fault)
        }
    })?;
    let log = receipts.log().public_key();
    Ok(Answer::ok(&Receipt::of(&entry, log, receipt)))
}
