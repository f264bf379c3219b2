//! Whether a voucher is counted in what the issuer states that it owes: the proof for whoever showed its PIN.

use std::sync::Arc;

use accounting::claim::Holder;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::liabilities::desk::{Evidence, Told};
use http::{StatusCode, header};
use ids::time::{Span, Timestamp};
use ids::voucher::Serial;
use money::currency::Currency;
use serde::{Deserialize, Serialize};
use vault::vault::{SealPurpose, Vault};
use voucher::voucher::Voucher;

use web::assets;

use super::CheckoutState;
use crate::pages::balance::CountedView;

/// How long a page on which a PIN was typed may ask.
const PAGE_SPAN: Span = Span::HOUR;
const BOUND: &[u8] = b"counted";

#[derive(Deserialize)]
pub struct PageForm {
    #[serde(default)]
    page: String,
}

/// What a page of a voucher may ask: sealed, because whoever typed the PIN may know it, and nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Right {
    serial: Serial,
    currency: Currency,
    until: Timestamp,
}

/// What the verifier in the browser takes. Saved as a file it is what `scrip verify liabilities` takes.
#[derive(Serialize)]
struct Given {
    /// Names the log and its witnesses, as the platform itself says.
    policy: String,
    statement: String,
    /// The receipt of the statement's entry; null for some seconds after it was stated.
    proof: Option<String>,
    /// Null where nothing was owed when it was stated.
    holder_proof: Option<String>,
}

/// What the page of a voucher asks with; none where nothing is stated, or this build has no verifier for browsers.
pub fn offered(state: &CheckoutState, voucher: &Voucher) -> Option<CountedView> {
    state.liabilities.as_ref()?;
    let verifier = assets::verifier()?;
    let right = Right {
        serial: voucher.serial,
        currency: voucher.currency,
        until: state.payers.now().plus(PAGE_SPAN),
    };
    Some(CountedView {
        page: right.seal(&state.vault),
        serial: voucher.serial,
        currency: voucher.currency,
        value_minor: voucher.remaining + voucher.held,
        verifier,
    })
}

/// Gives the proof as JSON; the page has it checked.
pub async fn prove(
    State(state): State<Arc<CheckoutState>>,
    Form(form): Form<PageForm>,
) -> Response {
    let Some(desk) = &state.liabilities else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let now = state.payers.now();
    let Some(right) = Right::open(&state.vault, &form.page).filter(|right| now < right.until)
    else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let holder = Holder::Voucher(right.serial);
    match desk.prove(holder, right.currency).await {
        Ok(Told::NoStatement) => StatusCode::NOT_FOUND.into_response(),
        Ok(Told::Busy) => busy(),
        Ok(Told::Lost) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Ok(Told::NothingOwed(evidence)) => given(desk.policy(), &evidence, None),
        Ok(Told::Counted { evidence, proof }) => given(desk.policy(), &evidence, Some(&proof)),
        Err(error) => {
            tracing::error!(%error, source = ?std::error::Error::source(&error), "a voucher is not proved to be counted");
            busy()
        }
    }
}

fn given(policy: &str, evidence: &Evidence, proof: Option<&[u8]>) -> Response {
    let given = Given {
        policy: policy.to_owned(),
        statement: STANDARD.encode(&evidence.shown.content),
        proof: evidence.receipt.as_ref().map(ToString::to_string),
        holder_proof: proof.map(|proof| STANDARD.encode(proof)),
    };
    let body = serde_json::to_vec(&given).expect("texts become JSON");
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn busy() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, "3")],
    )
        .into_response()
}

impl Right {
    fn seal(self, vault: &Vault) -> String {
        let mut plain = Vec::from(self.serial.number().to_be_bytes());
        plain.extend(self.currency.numeric().to_be_bytes());
        plain.extend(self.until.0.to_be_bytes());
        hex::encode(vault.seal(SealPurpose::OwnerLink, BOUND, &plain))
    }

    fn open(vault: &Vault, page: &str) -> Option<Right> {
        let sealed = hex::decode(page).ok()?;
        let plain = vault
            .open_sealed(SealPurpose::OwnerLink, BOUND, &sealed)
            .ok()?;
        let (serial, rest) = plain.split_first_chunk()?;
        let (currency, rest) = rest.split_first_chunk()?;
        Some(Right {
            serial: Serial::new(u64::from_be_bytes(*serial)).ok()?,
            currency: Currency::from_numeric(u16::from_be_bytes(*currency)).ok()?,
            until: Timestamp(i64::from_be_bytes(rest.try_into().ok()?)),
        })
    }
}
