//! What became of a promise, by a log that somebody fetches, and if it was broken, what shows that to anybody.
//!
//! `walk` says which files are needed, and `judge` what they come to. Commands and pages judge by these two alone.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::base64;
use crate::checkpoint::{Checkpoint, Clock};
use crate::failure::{Failure, FilesFailure, SignatureFailure};
use crate::merkle::leaf_hash;
use crate::policy::Policy;
use crate::promise::{Promise, Standing};
use crate::reading::take_short;
use crate::receipt::Receipt;
use crate::walk::Walk;

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

/// What a log shows, and to whom it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Verified by the policy. Old cosignatures count: what was broken stays broken.
    pub checkpoint: &'a Checkpoint,
    /// The bytes that it came in.
    pub note: &'a [u8],
    pub policy: &'a Policy,
    /// Seconds since 1970.
    pub now: u64,
}

/// The walk to the promised leaf. It needs no file where the log does not reach so far.
pub fn walk(promise: &Promise, checkpoint: &Checkpoint) -> Result<Walk, Failure> {
    if checkpoint.origin != promise.origin {
        return Err(Failure::LogSignature(SignatureFailure::OtherLog {
            expected: promise.origin.clone(),
            found: checkpoint.origin.clone(),
        }));
    }
    Ok(Walk::to_leaf(promise.index, checkpoint))
}

/// Judges by a walk that has taken its files; `bundle` is the last of them.
pub fn judge(
    promise: &Promise,
    shown: Shown<'_>,
    walk: Walk,
    bundle: &[u8],
) -> Result<Outcome, Failure> {
    let Shown {
        checkpoint, note, ..
    } = shown;
    if checkpoint.size <= promise.index {
        return Ok(match promise.after_checkpoint(checkpoint, shown.policy) {
            Standing::Broken => Outcome::Broken {
                evidence: note.to_owned(),
            },
            Standing::Kept | Standing::Open if shown.now <= promise.deadline => Outcome::Open,
            Standing::Kept | Standing::Open => Outcome::Overdue,
        });
    }
    let entry = entry_in(bundle, promise.index)?;
    if leaf_hash(entry) == promise.leaf {
        walk.finish()?;
        return Ok(Outcome::Kept);
    }
    let evidence = proof_file(entry, &walk, promise.index, note);
    walk.finish()?;
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

impl Outcome {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken { .. } => "broken",
            Self::Open => "open",
            Self::Overdue => "overdue",
        }
    }
}

/// The entry of this index in the bundle of 256 that it is in.
pub(crate) fn entry_in(bundle: &[u8], index: u64) -> Result<&[u8], Failure> {
    let mut rest = bundle;
    let mut entry = None;
    for _ in 0..=index % 256 {
        entry = take_short(&mut rest);
    }
    entry.ok_or(Failure::Files(FilesFailure::EntryCutOff { index }))
}

/// A receipt that opens nothing (C2SP tlog-proof; docs/transparency.md, "View and receipt").
fn proof_file(entry: &[u8], walk: &Walk, index: u64, checkpoint: &[u8]) -> Vec<u8> {
    let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
    let view = [&[1][..], &length.to_be_bytes(), entry, &[0]].concat();
    let mut text = format!(
        "c2sp.org/tlog-proof@v1\nextra {}\nindex {index}\n",
        base64::encode(&view)
    );
    for hash in walk.inclusion(index) {
        text.push_str(&hash.to_string());
        text.push('\n');
    }
    text.push('\n');
    [text.as_bytes(), checkpoint].concat()
}
