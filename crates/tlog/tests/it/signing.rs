//! Logs that are killed between any two steps of their work, alone and two at once, and what they have then signed.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tlog::edge::{LogFile, RightEdge};
use tlog::hash::{TreeHash, TreeHead};
use tlog::plan::Tiles;
use tlog::proof::{ProofError, verify_consistency};
use tlog::signer::{NotProved, Proved, tiles_needed};
use tlog::tile::TilePath;

use crate::support::{Key, Log, defined_root, entry};

/// What lasts: files, the last signed head, and every checkpoint that anybody has ever seen.
#[derive(Default)]
struct Disk {
    files: BTreeMap<TilePath, Vec<u8>>,
    head: Option<TreeHead>,
    published: Vec<String>,
}

impl Disk {
    fn last(&self) -> TreeHead {
        self.head.unwrap_or_else(TreeHead::of_nothing)
    }

    fn store(&mut self, file: LogFile) {
        let before = self.files.insert(file.path, file.bytes.clone());
        assert!(
            before.is_none_or(|before| before == file.bytes),
            "{} was written with other bytes",
            file.path
        );
    }

    fn replace(&mut self, head: TreeHead) {
        assert!(
            self.last().size < head.size,
            "the last signed head never goes back"
        );
        self.head = Some(head);
    }

    fn tiles(&self, last: TreeHead, head: TreeHead) -> Tiles {
        let mut tiles = Tiles::default();
        for path in tiles_needed(last, head).expect("the tree grew") {
            let stored = tiles.insert(path, &self.files[&path]);
            stored.expect("the tile is well formed");
        }
        tiles
    }
}

/// A sequencer's round in steps; dropping it is a crash.
enum Step {
    Start,
    Store {
        last: TreeHead,
        head: TreeHead,
        files: Vec<LogFile>,
    },
    Replace(Proved),
    Publish(Proved),
}

impl Step {
    /// Takes one step, or none when there is nothing to do. `entries` is the journal's length.
    fn go_on(self, disk: &mut Disk, entries: u64, batch: u64) -> Self {
        match self {
            Self::Start => Self::start(disk, entries, batch),
            Self::Store { last, head, files } if files.is_empty() => {
                let tiles = disk.tiles(last, head);
                Self::Replace(Proved::growth(last, head, &tiles).expect("the log is honest"))
            }
            Self::Store {
                last,
                head,
                mut files,
            } => {
                disk.store(files.remove(0));
                Self::Store { last, head, files }
            }
            Self::Replace(proved) if disk.last() == proved.last() => {
                disk.replace(proved.head());
                Self::Publish(proved)
            }
            // Somebody else was faster.
            Self::Replace(_) => Self::Start,
            Self::Publish(proved) => {
                let key = Key::log();
                let Ok(checkpoint) = proved.sign(&key.public, |text| key.sign(text));
                disk.published.push(checkpoint.to_string());
                Self::Start
            }
        }
    }

    fn start(disk: &Disk, entries: u64, batch: u64) -> Self {
        let last = disk.last();
        let is_published = disk
            .published
            .iter()
            .any(|checkpoint| checkpoint.contains(&format!("\n{}\n{}\n", last.size, last.root)));
        if disk.head.is_some() && !is_published {
            return Self::Publish(Proved::again(last));
        }
        let files: Vec<LogFile> = TilePath::partials(last.size)
            .into_iter()
            .map(|path| LogFile {
                path,
                bytes: disk.files[&path].clone(),
            })
            .collect();
        let mut edge = RightEdge::restore(last, &files).expect("the files are good");
        let end = entries.min(last.size + batch);
        let growth = edge.append((last.size..end).map(|index| entry(&index.to_be_bytes())));
        if last.size == end {
            return Self::Start;
        }
        Self::Store {
            last,
            head: edge.head(),
            files: growth.tiles.into_iter().chain(growth.bundles).collect(),
        }
    }
}

/// Every two checkpoints that were ever published belong to one tree, which is that of the journal.
fn check_published(disk: &Disk, entries: u64) {
    let leaves: Vec<TreeHash> = (0..entries)
        .map(|index| TreeHash::of_leaf(&index.to_be_bytes()))
        .collect();
    for text in &disk.published {
        let checkpoint = tlog::checkpoint::SignedCheckpoint::parse(text.as_bytes());
        let checkpoint = checkpoint.expect("it was signed");
        let head = checkpoint
            .verify(&Key::log().public)
            .expect("the signature holds")
            .head;
        let size = usize::try_from(head.size).expect("the log is small");
        assert_eq!(head.root, defined_root(&leaves[..size]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Each number says which of two nodes takes a step, and whether it is killed instead.
    #[test]
    fn killed_sequencers_sign_one_tree(
        schedule in proptest::collection::vec((0_usize..2, 0_u8..8, 1_u64..300), 1..200),
    ) {
        let mut disk = Disk::default();
        let mut nodes = [Step::Start, Step::Start];
        let mut entries = 0;
        for (node, chance, size) in schedule {
            let step = std::mem::replace(&mut nodes[node], Step::Start);
            entries += u64::from(chance);
            if chance != 0 {
                nodes[node] = step.go_on(&mut disk, entries, size);
            }
        }
        // Then one of them runs undisturbed, and nothing is left out.
        let mut step = Step::Start;
        while disk.last().size < entries || !matches!(step, Step::Start) {
            step = step.go_on(&mut disk, entries, 100);
        }
        prop_assert_eq!(disk.last().size, entries);
        check_published(&disk, entries);
    }
}

#[test]
fn a_tree_that_did_not_grow_from_the_last_one_cannot_be_signed() {
    let honest = Log::grown_to([5, 9], |index| entry(&index.to_be_bytes()));
    let forged = Log::grown_to([5, 9], |index| match index {
        2 => entry(b"nothing happened"),
        _ => entry(&index.to_be_bytes()),
    });
    let last = honest.heads[&5];
    let tiles = |log: &Log, head| {
        let mut tiles = Tiles::default();
        for path in tiles_needed(last, head).unwrap() {
            tiles.insert(path, &log.files[&path]).unwrap();
        }
        tiles
    };
    let (good, bad) = (honest.heads[&9], forged.heads[&9]);
    assert_eq!(
        Proved::growth(last, good, &tiles(&honest, good)).map(|proved| proved.head()),
        Ok(good)
    );
    for stored in [&honest, &forged] {
        assert!(matches!(
            Proved::growth(last, bad, &tiles(stored, bad)),
            Err(NotProved::Inconsistent(_))
        ));
    }
    assert!(matches!(
        Proved::growth(last, good, &Tiles::default()),
        Err(NotProved::Tile(_))
    ));
    assert!(matches!(
        Proved::growth(good, last, &Tiles::default()),
        Err(NotProved::Shrunk(_))
    ));
    let other = TreeHead { size: 5, ..bad };
    assert_eq!(
        Proved::growth(last, other, &Tiles::default()),
        Err(NotProved::Inconsistent(ProofError::OtherRoot))
    );
    assert!(verify_consistency(last, last, &[]).is_ok());
}

#[test]
fn signing_the_same_head_again_makes_the_same_checkpoint() {
    let key = Key::log();
    let head = Log::grown_to([5], |index| entry(&index.to_be_bytes())).heads[&5];
    let Ok(first) = Proved::again(head).sign(&key.public, |text| key.sign(text));
    let Ok(second) = Proved::again(head).sign(&key.public, |text| key.sign(text));
    assert_eq!(first, second);
    assert_eq!(first, key.checkpoint(head));
}
