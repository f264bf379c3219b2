//! What shows that a log misbehaved: checkpoints that its key signed and that do not belong to what was cosigned before.
//!
//! Whoever has a log's checkpoint can send it with a proof that does not hold, so a bad proof alone shows nothing yet. Such
//! requests are kept apart from split views, and dropped when the same tree is proved later; a flood of them leaves the room for
//! split views alone, which nobody can make without the log's key.

use std::fs;
use std::io;
use std::path::PathBuf;

use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::TreeHead;

use crate::durable;

/// How many requests of each kind are kept of one log. The first ones stay: they tell when it began.
pub const KEPT_MAX: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceKind {
    /// Two roots for one size: two signatures of the log's key contradict each other.
    SplitView,
    /// The log has not proved that its tree grew from the one that was cosigned.
    Unproved,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    Now,
    Before,
    /// There is no room for more of this kind.
    Not,
}

/// The evidence against one log.
pub struct Evidence {
    directory: PathBuf,
}

/// A request that was refused, and the checkpoint that speaks against it.
pub struct Contradiction<'a> {
    pub kind: EvidenceKind,
    pub head: TreeHead,
    pub request: &'a [u8],
    pub cosigned: Option<&'a SignedCheckpoint>,
}

impl Evidence {
    pub fn open(directory: PathBuf) -> io::Result<Self> {
        durable::create_directory(&directory)?;
        Ok(Self { directory })
    }

    /// Keeps the request as it came, and beside it what was cosigned before. Nobody else may do so meanwhile.
    pub fn keep(&self, found: &Contradiction) -> io::Result<Kept> {
        let request = self.request_file(found.kind, found.head);
        if request.exists() {
            return Ok(Kept::Before);
        }
        if KEPT_MAX <= self.count(found.kind)? {
            return Ok(Kept::Not);
        }
        // The request comes last: where it is, the rest is.
        if let Some(cosigned) = found.cosigned {
            let file = request.with_extension("cosigned");
            durable::replace(&file, cosigned.to_string().as_bytes())?;
        }
        durable::replace(&request, found.request)?;
        Ok(Kept::Now)
    }

    /// The tree was proved to have grown after all.
    pub fn drop_unproved(&self, head: TreeHead) -> io::Result<()> {
        let request = self.request_file(EvidenceKind::Unproved, head);
        durable::remove(&request)?;
        durable::remove(&request.with_extension("cosigned"))
    }

    fn request_file(&self, kind: EvidenceKind, head: TreeHead) -> PathBuf {
        let TreeHead { size, root } = head;
        let root = hex::encode(root.as_bytes());
        let name = format!("{}-{size}-{root}.request", kind.word());
        self.directory.join(name)
    }

    fn count(&self, kind: EvidenceKind) -> io::Result<usize> {
        let mut count = 0;
        for file in fs::read_dir(&self.directory)? {
            let name = file?.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(kind.word()) && name.ends_with(".request") {
                count += 1;
            }
        }
        Ok(count)
    }
}

impl EvidenceKind {
    fn word(self) -> &'static str {
        match self {
            Self::SplitView => "split",
            Self::Unproved => "unproved",
        }
    }
}
