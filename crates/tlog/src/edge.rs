//! The right edge of a growing tree: everything that appending needs, and nothing that is finished.
//!
//! It is made of the partial tiles, so what a log has stored is also what it goes on from after a crash.

use thiserror::Error;

use crate::bundle::{BundleError, LogEntry, encode_bundle};
use crate::hash::{TreeHash, TreeHead, perfect_root};
use crate::tile::{TILE_WIDTH, TileError, TileKind, TilePath, encode_hashes};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RightEdge {
    size: u64,
    /// The hashes of each level's unfinished tile, lowest level first; at most 255 each.
    levels: Vec<Vec<TreeHash>>,
    /// The entries of the unfinished bundle, as many as `levels[0]` has hashes.
    entries: Vec<LogEntry>,
}

/// One file of the log. Its bytes never change under its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    pub path: TilePath,
    pub bytes: Vec<u8>,
}

/// The files by which a log grew: to be stored in this order, tiles before bundles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    pub tiles: Vec<LogFile>,
    pub bundles: Vec<LogFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RestoreError {
    #[error("{path} is missing")]
    Missing { path: TilePath },
    #[error(transparent)]
    Tile(#[from] TileError),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("entry {position} of the last bundle is not what the last tile says")]
    EntryNotInTile { position: usize },
    #[error("the tiles have the root {found} and not {expected}")]
    Root { expected: TreeHash, found: TreeHash },
}

impl RightEdge {
    pub fn of_nothing() -> Self {
        Self::default()
    }

    /// The edge of the tree with this head, from the files that `TilePath::partials` names for its size.
    ///
    /// The edge is believed only if it has the head's root. What lies to the left of it is not looked at.
    pub fn restore(head: TreeHead, files: &[LogFile]) -> Result<Self, RestoreError> {
        let mut edge = Self {
            size: head.size,
            ..Self::default()
        };
        for path in TilePath::partials(head.size) {
            let file = files
                .iter()
                .find(|file| file.path == path)
                .ok_or(RestoreError::Missing { path })?;
            match path.kind() {
                TileKind::Hashes { level } => {
                    *edge.level(usize::from(level)) = path.parse_hashes(&file.bytes)?;
                }
                TileKind::Entries => edge.entries = path.parse_entries(&file.bytes)?,
            }
        }
        edge.check(head.root)?;
        Ok(edge)
    }

    pub fn head(&self) -> TreeHead {
        let mut root = None;
        for level in &self.levels {
            root = fold_level(level, root);
        }
        TreeHead {
            size: self.size,
            root: root.unwrap_or_else(TreeHash::of_nothing),
        }
    }

    /// Appends a batch, after which a checkpoint may be made: the partial tiles that come back are those of the new size.
    ///
    /// An unfinished tile that did not grow is not among them, because its file is there already.
    pub fn append(&mut self, entries: impl IntoIterator<Item = LogEntry>) -> Growth {
        let mut growth = Growth::default();
        let mut levels_grown = 0;
        for entry in entries {
            let hash = entry.hash();
            self.entries.push(entry);
            self.size += 1;
            levels_grown = levels_grown.max(self.push(hash, &mut growth));
        }
        for level in 0..levels_grown {
            let hashes = &self.levels[level];
            let kind = hash_tile(level);
            growth
                .tiles
                .extend(self.partial(kind, encode_hashes(hashes)));
        }
        if 0 < levels_grown {
            let bytes = encode_bundle(&self.entries);
            growth
                .bundles
                .extend(self.partial(TileKind::Entries, bytes));
        }
        growth
    }

    /// Puts the hash of a leaf into the lowest tile; a tile that is full by it is done and puts its root one level up.
    /// Returns how many levels grew.
    fn push(&mut self, leaf: TreeHash, growth: &mut Growth) -> usize {
        let mut hash = leaf;
        let mut level = 0;
        loop {
            let unfinished = self.level(level);
            unfinished.push(hash);
            if (unfinished.len() as u64) < TILE_WIDTH {
                return level + 1;
            }
            let finished = std::mem::take(unfinished);
            growth.tiles.push(LogFile {
                path: self.last_full(hash_tile(level), level),
                bytes: encode_hashes(&finished),
            });
            if level == 0 {
                let entries = std::mem::take(&mut self.entries);
                growth.bundles.push(LogFile {
                    path: self.last_full(TileKind::Entries, level),
                    bytes: encode_bundle(&entries),
                });
            }
            hash = perfect_root(&finished);
            level += 1;
        }
    }

    fn last_full(&self, kind: TileKind, level: usize) -> TilePath {
        let tiles = self.size >> (8 * (level + 1));
        TilePath::in_tree(kind, tiles - 1, self.size).expect("a tile was just filled")
    }

    fn partial(&self, kind: TileKind, bytes: Vec<u8>) -> Option<LogFile> {
        let path = TilePath::partials(self.size)
            .into_iter()
            .find(|path| path.kind() == kind)?;
        Some(LogFile { path, bytes })
    }

    fn level(&mut self, level: usize) -> &mut Vec<TreeHash> {
        if self.levels.len() <= level {
            self.levels.resize(level + 1, Vec::new());
        }
        &mut self.levels[level]
    }

    fn check(&self, root: TreeHash) -> Result<(), RestoreError> {
        for (position, entry) in self.entries.iter().enumerate() {
            if self.levels[0][position] != entry.hash() {
                return Err(RestoreError::EntryNotInTile { position });
            }
        }
        let found = self.head().root;
        if found != root {
            return Err(RestoreError::Root {
                expected: root,
                found,
            });
        }
        Ok(())
    }
}

fn hash_tile(level: usize) -> TileKind {
    let level = u8::try_from(level).expect("a tree of 64 bits has eight levels of tiles");
    TileKind::Hashes { level }
}

/// Joins the perfect subtrees that an unfinished tile is made of, smallest and so rightmost first, to what lies right of
/// and below them.
fn fold_level(hashes: &[TreeHash], right: Option<TreeHash>) -> Option<TreeHash> {
    let mut right = right;
    let mut end = hashes.len();
    while 0 < end {
        let width = 1 << end.trailing_zeros();
        let left = perfect_root(&hashes[end - width..end]);
        right = Some(match right {
            Some(right) => TreeHash::of_node(left, right),
            None => left,
        });
        end -= width;
    }
    right
}
