//! Captures, whole or in part.

use axum::extract::State;
use money::currency::Currency;
use payment::state::Finality;

use crate::answer::{Answer, Result};
use crate::call::{At, MerchantCall};
use crate::json::Object;
use crate::merchant::amounts;
use crate::merchant::explain::{Asked, explain};
use crate::merchant::payments::PaymentPath;
use crate::problem::catalogue as kinds;
use crate::state::ApiState;
use crate::wire;

/// Capture a payment
///
/// Takes what is held, in part or whole. paysafecard's clients send the payment's id, `{}`, `[]` or nothing, which all
/// capture everything. A capture in part leaves the rest held until the capture window ends, unless `final` is true.
#[utoipa::path(
    post,
    path = "/v1/payments/{id}/capture",
    tag = "Payments",
    params(PaymentPath),
    request_body = Option<wire::requests::NewCapture>,
    responses((status = 200, description = "The payment", body = wire::payment::Payment,
        headers(("Scrip-Log-Promise" = String, description = "The transparency log's promise for this command, in base64")))),
)]
pub async fn capture_payment(
    State(api): State<ApiState>,
    At(path): At<PaymentPath>,
    call: MerchantCall,
) -> Result<Answer> {
    let id = path.payment()?;
    let capture = NewCapture::read(&call.body, id.mid.currency)?;
    let repeat = call.repeat("capture")?;
    let wanted_minor = capture.wanted_minor;
    let captured = api
        .merchants
        .capture(
            call.party.id,
            id,
            wanted_minor,
            capture.finality,
            repeat.idempotency,
        )
        .await;
    let reply = match captured {
        Ok(reply) => reply,
        Err(error) => {
            let asked = Asked::Capture { wanted_minor };
            return Err(explain(&api, id, error, repeat, asked).await);
        }
    };
    let body = wire::payment::Payment::of(&reply.payment, &api);
    Ok(Answer::ok(&body)
        .replayed_if(reply.freshness)
        .promised(reply.promise))
}

/// What to capture.
struct NewCapture {
    /// Everything that is held, where there is none.
    wanted_minor: Option<i64>,
    finality: Finality,
}

impl NewCapture {
    /// A body that says nothing captures everything. One that cannot be read, or that holds an empty amount or a member
    /// that is unknown, is refused: it may have meant to capture less.
    fn read(body: &[u8], currency: Currency) -> Result<NewCapture> {
        let everything = NewCapture {
            wanted_minor: None,
            finality: Finality::Final,
        };
        let body = body.trim_ascii();
        if body.is_empty() || body == b"null" {
            return Ok(everything);
        }
        let mut object = Object::parse(body)?;
        // The official client repeats the id of the path.
        object.text("id")?;
        if let Some(text) = object.text("currency")?
            && text != currency.code()
        {
            return Err(kinds::INVALID_CURRENCY
                .of_param("currency", format!("The payment is in {currency}.")));
        }
        let names_amount = object.contains("amount");
        let amount = amounts::amount(&mut object, "amount", currency)?;
        if names_amount && amount.is_none() {
            return Err(object.invalid(
                "amount",
                "must be an amount; leave it out to capture everything",
            ));
        }
        let is_final = object.flag("final")?;
        object.require_end(
            "a capture knows `amount` and `final`; without an amount it takes everything",
        )?;
        let capture = match amount {
            None => everything,
            Some(amount) => NewCapture {
                wanted_minor: Some(amount.minor),
                finality: match is_final {
                    Some(true) => Finality::Final,
                    Some(false) | None => Finality::Open,
                },
            },
        };
        Ok(capture)
    }
}
