//! Walks through whole logs, as an auditor does them.

use tlog::leaf::{Leaf, LeafKind};
use tlog::tile::TilePath;
use verifier::failure::{Failure, FilesFailure, LeafFailure};
use verifier::merkle::Hash;
use verifier::walk::Walk;

use crate::support::{Log, leaf, tree_for_verifier};

/// Leaves without commitments, so that many are quick to make.
fn short(index: u64) -> tlog::bundle::LogEntry {
    Leaf::new(LeafKind::ENTRY, index, Vec::new())
        .expect("no commitments are few enough")
        .encode()
}

fn walk(log: &Log, change: impl Fn(&str, &mut Vec<u8>)) -> Result<Vec<String>, Failure> {
    let (size, root) = tree_for_verifier(log.edge.head());
    walk_to(size, root, log, change)
}

fn walk_to(
    size: u64,
    root: Hash,
    log: &Log,
    change: impl Fn(&str, &mut Vec<u8>),
) -> Result<Vec<String>, Failure> {
    let mut walk = Walk::new(size, root);
    let mut paths = Vec::new();
    while let Some(path) = walk.next() {
        let parsed = TilePath::parse(&path).expect("the walk asks for paths of the format");
        let mut bytes = log.files[&parsed].clone();
        change(&path, &mut bytes);
        walk.take(&bytes)?;
        paths.push(path);
    }
    walk.finish().map(|()| paths)
}

#[test]
fn an_honest_log_is_walked_through_file_by_file() {
    for size in [0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000] {
        let log = Log::grown_to([size], short);
        let mut paths = walk(&log, |_, _| ()).unwrap_or_else(|failure| panic!("{size}: {failure}"));
        let mut expected: Vec<String> = log.files.keys().map(ToString::to_string).collect();
        paths.sort_unstable();
        expected.sort_unstable();
        assert_eq!(paths, expected, "size {size}");
    }
}

#[test]
fn every_changed_byte_of_every_file_is_found() {
    let log = Log::grown_to([300], short);
    for (path, bytes) in &log.files {
        for position in 0..bytes.len() {
            let changed = walk(&log, |asked, bytes| {
                if asked == path.to_string() {
                    bytes[position] ^= 0x10;
                }
            });
            assert!(changed.is_err(), "byte {position} of {path}");
        }
    }
}

#[test]
fn a_changed_tile_in_the_middle_is_found_though_the_right_edge_is_good() {
    let log = Log::grown_to([70_000], short);
    let failure = walk(&log, |path, bytes| {
        if path == "tile/0/100" {
            bytes[40] ^= 1;
        }
    });
    assert_eq!(
        failure,
        Err(Failure::Files(FilesFailure::TileDiffers {
            path: "tile/0/100".to_owned()
        }))
    );
}

#[test]
fn a_changed_or_cut_bundle_is_found() {
    let log = Log::grown_to([300], |index| leaf(index).encode());
    let changed = walk(&log, |path, bytes| {
        if path == "tile/entries/001.p/44" {
            bytes[60] ^= 1;
        }
    });
    assert_eq!(
        changed,
        Err(Failure::Files(FilesFailure::EntryDiffers {
            path: "tile/entries/001.p/44".to_owned(),
            index: 256
        }))
    );
    let cut = walk(&log, |path, bytes| {
        if path == "tile/entries/000" {
            bytes.pop();
        }
    });
    assert_eq!(
        cut,
        Err(Failure::Files(FilesFailure::EntryCutOff { index: 255 }))
    );
    let longer = walk(&log, |path, bytes| {
        if path == "tile/entries/000" {
            bytes.push(0);
        }
    });
    assert!(matches!(
        longer,
        Err(Failure::Files(FilesFailure::TooLong { .. }))
    ));
}

#[test]
fn a_gap_between_leaves_is_found() {
    let log = Log::grown_to([300], |index| match index {
        0..290 => short(index),
        _ => short(index + 1),
    });
    assert_eq!(
        walk(&log, |_, _| ()),
        Err(Failure::Leaf(LeafFailure::Elsewhere {
            index: 290,
            claimed: 291
        }))
    );
}

#[test]
fn files_that_make_another_tree_than_the_checkpoint_are_refused() {
    let log = Log::grown_to([300, 301], short);
    let (_, other_root) = tree_for_verifier(log.heads[&300]);
    let other = walk_to(301, other_root, &log, |_, _| ());
    assert_eq!(other, Err(Failure::Files(FilesFailure::OtherRoot)));
    let unfinished = Walk::new(301, other_root);
    assert!(matches!(
        unfinished.finish(),
        Err(Failure::Files(FilesFailure::NotLookedAt { .. }))
    ));
}
