//! One witness, as the log that asks it sees it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use thiserror::Error;
use tlog::checkpoint::SignedCheckpoint;
use tlog::cosignature::{CosignatureError, CosignedAt};
use tlog::hash::TreeHash;
use tlog::key::PublicKey;
use tlog::note::NOTE_BYTES_MAX;
use tlog::witness::{AddCheckpoint, Answer, AnswerError, Status, monitoring_path};

use crate::quorum::Named;

/// How often one witness is asked for one checkpoint: once for each size that it says it knows.
const ATTEMPTS: u32 = 3;
/// A cosignature may be older or younger by so much, in seconds.
const CLOCKS_APART_MAX: u64 = 30;

/// Proofs that the log grew.
pub trait Prover: Sync {
    /// The consistency proof between two sizes of the log, of which the second is the one to be cosigned
    /// (RFC 6962, section 2.1.2). Says in words what keeps it from being made.
    fn prove(
        &self,
        old: u64,
        new: u64,
    ) -> impl Future<Output = Result<Vec<TreeHash>, String>> + Send;
}

/// Why a witness gave no cosignature that counts.
#[derive(Debug, Error)]
pub enum PeerError {
    #[error("it did not answer in time")]
    Late,
    #[error("it cannot be reached")]
    Connection(#[source] reqwest::Error),
    #[error("it answers with more than {NOTE_BYTES_MAX} bytes")]
    TooLong,
    #[error("what it answers is none of the answers that a witness gives")]
    Answer(#[from] AnswerError),
    #[error("it does not follow this log; ask whoever hosts it to add the log's key")]
    UnknownLog,
    #[error("it refused with status {code}")]
    Refused { code: u16 },
    #[error(
        "it says that the tree does not grow from the one that it cosigned: either the log was rewritten, or the witness errs"
    )]
    Inconsistent,
    #[error("its cosignature does not count")]
    Cosignature(#[from] CosignatureError),
    #[error(
        "its cosignature is of {apart} seconds from now: compare the clocks of this machine and of the witness"
    )]
    Clock { apart: u64 },
    #[error("each time it is asked it says that it knows another size")]
    Restless,
    #[error("it claims to have cosigned {size} entries of this log, and shows nothing for it")]
    Claims { size: u64 },
    /// The storage is older than what was published.
    #[error(
        "it shows a checkpoint of {} entries that this log's key signed: the log's storage was set back to an older state. Nothing more may be signed for this origin; start a new one",
        .0.unverified().head.size
    )]
    Ahead(Box<SignedCheckpoint>),
    #[error("the proof that it asks for cannot be made: {0}")]
    Proof(String),
}

pub struct Peer {
    pub name: String,
    key: PublicKey,
    url: url::Url,
    client: Client,
    /// The size that it cosigned last, as far as it said; a guess, which its answer corrects.
    known: AtomicU64,
}

impl Peer {
    /// The error says why the HTTP client cannot be made.
    pub fn new(named: &Named, patience: Duration) -> Result<Peer, reqwest::Error> {
        // A redirect would let a witness send us to an address of its choice.
        let client = Client::builder()
            .timeout(patience)
            .redirect(Policy::none())
            .build()?;
        Ok(Peer {
            name: named.name.clone(),
            key: named.key.clone(),
            url: named.url.clone(),
            client,
            known: AtomicU64::new(0),
        })
    }

    /// Asks for a cosignature and adds it to the checkpoint that is given back. `now` is in seconds since 1970.
    pub async fn cosign(
        &self,
        checkpoint: &SignedCheckpoint,
        log: &PublicKey,
        prover: &impl Prover,
        now: u64,
    ) -> Result<SignedCheckpoint, PeerError> {
        let new = checkpoint.unverified().head.size;
        for _ in 0..ATTEMPTS {
            let old = self.known.load(Ordering::Relaxed).min(new);
            let proof = match old {
                0 => Vec::new(),
                old if old == new => Vec::new(),
                old => prover.prove(old, new).await.map_err(PeerError::Proof)?,
            };
            let request = AddCheckpoint {
                old,
                proof,
                checkpoint: checkpoint.clone(),
            };
            match self.send(&request).await? {
                Answer::Cosigned(lines) => {
                    let mut cosigned = checkpoint.clone();
                    let at = cosigned.take_cosignature(&lines, &self.key)?;
                    require_recent(at, now)?;
                    self.known.store(new, Ordering::Relaxed);
                    return Ok(cosigned);
                }
                Answer::OtherSize { size } if new < size => {
                    return Err(self.ahead(log, new, size).await);
                }
                Answer::OtherSize { size } => self.known.store(size, Ordering::Relaxed),
                Answer::Refused(status) => return Err(refused(status)),
            }
        }
        Err(PeerError::Restless)
    }

    async fn send(&self, request: &AddCheckpoint) -> Result<Answer, PeerError> {
        let url = self.at("add-checkpoint");
        let response = self.client.post(url).body(request.to_string()).send().await;
        let response = response.map_err(unreachable)?;
        let code = response.status().as_u16();
        Ok(Answer::parse(code, &body(response).await?)?)
    }

    /// What speaks for a larger tree than ours.
    async fn ahead(&self, log: &PublicKey, ours: u64, size: u64) -> PeerError {
        match self.shown(log).await {
            Ok(Some(shown)) if ours < shown.unverified().head.size => {
                PeerError::Ahead(Box::new(shown))
            }
            Ok(_) => PeerError::Claims { size },
            Err(error) => error,
        }
    }

    /// The checkpoint that it shows of the log with this key, if the log signed it.
    async fn shown(&self, log: &PublicKey) -> Result<Option<SignedCheckpoint>, PeerError> {
        let url = self.at(&monitoring_path(log.name().as_str()));
        let response = self.client.get(url).send().await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Ok(None);
        }
        let shown = SignedCheckpoint::parse(&body(response).await?).ok();
        Ok(shown.filter(|shown| shown.verify(log).is_ok()))
    }

    fn at(&self, path: &str) -> url::Url {
        let url = self.url.join(path);
        url.expect("a path of the protocol is a good reference")
    }
}

fn unreachable(error: reqwest::Error) -> PeerError {
    match error.is_timeout() {
        true => PeerError::Late,
        false => PeerError::Connection(error),
    }
}

fn refused(status: Status) -> PeerError {
    match status {
        Status::UnknownLog => PeerError::UnknownLog,
        Status::Inconsistent => PeerError::Inconsistent,
        Status::Malformed | Status::Unsigned | Status::Cosigned | Status::OtherSize => {
            PeerError::Refused {
                code: status.code(),
            }
        }
    }
}

fn require_recent(at: CosignedAt, now: u64) -> Result<(), PeerError> {
    let apart = at.seconds().abs_diff(now);
    match apart <= CLOCKS_APART_MAX {
        true => Ok(()),
        false => Err(PeerError::Clock { apart }),
    }
}

/// Reads no further than an honest answer goes.
async fn body(mut response: Response) -> Result<Vec<u8>, PeerError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if NOTE_BYTES_MAX < bytes.len() + chunk.len() {
            return Err(PeerError::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
