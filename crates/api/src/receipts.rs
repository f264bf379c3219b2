//! Receipts of the transparency log, for whichever party asks.

use accounting::entry::Entry;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use engine::log::receipts::{Reader, Receipts};
use tlog::proof_file::ProofFile;

use crate::answer::{Answer, Result};
use crate::problem::catalogue as kinds;
use crate::problem::{Refused, Subject, of};
use crate::wire::receipt::Receipt;

/// What a party sees of an entry that is its own.
pub struct Seen<'a> {
    pub receipts: &'a Receipts,
    pub entry: Entry,
    pub reader: Reader,
}

impl Seen<'_> {
    pub async fn json(&self) -> Result<Answer> {
        let proof = self.proof().await?;
        let log = self.receipts.log().public_key();
        Ok(Answer::ok(&Receipt::of(&self.entry, log, proof)))
    }

    /// The `.tlog-proof` file, to be kept.
    pub async fn file(&self) -> Result<Response> {
        let proof = self.proof().await?.ok_or_else(|| {
            kinds::NOT_FOUND.because("The log does not show this entry yet; ask again in a moment.")
        })?;
        let name = format!(
            "attachment; filename=\"receipt-{}.tlog-proof\"",
            self.entry.sequence().0
        );
        let name = HeaderValue::try_from(name).expect("a number and letters are ASCII");
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        let headers = HeaderMap::from_iter([
            (header::CONTENT_TYPE, text),
            (header::CONTENT_DISPOSITION, name),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ]);
        Ok((headers, proof.to_string()).into_response())
    }

    async fn proof(&self) -> Result<Option<ProofFile>> {
        let proof = self.receipts.of(&self.entry, self.reader).await;
        proof.map_err(|error| of(error.refusing_receipt(), Subject::Account))
    }
}

pub fn no_log() -> Refused {
    kinds::NOT_FOUND.because("This platform keeps no transparency log.")
}
