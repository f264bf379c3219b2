//! The receipts of a payment, for whoever has its link.
//!
//! The shop has the link too. So the link alone opens what the shop may see, and only an address that carries all vouchers
//! which pay opens what the payer may see: the basket in the address, sealed, says which.

use std::sync::Arc;

use accounting::entry::Entry;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::log::failure::LogError;
use engine::log::receipts::{Progress, Reader};
use engine::service::payer::Checkout;
use http::{HeaderName, header};
use ids::command::Sequence;
use ids::time::Span;
use payment::payment::Allocation;
use store::log::Standing;
use tlog::proof_file::ProofFile;
use web::language::Language;

use happened::happened;

use super::CheckoutState;
use super::basket::Basket;
use super::failure::Failure;
use super::link::{PaymentLink, Place};
use super::payment::PaymentQuery;
use crate::pages::receipts::{
    self, EntryLine, IsFull, LogStanding, Proof, ProofStanding, ReadyProof, ReceiptView,
    ReceiptsView,
};

mod happened;
mod qr;

/// The log promises to show an entry within this time; what is not there then is late.
const AWAITED: Span = Span::MINUTE;
/// Where the log's own page is; scrip puts it there.
const EXPLORER: &str = "/log/";

/// A payment's receipts, as far as this link opens them.
struct Opened {
    link: PaymentLink,
    checkout: Checkout,
    /// The basket of the address, as it came.
    sealed: String,
    reader: Reader,
    entries: Vec<Entry>,
    progress: Option<Progress>,
}

/// Every entry that concerns the payer, and whether the log shows it.
pub async fn list(
    State(state): State<Arc<CheckoutState>>,
    Path(id): Path<String>,
    Query(query): Query<PaymentQuery>,
    language: Language,
) -> Result<Html<String>, Failure> {
    let opened = Opened::by(&state, &id, query).await?;
    let line = |entry: &Entry| EntryLine {
        happened: happened(entry),
        at: entry.at(),
        address: opened.address(Place::Receipt(entry.sequence())),
        proof: opened.standing(entry),
    };
    let view = ReceiptsView {
        page: opened.address(Place::Receipts),
        payment: opened.address(Place::Result),
        shop_name: opened.checkout.merchant.name.clone(),
        log: match opened.progress.map(|progress| progress.standing) {
            None => LogStanding::None,
            Some(Standing::Open) => LogStanding::Open,
            Some(Standing::Stopped) => LogStanding::Stopped,
            Some(Standing::Closed) => LogStanding::Closed,
        },
        entries: opened.entries.iter().map(line).collect(),
    };
    Ok(Html(receipts::render_list(&view, language)))
}

/// The receipt of one entry as a page.
pub async fn show(
    State(state): State<Arc<CheckoutState>>,
    Path((id, entry)): Path<(String, String)>,
    Query(query): Query<PaymentQuery>,
    language: Language,
) -> Result<Html<String>, Failure> {
    let opened = Opened::by(&state, &id, query).await?;
    let entry = opened.entry(&entry)?;
    let page = opened.address(Place::Receipt(entry.sequence()));
    let origin = state.payers.receipts();
    let view = ReceiptView {
        list: opened.address(Place::Receipts),
        shop_name: opened.checkout.merchant.name.clone(),
        happened: happened(entry),
        at: entry.at(),
        entry: entry.sequence().0,
        origin: origin.map(|receipts| receipts.log().origin().to_owned()),
        is_full: match opened.reader {
            Reader::Payer => IsFull::Yes,
            Reader::Link | Reader::Merchant | Reader::Distributor | Reader::Everybody => {
                IsFull::SharedOnly
            }
        },
        proof: shown(&state, &opened, entry).await?,
        qr: qr::code(&format!("{}{page}", state.base_url)),
        page,
    };
    Ok(Html(receipts::render(&view, language)))
}

/// The receipt as JSON: its number, its time, the log's key, and the file as `proof`.
pub async fn json(
    State(state): State<Arc<CheckoutState>>,
    Path((id, entry)): Path<(String, String)>,
    Query(query): Query<PaymentQuery>,
) -> Result<Response, Failure> {
    let (sequence, proof) = made(&state, &id, &entry, query).await?;
    let log = state.payers.receipts().ok_or_else(Failure::not_found)?;
    let body = serde_json::json!({
        "object": "RECEIPT",
        "sequence": sequence.0,
        "index": proof.index,
        "log": log.log().public_key().to_string(),
        "proof": proof.to_string(),
    });
    Ok(download(
        "application/json",
        format!("receipt-{}.json", sequence.0),
        body.to_string(),
    ))
}

/// The receipt as its `.tlog-proof` file.
pub async fn file(
    State(state): State<Arc<CheckoutState>>,
    Path((id, entry)): Path<(String, String)>,
    Query(query): Query<PaymentQuery>,
) -> Result<Response, Failure> {
    let (sequence, proof) = made(&state, &id, &entry, query).await?;
    Ok(download(
        "text/plain; charset=utf-8",
        format!("receipt-{}.tlog-proof", sequence.0),
        proof.to_string(),
    ))
}

impl Opened {
    async fn by(state: &CheckoutState, id: &str, query: PaymentQuery) -> Result<Opened, Failure> {
        let link = state.link(id, query.key, query.lang.as_deref())?;
        let checkout = state.checkout(&link).await?;
        let basket = Basket::open(&state.vault, link.id, query.vouchers);
        // One of several is not enough: the shop could have put a voucher of its own among those of the payer.
        let parts = &checkout.payment.allocations;
        let is_shown = |part: &Allocation| basket.serials.contains(&part.serial);
        let reader = match !parts.is_empty() && parts.iter().all(is_shown) {
            true => Reader::Payer,
            false => Reader::Link,
        };
        let progress = match state.payers.receipts() {
            Some(receipts) => Some(receipts.progress().await.map_err(unavailable)?),
            None => None,
        };
        Ok(Opened {
            entries: state.payers.entries(&checkout.payment).await?,
            link,
            checkout,
            sealed: basket.sealed,
            reader,
            progress,
        })
    }

    fn address(&self, place: Place) -> String {
        self.link.address(place, &[("vouchers", &self.sealed)])
    }

    fn entry(&self, number: &str) -> Result<&Entry, Failure> {
        let number = number.parse().map(Sequence);
        let number = number.map_err(|_| Failure::not_found())?;
        let found = self.entries.iter().find(|entry| entry.sequence() == number);
        found.ok_or_else(Failure::not_found)
    }

    fn standing(&self, entry: &Entry) -> ProofStanding {
        let Some(progress) = self.progress else {
            return ProofStanding::Never;
        };
        let waits_for = Span(self.checkout.now.0.saturating_sub(entry.at().0));
        match progress.standing {
            _ if progress.reaches(entry.sequence()) => ProofStanding::Shown,
            Standing::Stopped => ProofStanding::Stopped,
            Standing::Closed => ProofStanding::Never,
            Standing::Open if waits_for <= AWAITED => ProofStanding::Awaited,
            Standing::Open => ProofStanding::Late,
        }
    }
}

/// What a page shows of the proof. A log that cannot make one is told on the page: nothing else of it depends on that.
async fn shown(state: &CheckoutState, opened: &Opened, entry: &Entry) -> Result<Proof, Failure> {
    let Some(receipts) = state.payers.receipts() else {
        return Ok(Proof::Not(ProofStanding::Never));
    };
    match receipts.of(entry, opened.reader).await {
        Ok(Some(proof)) => {
            let carried = URL_SAFE_NO_PAD.encode(proof.to_string());
            Ok(Proof::Ready(ReadyProof {
                size: proof.checkpoint.unverified().head.size,
                file: opened.address(Place::ReceiptFile(entry.sequence())),
                json: opened.address(Place::ReceiptJson(entry.sequence())),
                explorer: format!("{EXPLORER}#receipt={carried}"),
            }))
        }
        Ok(None) => Ok(Proof::Not(opened.standing(entry))),
        Err(LogError::Stopped(cause)) => {
            tracing::error!(%cause, "a receipt cannot be made");
            Ok(Proof::Failed)
        }
        Err(error @ LogError::Failure(_)) => Err(unavailable(error)),
    }
}

/// A receipt that is to be kept; none while the log does not show its entry.
async fn made(
    state: &CheckoutState,
    id: &str,
    entry: &str,
    query: PaymentQuery,
) -> Result<(Sequence, ProofFile), Failure> {
    let opened = Opened::by(state, id, query).await?;
    let entry = opened.entry(entry)?;
    let receipts = state.payers.receipts().ok_or_else(Failure::not_found)?;
    let proof = receipts.of(entry, opened.reader).await;
    let proof = proof.map_err(unavailable)?.ok_or_else(Failure::not_found)?;
    Ok((entry.sequence(), proof))
}

fn unavailable(error: LogError) -> Failure {
    error.refusing_receipt().into()
}

fn download(kind: &'static str, name: String, body: String) -> Response {
    let headers: [(HeaderName, String); 2] = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, body).into_response()
}
