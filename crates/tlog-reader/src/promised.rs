//! Whether a log kept a promise, and if not, what shows it to anybody.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use verifier::checkpoint::{Checkpoint, Clock};
use verifier::failure::Failure;
use verifier::merkle::leaf_hash;
use verifier::policy::Policy;
use verifier::promise::{Promise, Standing};
use verifier::receipt::Receipt;
use verifier::walk::{Files, Walk};

use crate::check::{Served, refused};
use crate::error::ReadError;
use crate::source::Source;

/// What became of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Kept,
    /// Together with the promise these bytes show it: a cosigned checkpoint that is too small, or the other leaf with its
    /// proof.
    Broken {
        evidence: Vec<u8>,
    },
    /// The deadline has not come.
    Open,
    /// It has, and the log does not reach so far; but too few witnesses have said when they saw it.
    Overdue,
}

/// Looks into the log for the promised leaf.
pub async fn look(
    source: &Source,
    served: &Served,
    promise: &Promise,
    policy: &Policy,
    now: u64,
) -> Result<Outcome, ReadError> {
    let checkpoint = &served.checkpoint;
    if checkpoint.origin != promise.origin {
        return Err(ReadError::OtherLog {
            promised: promise.origin.clone(),
            served: checkpoint.origin.clone(),
        });
    }
    if checkpoint.size <= promise.index {
        return Ok(match promise.after_checkpoint(checkpoint, policy) {
            Standing::Broken => Outcome::Broken {
                evidence: served.bytes.clone(),
            },
            Standing::Kept | Standing::Open if now <= promise.deadline => Outcome::Open,
            Standing::Kept | Standing::Open => Outcome::Overdue,
        });
    }
    let (entry, walk) = leaf(source, served, promise.index).await?;
    if leaf_hash(&entry) == promise.leaf {
        return Ok(Outcome::Kept);
    }
    let evidence = proof_file(&entry, &walk, promise.index, &served.bytes);
    Ok(Outcome::Broken { evidence })
}

/// What something that was kept says of a promise: a checkpoint, or a receipt of whatever it shows.
pub fn against(
    bytes: &[u8],
    promise: &Promise,
    policy: &Policy,
    clock: Clock,
) -> Result<Standing, Failure> {
    let receipt = match Receipt::verify(bytes, policy, clock) {
        Ok(receipt) => receipt,
        Err(no_receipt) => {
            let checkpoint = Checkpoint::verify(bytes, policy, clock).map_err(|_| no_receipt)?;
            return Ok(promise.after_checkpoint(&checkpoint, policy));
        }
    };
    Ok(match promise.after_receipt(&receipt) {
        Standing::Open => promise.after_checkpoint(&receipt.checkpoint, policy),
        standing => standing,
    })
}

/// A leaf's bytes, and the walk that led to it.
async fn leaf(source: &Source, served: &Served, index: u64) -> Result<(Vec<u8>, Walk), ReadError> {
    let mut walk = Walk::to_leaf(index, &served.checkpoint);
    let mut entry = None;
    for file in Files::of_leaf(index, served.checkpoint.size) {
        let bytes = source.read_log_file(file).await?;
        walk.take(&bytes)
            .map_err(|failure| refused(file, failure))?;
        let within = usize::try_from(index % 256).unwrap_or_default();
        if let Some(entries) = file.entries(&bytes) {
            entry = entries.get(within).map(|entry| entry.to_vec());
        }
    }
    let path = || format!("leaf {index}");
    let entry = entry.ok_or_else(|| ReadError::Missing { path: path() })?;
    Ok((entry, walk))
}

/// A receipt that opens nothing (C2SP tlog-proof; docs/transparency.md, "View and receipt").
fn proof_file(entry: &[u8], walk: &Walk, index: u64, checkpoint: &[u8]) -> Vec<u8> {
    let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
    let view = [&[1][..], &length.to_be_bytes(), entry, &[0]].concat();
    let mut text = format!(
        "c2sp.org/tlog-proof@v1\nextra {}\nindex {index}\n",
        STANDARD.encode(&view)
    );
    for hash in walk.inclusion(index) {
        text.push_str(&format!("{hash}\n"));
    }
    text.push('\n');
    [text.as_bytes(), checkpoint].concat()
}
