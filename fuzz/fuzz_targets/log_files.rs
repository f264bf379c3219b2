//! Tiles, bundles and their paths from a log that cannot be trusted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::bundle::encode_bundle;
use tlog::edge::{LogFile, RightEdge};
use tlog::hash::{TreeHash, TreeHead};
use tlog::tile::{TileKind, TilePath, encode_hashes};
use verifier::walk::Walk;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        if let Ok(path) = TilePath::parse(text) {
            assert_eq!(path.to_string(), text);
        }
    }
    let Some((size, bytes)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let size = u64::from(u16::from_be_bytes(*size));
    for kind in [TileKind::Entries, TileKind::Hashes { level: 0 }] {
        let Some(path) = TilePath::in_tree(kind, 0, size) else {
            continue;
        };
        if let Ok(entries) = path.parse_entries(bytes) {
            assert_eq!(encode_bundle(&entries), bytes);
        }
        if let Ok(hashes) = path.parse_hashes(bytes) {
            assert!(bytes.starts_with(&encode_hashes(&hashes)));
        }
    }
    let head = TreeHead {
        size,
        root: TreeHash::of_leaf(bytes),
    };
    let files: Vec<LogFile> = TilePath::partials(size)
        .into_iter()
        .map(|path| LogFile {
            path,
            bytes: bytes.to_vec(),
        })
        .collect();
    assert_eq!(RightEdge::restore(head, &files).is_ok(), false);
    let mut walk = Walk::new(size, verifier::merkle::leaf_hash(bytes));
    while walk.next().is_some() && walk.take(bytes).is_ok() {}
    assert!(walk.finish().is_err());
});
