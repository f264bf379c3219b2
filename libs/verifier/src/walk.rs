//! Walks through a whole log: every entry is hashed, and every tile compared with what the entries make it.
//!
//! A check of the right edge alone would not see a changed tile in the middle. The caller fetches the file that `next`
//! names and gives it to `take`, until there is none.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::failure::{Failure, FilesFailure, LeafFailure};
use crate::leaf::Leaf;
use crate::merkle::{Hash, empty_root, leaf_hash, node_hash};
use crate::reading::take_short;

const WIDTH: usize = 256;

pub struct Walk {
    size: u64,
    root: Hash,
    /// How many leaves were hashed.
    leaves: u64,
    /// The hashes of each level's current tile, which entries were hashed to, lowest level first.
    levels: Vec<Vec<Hash>>,
    /// Tiles that are computed and still to be compared with the log's: level and index.
    pending: Vec<(usize, u64)>,
}

impl Walk {
    /// Through the log whose verified checkpoint has this size and root.
    pub fn new(size: u64, root: Hash) -> Self {
        Self {
            size,
            root,
            leaves: 0,
            levels: Vec::new(),
            pending: Vec::new(),
        }
    }

    /// The path of the file that has to be looked at next, below the log's prefix.
    pub fn next(&self) -> Option<String> {
        if let Some((level, index)) = self.pending.first() {
            let width = self.levels[*level].len();
            return Some(path(&format!("{level}"), *index, width));
        }
        let (index, width) = self.next_bundle()?;
        Some(path("entries", index, width))
    }

    /// Takes the bytes of the file that `next` names.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.pending.is_empty() {
            self.take_bundle(bytes)
        } else {
            self.take_tile(bytes)
        }
    }

    /// Whether the log is what its checkpoint says, once every file was taken.
    pub fn finish(self) -> Result<(), Failure> {
        if let Some(path) = self.next() {
            return Err(Failure::Files(FilesFailure::NotLookedAt { path }));
        }
        if self.root_of_entries() == self.root {
            Ok(())
        } else {
            Err(Failure::Files(FilesFailure::OtherRoot))
        }
    }

    fn next_bundle(&self) -> Option<(u64, usize)> {
        let left = self.size - self.leaves;
        let width = left.min(WIDTH as u64) as usize;
        (0 < width).then_some((self.leaves / WIDTH as u64, width))
    }

    fn take_bundle(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some((index, width)) = self.next_bundle() else {
            return Ok(());
        };
        self.start_level(0);
        let mut rest = bytes;
        for _ in 0..width {
            let entry = take_short(&mut rest).ok_or(Failure::Files(FilesFailure::EntryCutOff {
                index: self.leaves,
            }))?;
            let claimed = Leaf::parse(entry)?.index;
            if claimed != self.leaves {
                return Err(Failure::Leaf(LeafFailure::Elsewhere {
                    index: self.leaves,
                    claimed,
                }));
            }
            self.levels[0].push(leaf_hash(entry));
            self.leaves += 1;
        }
        if !rest.is_empty() {
            return Err(Failure::Files(FilesFailure::TooLong {
                path: path("entries", index, width),
            }));
        }
        self.pending.push((0, index));
        self.climb();
        Ok(())
    }

    /// A full tile is one hash of the level above. At the end of the log every level's last tile is due, full or not.
    fn climb(&mut self) {
        let mut level = 0;
        while self.levels[level].len() == WIDTH {
            let root = perfect_root(&self.levels[level]);
            level += 1;
            self.start_level(level);
            self.levels[level].push(root);
            if self.levels[level].len() == WIDTH {
                self.pending.push((level, self.index_of_tile(level)));
            }
        }
        if self.leaves == self.size {
            for level in 1..self.levels.len() {
                if (1..WIDTH).contains(&self.levels[level].len()) {
                    self.pending.push((level, self.index_of_tile(level)));
                }
            }
        }
    }

    fn index_of_tile(&self, level: usize) -> u64 {
        let hashes = self.leaves >> (8 * level);
        (hashes - 1) / WIDTH as u64
    }

    fn take_tile(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (level, index) = self.pending.remove(0);
        let hashes = &self.levels[level];
        let expected: Vec<u8> = hashes.iter().flat_map(|hash| hash.0).collect();
        if bytes == expected {
            return Ok(());
        }
        Err(Failure::Files(FilesFailure::TileDiffers {
            path: path(&format!("{level}"), index, hashes.len()),
        }))
    }

    /// Makes room on a level whose last tile was full.
    fn start_level(&mut self, level: usize) {
        if self.levels.len() <= level {
            self.levels.push(Vec::new());
        }
        if self.levels[level].len() == WIDTH {
            self.levels[level].clear();
        }
    }

    /// By the definition, from the hashes of each level that no full tile above stands for.
    fn root_of_entries(&self) -> Hash {
        let mut root = None;
        for hashes in &self.levels {
            if hashes.len() == WIDTH {
                continue;
            }
            let mut hashes = hashes.as_slice();
            while !hashes.is_empty() {
                let width = 1 << hashes.len().trailing_zeros();
                let (before, last) = hashes.split_at(hashes.len() - width);
                let left = perfect_root(last);
                root = Some(root.map_or(left, |right| node_hash(left, right)));
                hashes = before;
            }
        }
        root.unwrap_or_else(empty_root)
    }
}

/// Of a power of two of hashes.
fn perfect_root(hashes: &[Hash]) -> Hash {
    match hashes {
        [hash] => *hash,
        _ => {
            let (left, right) = hashes.split_at(hashes.len() / 2);
            node_hash(perfect_root(left), perfect_root(right))
        }
    }
}

fn path(directory: &str, index: u64, width: usize) -> String {
    let mut spelling = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while 0 < rest {
        spelling = format!("x{:03}/{spelling}", rest % 1000);
        rest /= 1000;
    }
    if width < WIDTH {
        format!("tile/{directory}/{spelling}.p/{width}")
    } else {
        format!("tile/{directory}/{spelling}")
    }
}
