//! Checkpoints (C2SP tlog-checkpoint) and their cosignatures (C2SP tlog-cosignature).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::failure::{Failure, QuorumFailure, SignatureFailure};
use crate::key::Key;
use crate::merkle::{Hash, check_consistency};
use crate::note::{Found, Note, unknown_log};
use crate::policy::Policy;
use crate::reading;

/// A clock of a witness may be ahead of ours by so much.
const AHEAD_SECONDS_MAX: u64 = 30;
/// How long a cosignature counts where the present state of the log is asked for.
pub const CURRENT_SECONDS_MAX: u64 = 60 * 60;

/// When it is, and how old a cosignature may be to count. All in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    pub now: u64,
    /// Nothing for what was kept on purpose, such as a receipt.
    pub age_seconds_max: Option<u64>,
}

/// A checkpoint that the log signed and enough witnesses cosigned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    pub size: u64,
    pub root: Hash,
    /// Cosignatures that hold and count.
    pub cosigned: Vec<Cosigned>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// As the policy calls the witness.
    pub witness: String,
    /// Seconds since 1970.
    pub at: u64,
}

impl Checkpoint {
    pub fn verify(bytes: &[u8], policy: &Policy, clock: Clock) -> Result<Self, Failure> {
        let note = Note::parse(bytes)?;
        let (origin, size, root) = parse(note.text)?;
        check_log(&note, origin, policy)?;
        let mut cosigned = Vec::new();
        for witness in policy.witnesses() {
            let at = cosigned_at(&note, &witness.name, &witness.key)?;
            cosigned.extend(at.filter(|at| clock.counts(*at)).map(|at| Cosigned {
                witness: witness.name.clone(),
                at,
            }));
        }
        let names: Vec<&str> = cosigned.iter().map(|one| one.witness.as_str()).collect();
        if !policy.is_enough(&names) {
            return Err(Failure::Quorum(QuorumFailure::TooFew {
                quorum: policy.quorum().to_string(),
                counted: cosigned.len(),
            }));
        }
        Ok(Self {
            origin: origin.to_string(),
            size,
            root,
            cosigned,
        })
    }

    /// Checks that the log only grew from `older` to this checkpoint.
    pub fn check_grown_from(&self, older: &Self, proof: &[Hash]) -> Result<(), Failure> {
        if self.origin != older.origin {
            return Err(Failure::LogSignature(SignatureFailure::OtherLog {
                expected: older.origin.clone(),
                found: self.origin.clone(),
            }));
        }
        check_consistency((older.size, older.root), (self.size, self.root), proof)
    }
}

impl Clock {
    fn counts(self, at: u64) -> bool {
        let is_fresh = self
            .age_seconds_max
            .is_none_or(|age| self.now.saturating_sub(age) <= at);
        is_fresh && at <= self.now.saturating_add(AHEAD_SECONDS_MAX)
    }
}

fn parse(text: &str) -> Result<(&str, u64, Hash), Failure> {
    let form = |reason| Failure::Form {
        what: "the checkpoint",
        reason,
    };
    let lines: Vec<&str> = text.split('\n').collect();
    let (origin, size, root) = match lines[..] {
        [origin, size, root, ""] if !origin.is_empty() => (origin, size, root),
        _ => return Err(form("has not three lines: origin, size and root")),
    };
    let size = reading::decimal(size).ok_or_else(|| form("has a size that is no number"))?;
    let root = reading::hash(root).ok_or_else(|| form("has a root that is no hash"))?;
    Ok((origin, size, root))
}

/// One of the keys that the policy has for this origin has to have signed, and none of them wrongly.
fn check_log(note: &Note<'_>, origin: &str, policy: &Policy) -> Result<(), Failure> {
    let mut result = Err(unknown_log(origin));
    let mut is_signed = false;
    for log in policy.logs(origin) {
        result = note.check_log(log);
        match &result {
            Ok(()) => is_signed = true,
            Err(Failure::LogSignature(SignatureFailure::NotSigned { .. })) => {}
            Err(_) => return result,
        }
    }
    if is_signed { Ok(()) } else { result }
}

/// A cosignature that does not hold is no missing one: somebody tampered with the file.
fn cosigned_at(note: &Note<'_>, name: &str, key: &Key) -> Result<Option<u64>, Failure> {
    let witness = || name.to_string();
    let wrong = || Failure::Quorum(QuorumFailure::Wrong { witness: witness() });
    let mut stamped = match note.signature(key) {
        Found::None => return Ok(None),
        Found::One(stamped) => stamped,
        Found::Several => {
            let twice = QuorumFailure::CosignedTwice { witness: witness() };
            return Err(Failure::Quorum(twice));
        }
    };
    let at = reading::take_number::<8>(&mut stamped).ok_or_else(wrong)?;
    let message = format!("cosignature/v1\ntime {at}\n{}", note.text);
    let is_time = 0 < at && i64::try_from(at).is_ok();
    if is_time && key.has_signed(message.as_bytes(), stamped) {
        Ok(Some(at))
    } else {
        Err(wrong())
    }
}
