//! Entries and the bundles that hold them (C2SP tlog-tiles, "Log Entries").

use thiserror::Error;

use crate::tile::{TileKind, TilePath};

/// One leaf's content. Its length is told in sixteen bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry(Vec<u8>);

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
    pub fn new(bytes: Vec<u8>) -> Result<Self, BundleError> {
        match u16::try_from(bytes.len()) {
            Ok(_) => Ok(Self(bytes)),
            Err(_) => Err(BundleError::EntryTooLong { found: bytes.len() }),
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

pub fn encode_bundle(entries: &[LogEntry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.0.len()).expect("checked when the entry was made");
        bytes.extend(length.to_be_bytes());
        bytes.extend(&entry.0);
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
            entries.push(LogEntry(entry.to_vec()));
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
