//! The `.tlog-proof` file (C2SP tlog-proof): a proof that one leaf is in a log, to be checked without the log.

use std::fmt;

use thiserror::Error;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::hash::TreeHash;
use crate::proof::PROOF_HASHES_MAX;
use crate::text;

const HEADER: &str = "c2sp.org/tlog-proof@v1";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// Bytes for the reader, which the format does not authenticate.
    pub extra: Option<Vec<u8>>,
    pub index: u64,
    pub proof: Vec<TreeHash>,
    pub checkpoint: SignedCheckpoint,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProofFileError {
    #[error("a proof file begins with the line `{HEADER}`")]
    Header,
    #[error("a proof file is text")]
    NotText,
    #[error("the line `extra` holds no base64")]
    Extra,
    #[error("the proof file has no line `index` with the leaf's number in digits")]
    Index,
    #[error("line {number} of the proof is not a hash in base64")]
    Hash { number: usize },
    #[error("the proof has more than {PROOF_HASHES_MAX} hashes")]
    TooManyHashes,
    #[error("the proof file ends before its checkpoint")]
    CutOff,
    #[error("the checkpoint of the proof file cannot be read")]
    Checkpoint(#[from] CheckpointError),
}

impl ProofFile {
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        let text = str::from_utf8(bytes).map_err(|_| ProofFileError::NotText)?;
        let (top, checkpoint) = text.split_once("\n\n").ok_or(ProofFileError::CutOff)?;
        let mut lines = top.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(ProofFileError::Header);
        }
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            Some(line) => Some(parse_extra(line).ok_or(ProofFileError::Extra)?),
            None => None,
        };
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(text::parse_decimal)
            .ok_or(ProofFileError::Index)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == PROOF_HASHES_MAX {
                return Err(ProofFileError::TooManyHashes);
            }
            let number = proof.len() + 1;
            proof.push(TreeHash::parse(line).map_err(|_| ProofFileError::Hash { number })?);
        }
        Ok(Self {
            extra,
            index,
            proof,
            checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())?,
        })
    }
}

impl fmt::Display for ProofFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(formatter, "extra {}", text::base64(extra))?;
        }
        writeln!(formatter, "index {}", self.index)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(formatter, "{hash}"))?;
        write!(formatter, "\n{}", self.checkpoint)
    }
}

fn parse_extra(line: &str) -> Option<Vec<u8>> {
    text::parse_base64(line.strip_prefix("extra ")?)
}
