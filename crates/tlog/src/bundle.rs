//! Entries and the bundles that hold them (C2SP tlog-tiles, "Log Entries").

use bytes::Bytes;
use thiserror::Error;

use crate::hash::TreeHash;
use crate::tile::{TileKind, TilePath};

/// One leaf's content, and the leaf's hash, which is worked out once. Its length is told in sixteen bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    bytes: Bytes,
    hash: TreeHash,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BundleError {
    #[error("an entry has {found} bytes, and 65535 are the most")]
    EntryTooLong { found: usize },
    #[error("{path} holds hashes and no entries")]
    NotEntries { path: TilePath },
    #[error("{path} ends inside of entry {position}")]
    CutOff { path: TilePath, position: usize },
    #[error("{path} has {found} bytes behind its last entry")]
    TooLong { path: TilePath, found: usize },
}

impl LogEntry {
    pub fn new(bytes: impl Into<Bytes>) -> Result<Self, BundleError> {
        let bytes = bytes.into();
        match u16::try_from(bytes.len()) {
            Ok(_) => Ok(Self {
                hash: TreeHash::of_leaf(&bytes),
                bytes,
            }),
            Err(_) => Err(BundleError::EntryTooLong { found: bytes.len() }),
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn hash(&self) -> TreeHash {
        self.hash
    }
}

pub fn encode_bundle(entries: &[LogEntry]) -> Vec<u8> {
    let length: usize = entries.iter().map(|entry| 2 + entry.bytes.len()).sum();
    let mut bytes = Vec::with_capacity(length);
    for entry in entries {
        let length = u16::try_from(entry.bytes.len()).expect("checked when the entry was made");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&entry.bytes);
    }
    bytes
}

impl TilePath {
    /// Reads the file of this path: exactly as many entries as it is wide.
    pub fn parse_entries(&self, bytes: &[u8]) -> Result<Vec<LogEntry>, BundleError> {
        if self.kind() != TileKind::Entries {
            return Err(BundleError::NotEntries { path: *self });
        }
        let mut entries = Vec::with_capacity(self.width());
        let mut rest = bytes;
        for position in 0..self.width() {
            let (entry, behind) = split_entry(rest).ok_or(BundleError::CutOff {
                path: *self,
                position,
            })?;
            entries.push(LogEntry::new(entry.to_vec())?);
            rest = behind;
        }
        if !rest.is_empty() {
            return Err(BundleError::TooLong {
                path: *self,
                found: rest.len(),
            });
        }
        Ok(entries)
    }
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
