//! The body of an error answer, as the OpenAPI document describes it; [`web::problem::Problem`] writes it.

use serde::Serialize;
use utoipa::ToSchema;

/// An error: paysafecard's `code`, `message`, `number` and `param`, and problem details after RFC 9457.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Where this kind of error is documented.
    #[schema(example = "/docs/errors#payment_invalid_state")]
    pub r#type: String,
    /// The same for every occurrence of the kind.
    #[schema(example = "Payment is in an invalid state")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// What happened here, and what to do.
    #[schema(example = "The payment is SUCCESS.")]
    pub detail: String,
    /// The name of this occurrence.
    pub instance: Option<String>,
    /// The kind of error; it never changes.
    #[schema(example = "payment_invalid_state")]
    pub code: String,
    #[schema(example = "Payment is in an invalid state")]
    pub message: String,
    /// paysafecard's number; numbers from 9000 are Scrip's own.
    #[schema(example = 2017)]
    pub number: u32,
    /// The member, parameter or header that is at fault.
    pub param: Option<String>,
    /// False: nothing was applied. Null: it is not known, so ask again with the same idempotency key.
    #[schema(required = true)]
    pub applied: Option<bool>,
}
