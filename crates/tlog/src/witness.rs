//! The witness protocol (C2SP tlog-witness): what a log asks, what a witness answers, and how it decides.
//!
//! Compare, store and cosign have to be one step that lasts before the answer goes out; `judge` is the part of it that
//! needs neither storage nor a key.

mod answer;
mod judging;
mod request;

pub use answer::{Answer, AnswerError, CONFLICT_TYPE, Status};
pub use judging::{Accepted, KnownLog, Refusal, judge};
pub use request::{AddCheckpoint, REQUEST_BYTES_MAX, REQUEST_HASHES_MAX, RequestError};

use sha2::{Digest, Sha256};

/// Where a witness shows what it last cosigned of a log, below its monitoring prefix.
pub fn monitoring_path(origin: &str) -> String {
    let name: String = Sha256::digest(origin)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{name}/checkpoint")
}
