//! Walks through a whole log, from its root down to every entry.
//!
//! Nothing is believed before something that is believed already stands for it: the partial tiles make the root, each
//! full tile makes a hash of the tile above it, each entry makes a hash of the lowest tile. So a damaged file is named,
//! and whoever copies a log stores no file that does not belong to it. The caller fetches the file that `next` names and
//! gives it to `take`, until there is none.

mod files;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

pub use files::{Files, LogFile};

use crate::checkpoint::Checkpoint;
use crate::failure::{ConsistencyFailure, Failure, FilesFailure, LeafFailure};
use crate::leaf::Leaf;
use crate::merkle::{Hash, empty_root, leaf_hash, left_of, node_hash};
use crate::reading::{take_hash, take_short};
use files::{Kind, LEVELS, WIDTH, hashes_on};

pub struct Walk {
    size: u64,
    root: Hash,
    /// Size and root of a tree that this one has to begin with.
    older: Option<(u64, Hash)>,
    files: Files,
    next: Option<LogFile>,
    /// How many leaves were looked at.
    leaves: u64,
    /// Each level's partial tile.
    edges: [Vec<Hash>; LEVELS],
    /// Each level's full tile above the current leaves.
    tiles: [Vec<Hash>; LEVELS],
}

impl Walk {
    /// Through the log whose verified checkpoint has this size and root.
    pub fn new(size: u64, root: Hash) -> Self {
        Self::through(Files::of_size(size), size, root)
    }

    /// Through the few tiles that show whether the log begins with the whole of what an older checkpoint of it stood
    /// for. Both checkpoints are verified.
    pub fn from_older(older: &Checkpoint, newer: &Checkpoint) -> Self {
        let files = Files::of_growth(older.size, newer.size);
        Self {
            older: Some((older.size, older.root)),
            ..Self::through(files, newer.size, newer.root)
        }
    }

    /// Down to one leaf, by the few files between the root and it. The checkpoint is verified.
    pub fn to_leaf(index: u64, checkpoint: &Checkpoint) -> Self {
        let files = Files::of_leaf(index, checkpoint.size);
        Self {
            leaves: index - index % WIDTH as u64,
            ..Self::through(files, checkpoint.size, checkpoint.root)
        }
    }

    /// The inclusion proof (RFC 6962, section 2.1.1) of a leaf that the current tiles are above.
    pub fn inclusion(&self, index: u64) -> Vec<Hash> {
        let mut proof = Vec::new();
        let (mut start, mut size) = (0, self.size);
        while 1 < size {
            let left = left_of(size);
            if index < start + left {
                proof.push(self.subtree(start + left, size - left));
                size = left;
            } else {
                proof.push(self.subtree(start, left));
                start += left;
                size -= left;
            }
        }
        proof.reverse();
        proof
    }

    /// The root over leaves that begin where a perfect tree may.
    fn subtree(&self, start: u64, size: u64) -> Hash {
        if !size.is_power_of_two() {
            let left = left_of(size);
            let right = self.subtree(start + left, size - left);
            return node_hash(self.subtree(start, left), right);
        }
        let height = size.ilog2() as usize;
        let level = height / 8;
        let first = hashes_on(level, start);
        let tile = self.tile(level, first / WIDTH as u64);
        let place = position(first);
        tile.get(place..place + (1 << (height % 8)))
            .map_or_else(empty_root, perfect_root)
    }

    fn through(mut files: Files, size: u64, root: Hash) -> Self {
        let next = files.next();
        Self {
            size,
            root,
            older: None,
            files,
            next,
            leaves: 0,
            edges: Default::default(),
            tiles: Default::default(),
        }
    }

    /// The path of the file that has to be looked at next, below the log's prefix.
    pub fn next(&self) -> Option<String> {
        self.next.map(|file| file.to_string())
    }

    /// The same file, for whoever needs more of it than its path.
    pub fn next_file(&self) -> Option<LogFile> {
        self.next
    }

    /// How many leaves were looked at and found good.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Takes the bytes of the file that `next` names. A file that is refused leaves everything as it was, so that
    /// another copy of it may be tried.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(file) = self.next else {
            return Ok(());
        };
        match file.kind {
            Kind::Hashes { level } if file.is_at_edge() => self.take_edge(file, level, bytes)?,
            Kind::Hashes { level } => self.take_tile(file, level, bytes)?,
            Kind::Entries => self.take_bundle(file, bytes)?,
        }
        self.next = self.files.next();
        Ok(())
    }

    /// Whether the log is what its checkpoint says, once every file was taken.
    pub fn finish(self) -> Result<(), Failure> {
        if let Some(path) = self.next() {
            return Err(Failure::Files(FilesFailure::NotLookedAt { path }));
        }
        if self.size == 0 && self.root != empty_root() {
            return Err(Failure::Files(FilesFailure::OtherRoot));
        }
        match self.older {
            Some(older) => self.check_beginning(older),
            None => Ok(()),
        }
    }

    fn take_edge(&mut self, file: LogFile, level: usize, bytes: &[u8]) -> Result<(), Failure> {
        self.edges[level] = hashes_of(file, bytes)?;
        let is_last = (0..level).all(|below| position(hashes_on(below, self.size)) == 0);
        if is_last && self.root_at(self.size) != self.root {
            return Err(Failure::Files(FilesFailure::OtherRoot));
        }
        Ok(())
    }

    fn take_tile(&mut self, file: LogFile, level: usize, bytes: &[u8]) -> Result<(), Failure> {
        let hashes = hashes_of(file, bytes)?;
        let above = self.tile(level + 1, file.index / WIDTH as u64);
        if above.get(position(file.index)) != Some(&perfect_root(&hashes)) {
            let path = file.to_string();
            return Err(Failure::Files(FilesFailure::TileDiffers { path }));
        }
        self.tiles[level] = hashes;
        Ok(())
    }

    fn take_bundle(&mut self, file: LogFile, bytes: &[u8]) -> Result<(), Failure> {
        let path = || file.to_string();
        let mut index = self.leaves;
        let mut rest = bytes;
        for hash in self.tile(0, file.index) {
            let entry =
                take_short(&mut rest).ok_or(Failure::Files(FilesFailure::EntryCutOff { index }))?;
            if leaf_hash(entry) != *hash {
                let path = path();
                return Err(Failure::Files(FilesFailure::EntryDiffers { path, index }));
            }
            let claimed = Leaf::parse(entry)?.index;
            if claimed != index {
                return Err(Failure::Leaf(LeafFailure::Elsewhere { index, claimed }));
            }
            index += 1;
        }
        if !rest.is_empty() {
            return Err(Failure::Files(FilesFailure::TooLong { path: path() }));
        }
        self.leaves = index;
        Ok(())
    }

    fn check_beginning(&self, (old, root): (u64, Hash)) -> Result<(), Failure> {
        let new = self.size;
        if new < old {
            return Err(Failure::Consistency(ConsistencyFailure::Shrunk {
                old,
                new,
            }));
        }
        if self.root_at(old) != root {
            let failure = ConsistencyFailure::OtherBeginning { old, new };
            return Err(Failure::Consistency(failure));
        }
        Ok(())
    }

    /// The tile of this level and index, which has to be one that the current leaves are below.
    fn tile(&self, level: usize, index: u64) -> &[Hash] {
        if index == hashes_on(level + 1, self.size) {
            &self.edges[level]
        } else {
            &self.tiles[level]
        }
    }

    /// By the definition: the root of the first leaves, if the current tiles stand above the last of them.
    fn root_at(&self, size: u64) -> Hash {
        let mut root = None;
        for level in 0..LEVELS {
            let hashes = hashes_on(level, size);
            let tile = self.tile(level, hashes / WIDTH as u64);
            let mut hashes = &tile[..position(hashes)];
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

fn hashes_of(file: LogFile, bytes: &[u8]) -> Result<Vec<Hash>, Failure> {
    let path = || file.to_string();
    let expected = file.bytes_max();
    if bytes.len() < expected {
        return Err(Failure::Files(FilesFailure::CutOff { path: path() }));
    }
    if expected < bytes.len() {
        return Err(Failure::Files(FilesFailure::TooLong { path: path() }));
    }
    let mut rest = bytes;
    Ok(core::iter::from_fn(|| take_hash(&mut rest)).collect())
}

/// The place of a hash in its tile.
fn position(index: u64) -> usize {
    (index % WIDTH as u64) as usize
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
