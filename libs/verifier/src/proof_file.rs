//! The `.tlog-proof` file (C2SP tlog-proof).

use alloc::vec::Vec;

use crate::base64;
use crate::checkpoint::{Checkpoint, Clock};
use crate::failure::Failure;
use crate::merkle::{Hash, PROOF_HASHES_MAX, check_inclusion};
use crate::policy::Policy;
use crate::reading;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A file that was read and not yet believed.
#[derive(Clone, Debug)]
pub struct ProofFile<'a> {
    /// Nobody vouches for these bytes.
    pub extra: Option<Vec<u8>>,
    pub index: u64,
    proof: Vec<Hash>,
    checkpoint: &'a str,
}

impl<'a> ProofFile<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Failure> {
        let text = str::from_utf8(bytes).map_err(|_| form("is no text"))?;
        let (top, checkpoint) = text
            .split_once("\n\n")
            .ok_or_else(|| form("ends before its checkpoint"))?;
        let mut lines: Vec<&str> = top.split('\n').collect();
        if lines.remove(0) != HEADER {
            return Err(form("does not begin with c2sp.org/tlog-proof@v1"));
        }
        let extra = lines.first().and_then(|line| line.strip_prefix("extra "));
        let extra = match extra {
            Some(text) => {
                lines.remove(0);
                Some(base64::decode(text).ok_or_else(|| form("has an `extra` that is no base64"))?)
            }
            None => None,
        };
        let (index, hashes) = lines
            .split_first()
            .ok_or_else(|| form("has no line `index`"))?;
        let index = index
            .strip_prefix("index ")
            .and_then(reading::decimal)
            .ok_or_else(|| form("has no line `index` with a number"))?;
        if PROOF_HASHES_MAX < hashes.len() {
            return Err(form("has more hashes than any tree needs"));
        }
        let proof = hashes.iter().map(|line| reading::hash(line));
        Ok(Self {
            extra,
            index,
            proof: proof
                .collect::<Option<_>>()
                .ok_or_else(|| form("has a line in its proof that is no hash"))?,
            checkpoint,
        })
    }

    /// Checks that the log has this leaf at the file's index. The caller computed the hash from data it holds.
    pub fn verify(&self, leaf: Hash, policy: &Policy, clock: Clock) -> Result<Checkpoint, Failure> {
        let checkpoint = Checkpoint::verify(self.checkpoint.as_bytes(), policy, clock)?;
        let tree = (checkpoint.size, checkpoint.root);
        check_inclusion(leaf, self.index, tree, &self.proof)?;
        Ok(checkpoint)
    }
}

fn form(reason: &'static str) -> Failure {
    Failure::Form {
        what: "the proof file",
        reason,
    }
}
