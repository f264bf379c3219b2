//! Erasing payers.

use axum::extract::State;
use engine::erasing::EraseError;
use engine::service::person::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Answer, Result};
use crate::call::At;
use crate::operator::PersonCall;
use crate::operator::reviews::{PaymentPath, payment_id, subject};
use crate::problem::catalogue as kinds;
use crate::problem::of;
use crate::state::ApiState;

/// What was erased.
#[derive(Serialize, ToSchema)]
pub struct ErasedPayer {
    /// The payment that has forgotten its payer.
    #[schema(example = "pay_1000001978_Hukab77YIXzKUYMdgPDBQ986ihNUQChu_EUR")]
    pub id: String,
    /// The journal entry by which the payer was erased.
    pub entry: u64,
    /// Entries that told something of the payer until now.
    pub entries_erased: usize,
}

/// Forget the payer of a payment
///
/// Addresses, device, behaviour and the judgement of a payment that has ended are erased, and the e-mail address of its
/// refunds; from its row, from the journal, and from what could still show them in the transparency log, whose proofs hold as
/// before. The merchant hears `payment.payer_erased`. Sending it again erases what came since. Needs the scope `privacy`.
#[utoipa::path(
    post,
    path = "/v1/operator/payments/{id}/erase-payer",
    tag = "Operators",
    params(PaymentPath),
    responses((status = 200, description = "What was erased", body = ErasedPayer)),
)]
pub async fn erase_payer(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: PersonCall,
) -> Result<Answer> {
    call.may_change(Scope::Privacy)?;
    let id = payment_id(&path)?;
    match api.eraser.erase(call.actor(), id).await {
        Ok(erased) => Ok(Answer::ok(&ErasedPayer {
            id: id.to_string(),
            entry: erased.by.0,
            entries_erased: erased.entries,
        })),
        Err(EraseError::NotAsked(error)) => Err(of(error, subject(id))),
        Err(error @ EraseError::Unfinished(_)) => {
            let source = std::error::Error::source(&error);
            tracing::error!(payment.id = %id, %error, ?source, "a payer is not erased yet");
            let words = format!("{error}. The log of the platform says what holds it up.");
            Err(kinds::GENERAL_TECHNICAL_ERROR.because(words))
        }
    }
}
