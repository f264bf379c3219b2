//! Receipts of the transparency log.

use accounting::entry::Entry;
use leaves::leaf::index_of;
use serde::Serialize;
use tlog::key::PublicKey;
use tlog::proof_file::ProofFile;
use utoipa::ToSchema;

use crate::wire::Milliseconds;

/// The receipt of an entry. As a file it is what `scrip verify receipt` takes.
#[derive(Serialize, ToSchema)]
pub struct Receipt {
    #[schema(example = "RECEIPT")]
    object: &'static str,
    /// The entry's place in the journal.
    #[schema(example = 42)]
    sequence: u64,
    /// The leaf's place in the log.
    #[schema(example = 41)]
    index: u64,
    time: Milliseconds,
    /// The log's key, by which a policy names it. Get the policy from somebody you trust, and not from here.
    #[schema(example = "pay.example/log+1a8b9e92+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs")]
    log: String,
    /// The text of the receipt's `.tlog-proof` file; null as long as no checkpoint that is shown reaches the entry.
    proof: Option<String>,
}

impl Receipt {
    pub fn of(entry: &Entry, log: &PublicKey, proof: Option<ProofFile>) -> Receipt {
        Receipt {
            object: "RECEIPT",
            sequence: entry.sequence().0,
            index: index_of(entry.sequence()),
            time: Milliseconds::from(entry.at()),
            log: log.to_string(),
            proof: proof.map(|proof| proof.to_string()),
        }
    }
}
