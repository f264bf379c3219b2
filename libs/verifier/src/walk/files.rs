//! The files of a log and the order in which a walk looks at them (C2SP tlog-tiles).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::failure::{Failure, FilesFailure};
use crate::reading::take_short;

/// Hashes in a full tile, and entries in a full bundle.
pub(super) const WIDTH: usize = 256;
/// Levels that tiles of a tree of less than 2^64 leaves can have.
pub(super) const LEVELS: usize = 8;
const HASH_BYTES: usize = 32;
/// The longest leaf: format, kind, number, and twice a count with 255 hashes.
const ENTRY_BYTES_MAX: usize = 1 + 1 + 8 + 2 * (1 + 255 * HASH_BYTES);

/// One file of a log. Its `Display` is its path below the log's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogFile {
    pub(super) kind: Kind,
    pub(super) index: u64,
    /// 1 to 256.
    pub(super) width: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Hashes { level: usize },
    Entries,
}

impl LogFile {
    /// The file that takes the place of a partial one when it is full. It begins with the same bytes.
    pub fn full(self) -> Option<Self> {
        let full = Self {
            width: WIDTH,
            ..self
        };
        (self.width < WIDTH).then_some(full)
    }

    /// More bytes than this no honest file has.
    pub fn bytes_max(&self) -> usize {
        match self.kind {
            Kind::Hashes { .. } => self.width * HASH_BYTES,
            Kind::Entries => self.width * (2 + ENTRY_BYTES_MAX),
        }
    }

    /// What this partial file has of the bytes of the full one.
    pub fn cut_from<'a>(&self, full: &'a [u8]) -> Result<&'a [u8], Failure> {
        let length = match self.kind {
            Kind::Hashes { .. } => self.width * HASH_BYTES,
            Kind::Entries => {
                let mut rest = full;
                let whole = (0..self.width).try_for_each(|_| take_short(&mut rest).map(|_| ()));
                whole.map_or(usize::MAX, |()| full.len() - rest.len())
            }
        };
        full.get(..length).ok_or_else(|| {
            let path = format!("{self}");
            Failure::Files(FilesFailure::CutOff { path })
        })
    }

    /// The entries in the bytes of a bundle that a walk has taken; none of a tile.
    pub fn entries<'a>(&self, bytes: &'a [u8]) -> Option<Vec<&'a [u8]>> {
        if self.kind != Kind::Entries {
            return None;
        }
        let mut rest = bytes;
        (0..self.width).map(|_| take_short(&mut rest)).collect()
    }

    /// Whether it is one of the partial tiles that the root follows from, which no tile above stands for.
    pub fn is_at_edge(&self) -> bool {
        self.width < WIDTH && self.kind != Kind::Entries
    }
}

/// All files of a log of this size: first the partial tiles, of which the root follows, highest level first; then each
/// full tile before what lies below it, and so the entries from the first to the last.
#[derive(Clone, Debug)]
pub struct Files {
    size: u64,
    part: Part,
    /// Levels whose partial tile and, within one bundle, whose full tile is still to come: those below this one.
    edges: usize,
    levels: usize,
    bundle: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    All,
    /// The partial tiles, and the full ones that stand above one bundle.
    AboveBundle,
    /// These, and the bundle.
    ToBundle,
    Nothing,
}

impl Files {
    pub fn of_size(size: u64) -> Self {
        Self {
            size,
            part: Part::All,
            edges: LEVELS,
            levels: LEVELS,
            bundle: 0,
        }
    }

    /// Of a log of this size, the few tiles that show whether it begins with an older tree of `old` leaves.
    pub fn of_growth(old: u64, size: u64) -> Self {
        let part = if old <= size {
            Part::AboveBundle
        } else {
            Part::Nothing
        };
        Self {
            part,
            bundle: old.saturating_sub(1) / WIDTH as u64,
            ..Self::of_size(size)
        }
    }

    /// Of a log of this size, the few tiles between the root and one leaf, and the bundle that the leaf is in.
    pub fn of_leaf(index: u64, size: u64) -> Self {
        let part = if index < size {
            Part::ToBundle
        } else {
            Part::Nothing
        };
        Self {
            part,
            bundle: index / WIDTH as u64,
            ..Self::of_size(size)
        }
    }

    fn next_edge(&mut self) -> Option<LogFile> {
        while 0 < self.edges {
            self.edges -= 1;
            let hashes = hashes_on(self.edges, self.size);
            let width = (hashes % WIDTH as u64) as usize;
            if 0 < width {
                return Some(LogFile {
                    kind: Kind::Hashes { level: self.edges },
                    index: hashes / WIDTH as u64,
                    width,
                });
            }
        }
        None
    }

    /// A full tile that begins with the current bundle.
    fn next_tile(&mut self) -> Option<LogFile> {
        while 0 < self.levels {
            self.levels -= 1;
            let level = self.levels;
            let index = hashes_on(level, self.bundle);
            let begins = index << (8 * level) == self.bundle;
            if (begins || self.part != Part::All) && index < hashes_on(level + 1, self.size) {
                return Some(LogFile {
                    kind: Kind::Hashes { level },
                    index,
                    width: WIDTH,
                });
            }
        }
        None
    }
}

impl Iterator for Files {
    type Item = LogFile;

    fn next(&mut self) -> Option<LogFile> {
        if self.part == Part::Nothing {
            return None;
        }
        if let Some(edge) = self.next_edge() {
            return Some(edge);
        }
        let index = self.bundle;
        let left = self.size.saturating_sub(index.checked_mul(WIDTH as u64)?);
        let width = left.min(WIDTH as u64) as usize;
        if width == 0 {
            return None;
        }
        if let Some(tile) = self.next_tile() {
            return Some(tile);
        }
        if self.part == Part::AboveBundle {
            self.part = Part::Nothing;
            return None;
        }
        if self.part == Part::ToBundle {
            self.part = Part::Nothing;
        }
        self.bundle += 1;
        self.levels = LEVELS;
        Some(LogFile {
            kind: Kind::Entries,
            index,
            width,
        })
    }
}

impl fmt::Display for LogFile {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Hashes { level } => write!(to, "tile/{level}/{}", spell(self.index))?,
            Kind::Entries => write!(to, "tile/entries/{}", spell(self.index))?,
        }
        if self.width < WIDTH {
            write!(to, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

/// How many hashes a level has in a tree of `size` leaves.
pub(super) fn hashes_on(level: usize, size: u64) -> u64 {
    size.checked_shr(8 * level as u32).unwrap_or(0)
}

/// Groups of three digits, all but the last behind an `x`.
fn spell(index: u64) -> String {
    let mut spelling = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while 0 < rest {
        spelling = format!("x{:03}/{spelling}", rest % 1000);
        rest /= 1000;
    }
    spelling
}
