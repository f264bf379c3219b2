//! Tiles: the tree in files that never change, 256 hashes to a file (C2SP tlog-tiles, "Merkle Tree").
//!
//! Hash `i` of tile (level, index) is the root of the perfect subtree over the leaves from
//! `(index * 256 + i) * 256^level` on. The last tile of a level may be partial; it keeps the name that tells its width
//! until the full one exists, and then it is not needed any more.

use std::fmt;

use thiserror::Error;

use crate::hash::{HASH_BYTES, TreeHash};
use crate::text;

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u64 = 256;
/// Bits of a position that one level of tiles stands for.
pub(crate) const TILE_BITS: u32 = 8;
/// Levels that tiles of a tree with less than 2^64 leaves may have.
const LEVELS: u8 = 8;
/// Levels above are spelled by the specification and never exist.
const LEVEL_MAX: u8 = 63;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    Hashes { level: u8 },
    Entries,
}

/// Names one file of the log, below the log's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    kind: TileKind,
    index: u64,
    /// 1 to 256.
    width: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TileError {
    #[error("`{path}` is not the path of a tile or of an entry bundle")]
    Path { path: String },
    #[error("{path} has {found} bytes and not {expected}")]
    Length {
        path: TilePath,
        expected: usize,
        found: usize,
    },
    #[error("{path} holds entries and no hashes")]
    NotHashes { path: TilePath },
}

impl TilePath {
    /// The tile of this place in a tree of `size` leaves, or nothing when that tree has none there.
    pub fn in_tree(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let level = match kind {
            TileKind::Hashes { level } => level,
            TileKind::Entries => 0,
        };
        let hashes = hashes_on_level(level, size);
        let width = hashes
            .saturating_sub(index.checked_mul(TILE_WIDTH)?)
            .min(TILE_WIDTH);
        let width = u16::try_from(width).expect("at most 256");
        (0 < width).then_some(Self { kind, index, width })
    }

    /// The partial tiles at the right end of a tree of `size` leaves, lowest level first, and the partial bundle last.
    pub fn partials(size: u64) -> Vec<Self> {
        let levels = (0..LEVELS).map(|level| TileKind::Hashes { level });
        levels
            .chain([TileKind::Entries])
            .filter_map(|kind| {
                let level = match kind {
                    TileKind::Hashes { level } => level,
                    TileKind::Entries => 0,
                };
                let index = hashes_on_level(level, size) / TILE_WIDTH;
                Self::in_tree(kind, index, size)
            })
            .collect()
    }

    pub fn kind(&self) -> TileKind {
        self.kind
    }

    pub fn index(&self) -> u64 {
        self.index
    }

    pub fn width(&self) -> usize {
        usize::from(self.width)
    }

    pub fn is_partial(&self) -> bool {
        u64::from(self.width) < TILE_WIDTH
    }

    /// The tile that replaces this one for good. Once it is stored, the partial one may be deleted, and who is told that
    /// the partial one is gone asks for this one.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: 256, ..self }
    }

    pub fn parse(path: &str) -> Result<Self, TileError> {
        let wrong = || TileError::Path {
            path: path.to_owned(),
        };
        let rest = path.strip_prefix("tile/").ok_or_else(wrong)?;
        let (kind, rest) = rest.split_once('/').ok_or_else(wrong)?;
        let kind = parse_kind(kind).ok_or_else(wrong)?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, parse_width(width).ok_or_else(wrong)?),
            None => (rest, 256),
        };
        let index = parse_index(index).ok_or_else(wrong)?;
        Ok(Self { kind, index, width })
    }

    /// Reads the file of this path. The bytes of the full tile will do for a partial one: what it has besides is cut off.
    pub fn parse_hashes(&self, bytes: &[u8]) -> Result<Vec<TreeHash>, TileError> {
        if self.kind == TileKind::Entries {
            return Err(TileError::NotHashes { path: *self });
        }
        let expected = self.width() * HASH_BYTES;
        let full = self.full().width() * HASH_BYTES;
        if bytes.len() != expected && bytes.len() != full {
            return Err(TileError::Length {
                path: *self,
                expected,
                found: bytes.len(),
            });
        }
        let (hashes, _) = bytes[..expected].as_chunks::<HASH_BYTES>();
        Ok(hashes.iter().copied().map(TreeHash::new).collect())
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes { level } => write!(formatter, "tile/{level}/")?,
            TileKind::Entries => write!(formatter, "tile/entries/")?,
        }
        formatter.write_str(&spell_index(self.index))?;
        if self.is_partial() {
            write!(formatter, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

pub fn encode_hashes(hashes: &[TreeHash]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(hashes.len() * HASH_BYTES);
    for hash in hashes {
        bytes.extend_from_slice(hash.as_bytes());
    }
    bytes
}

/// How many hashes a level of tiles has in a tree of `size` leaves.
fn hashes_on_level(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level) * TILE_BITS).unwrap_or(0)
}

/// Groups of three digits, all but the last behind an `x`: 1234067 is `x001/x234/067`.
fn spell_index(index: u64) -> String {
    let mut spelling = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while 0 < rest {
        spelling = format!("x{:03}/{spelling}", rest % 1000);
        rest /= 1000;
    }
    spelling
}

fn parse_index(spelling: &str) -> Option<u64> {
    let mut index = 0_u64;
    for group in spelling.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let group: u64 = digits.parse().ok()?;
        index = index.checked_mul(1000)?.checked_add(group)?;
    }
    (spell_index(index) == spelling).then_some(index)
}

fn parse_kind(kind: &str) -> Option<TileKind> {
    if kind == "entries" {
        return Some(TileKind::Entries);
    }
    let level = u8::try_from(text::parse_decimal(kind)?).ok()?;
    (level <= LEVEL_MAX).then_some(TileKind::Hashes { level })
}

fn parse_width(width: &str) -> Option<u16> {
    let width = u16::try_from(text::parse_decimal(width)?).ok()?;
    (1..256).contains(&width).then_some(width)
}
