//! Tiles, and what is stored when a log grows.

use proptest::prelude::*;
use tlog::edge::{LogFile, RestoreError, RightEdge};
use tlog::hash::TreeHash;
use tlog::tile::{TileKind, TilePath};

use crate::support::{Log, defined_root, entry, vector_entry};

fn path(text: &str) -> TilePath {
    TilePath::parse(text).expect("the path is good")
}

#[test]
fn paths_are_spelled_in_groups_of_three_digits() {
    let kind = TileKind::Hashes { level: 0 };
    let size = 1_234_068 * 256;
    for (found, expected) in [
        (
            TilePath::in_tree(kind, 1_234_067, size),
            "tile/0/x001/x234/067",
        ),
        (TilePath::in_tree(kind, 5, 6 * 256), "tile/0/005"),
        (TilePath::in_tree(kind, 5, 5 * 256 + 1), "tile/0/005.p/1"),
        (
            TilePath::in_tree(TileKind::Entries, 999, 1000 * 256 - 1),
            "tile/entries/999.p/255",
        ),
        (
            TilePath::in_tree(TileKind::Entries, 1000, 2000 * 256),
            "tile/entries/x001/000",
        ),
    ] {
        let found = found.expect("the tile is in the tree");
        assert_eq!(found.to_string(), expected);
        assert_eq!(path(expected), found);
    }
    assert_eq!(TilePath::in_tree(kind, 5, 5 * 256), None);
    assert_eq!(TilePath::in_tree(kind, u64::MAX, u64::MAX), None);
}

#[test]
fn second_spellings_of_a_path_are_refused() {
    for text in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/5",
        "tile/0/0005",
        "tile/00/005",
        "tile/64/005",
        "tile/-1/005",
        "tile/0/x000/005",
        "tile/0/001/005",
        "tile/0/x001/x005",
        "tile/0/005.p/0",
        "tile/0/005.p/256",
        "tile/0/005.p/01",
        "tile/0/005.p/",
        "tile/0/005.p/1/2",
        "/tile/0/005",
        "tile/data/005",
        "tile/8/0/005",
        "tile/0/+05",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert!(TilePath::parse(text).is_err(), "{text}");
    }
    assert!(TilePath::parse("tile/63/x001/234").is_ok());
}

#[test]
fn sizes_have_the_partial_tiles_of_the_specification() {
    for (size, expected) in [
        (0, &[][..]),
        (1, &["tile/0/000.p/1", "tile/entries/000.p/1"]),
        (255, &["tile/0/000.p/255", "tile/entries/000.p/255"]),
        (256, &["tile/1/000.p/1"]),
        (
            257,
            &["tile/0/001.p/1", "tile/1/000.p/1", "tile/entries/001.p/1"],
        ),
        (65_536, &["tile/2/000.p/1"]),
        (
            70_000,
            &[
                "tile/0/273.p/112",
                "tile/1/001.p/17",
                "tile/2/000.p/1",
                "tile/entries/273.p/112",
            ],
        ),
    ] {
        let partials = TilePath::partials(size);
        let partials: Vec<String> = partials.iter().map(ToString::to_string).collect();
        assert_eq!(partials, expected, "size {size}");
    }
}

#[test]
fn growing_writes_every_tile_of_the_new_size_once() {
    let sizes = [0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000];
    let log = Log::grown_to(sizes, vector_entry);
    for size in sizes {
        assert_eq!(
            log.heads[&size].root,
            defined_root(&log.leaves[..usize::try_from(size).unwrap()]),
            "size {size}"
        );
        for path in TilePath::partials(size) {
            assert!(log.files.contains_key(&path), "{path} of size {size}");
        }
    }
    let full = |directory: &str| {
        log.files
            .keys()
            .filter(|path| !path.is_partial() && path.to_string().contains(directory))
            .count()
    };
    assert_eq!(
        [full("/entries/"), full("/0/"), full("/1/"), full("/2/")],
        [273, 273, 1, 0]
    );
}

#[test]
fn a_partial_tile_is_replaced_by_the_full_one_that_begins_with_it() {
    let log = Log::grown_to([3, 200, 256, 300], vector_entry);
    let full = path("tile/0/000");
    let hashes = full.parse_hashes(&log.files[&full]).unwrap();
    for width in [3, 200] {
        let partial = path(&format!("tile/0/000.p/{width}"));
        assert_eq!(partial.full(), full);
        // Who is told that the partial tile is gone cuts the full one.
        for bytes in [&log.files[&partial], &log.files[&full]] {
            assert_eq!(partial.parse_hashes(bytes).unwrap(), hashes[..width]);
        }
    }
}

#[test]
fn an_unfinished_tile_that_did_not_grow_is_not_written_again() {
    let mut edge = RightEdge::of_nothing();
    edge.append((0..300).map(vector_entry));
    let growth = edge.append((300..310).map(vector_entry));
    let paths: Vec<String> = growth
        .tiles
        .iter()
        .map(|file| file.path.to_string())
        .collect();
    assert_eq!(paths, ["tile/0/001.p/54"]);
    assert_eq!(growth.bundles.len(), 1);
    assert_eq!(edge.append([]), Default::default());
}

#[test]
fn files_of_the_wrong_length_are_refused() {
    for length in [0, 1, 31, 33, 64, 8191, 8193] {
        assert!(
            path("tile/0/000.p/1")
                .parse_hashes(&vec![0; length])
                .is_err()
        );
    }
    assert!(path("tile/entries/000").parse_hashes(&[0; 8192]).is_err());
    assert!(path("tile/0/000").parse_entries(&[]).is_err());
    let bundle = path("tile/entries/000.p/2");
    assert!(bundle.parse_entries(&[0, 0, 0, 1, 9]).is_ok());
    for bytes in [&[][..], &[0], &[0, 0, 0, 1], &[0, 0, 0, 0, 0], &[0, 9, 1]] {
        assert!(bundle.parse_entries(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn an_entry_is_at_most_65535_bytes() {
    assert!(tlog::bundle::LogEntry::new(vec![0; 65_535]).is_ok());
    assert!(tlog::bundle::LogEntry::new(vec![0; 65_536]).is_err());
}

fn stored(log: &Log, size: u64) -> Vec<LogFile> {
    TilePath::partials(size)
        .into_iter()
        .map(|path| LogFile {
            path,
            bytes: log.files[&path].clone(),
        })
        .collect()
}

#[test]
fn an_edge_is_restored_from_what_is_stored_and_goes_on_alike() {
    let sizes = [0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000];
    let log = Log::grown_to(sizes, vector_entry);
    for pair in sizes.windows(2) {
        let mut edge = RightEdge::restore(log.heads[&pair[0]], &stored(&log, pair[0])).unwrap();
        let growth = edge.append((pair[0]..pair[1]).map(vector_entry));
        for file in growth.tiles.into_iter().chain(growth.bundles) {
            assert_eq!(log.files[&file.path], file.bytes, "{}", file.path);
        }
        assert_eq!(edge.head(), log.heads[&pair[1]]);
    }
    assert_eq!(
        RightEdge::restore(log.heads[&70_000], &stored(&log, 70_000)).unwrap(),
        log.edge
    );
}

#[test]
fn an_edge_is_not_restored_from_changed_files() {
    let log = Log::grown_to([300], vector_entry);
    let head = log.heads[&300];
    let files = stored(&log, 300);
    for position in 0..files.len() {
        let mut missing = files.clone();
        missing.remove(position);
        assert!(matches!(
            RightEdge::restore(head, &missing),
            Err(RestoreError::Missing { .. })
        ));
        for byte in 0..files[position].bytes.len() {
            let mut changed = files.clone();
            changed[position].bytes[byte] ^= 1;
            assert!(RightEdge::restore(head, &changed).is_err());
        }
    }
}

proptest! {
    #[test]
    fn batches_of_any_size_make_the_same_tree(
        batches in proptest::collection::vec(0_u64..400, 0..6),
    ) {
        let mut size = 0;
        let sizes: Vec<u64> = batches.iter().map(|batch| { size += batch; size }).collect();
        let log = Log::grown_to(sizes, |index| entry(&index.to_be_bytes()));
        let head = log.edge.head();
        prop_assert_eq!(head.size, size);
        prop_assert_eq!(head.root, defined_root(&log.leaves));
        let restored = RightEdge::restore(head, &stored(&log, size)).unwrap();
        prop_assert_eq!(restored, log.edge);
    }

    #[test]
    fn every_path_reads_back(level in 0_u8..8, size in 1_u64.., seed in any::<u64>()) {
        for kind in [TileKind::Hashes { level }, TileKind::Entries] {
            let index = seed % (size / 256 + 1);
            if let Some(path) = TilePath::in_tree(kind, index, size) {
                prop_assert_eq!(TilePath::parse(&path.to_string()), Ok(path));
                prop_assert!(!path.full().is_partial());
            }
        }
    }

    #[test]
    fn whatever_is_read_as_a_path_is_written_alike(text in "tile/(entries|[0-9]{1,2})(/x[0-9]{3}){0,3}/[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(path) = TilePath::parse(&text) {
            prop_assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn a_bundle_reads_back(entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..20)) {
        let entries: Vec<_> = entries.iter().map(|bytes| entry(bytes)).collect();
        let path = TilePath::in_tree(TileKind::Entries, 0, entries.len() as u64).unwrap();
        let bytes = tlog::bundle::encode_bundle(&entries);
        prop_assert_eq!(path.parse_entries(&bytes), Ok(entries));
    }
}

#[test]
fn hashes_have_one_spelling() {
    let hash = TreeHash::of_nothing().to_string();
    assert_eq!(TreeHash::parse(&hash), Ok(TreeHash::of_nothing()));
    for text in [
        hash.trim_end_matches('='),
        &hash.replace('=', "=="),
        &format!("{hash}\n"),
        &hash.replace("U=", "V="),
        "",
        "AAAA",
    ] {
        assert!(TreeHash::parse(text).is_err(), "{text}");
    }
}
