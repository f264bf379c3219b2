//! The transparency log: files that never change, a head that is replaced by comparison, a checkpoint that never shrinks.

use std::sync::Arc;

use tlog::edge::LogFile;
use tlog::hash::{TreeHash, TreeHead};
use tlog::tile::TilePath;

use crate::conformance::Harness;
use crate::conformance::world::World;
use crate::log::{LogState, LogStorage, NamedLog, Published, Standing, Stored};
use crate::moving::{Movable, RunId, Source};

const ORIGIN: &str = "voucher.example/log";
const RUN: RunId = RunId([7; 16]);

pub fn files_are_read_as_they_were_stored<H: Harness>() {
    let mut world = World::<H>::empty();
    let files = [
        file("tile/0/000.p/3", b"three hashes"),
        file("tile/entries/000.p/3", &[0, 255, 7]),
        file("tile/1/x001/234", b""),
    ];
    assert_eq!(store(&world, &files), Stored::All);
    for _ in 0..2 {
        let mut found = read(&world, &files.each_ref().map(|file| file.path));
        found.sort_by_key(|file| file.path);
        let mut expected = files.to_vec();
        expected.sort_by_key(|file| file.path);
        assert_eq!(found, expected);
        world.harness.reopen();
    }
    let absent = [path("tile/0/001"), files[0].path, path("tile/0/000.p/4")];
    assert_eq!(read(&world, &absent), files[..1]);
}

pub fn a_file_is_never_replaced<H: Harness>() {
    let world = World::<H>::empty();
    let first = file("tile/0/000.p/3", b"three hashes");
    assert_eq!(store(&world, std::slice::from_ref(&first)), Stored::All);
    let fresh = file("tile/0/000.p/4", b"four hashes");
    // Again the same one is no matter; another one is, and nothing is stored with it.
    let again = [first.clone(), file("tile/0/000.p/2", b"two hashes")];
    assert_eq!(store(&world, &again), Stored::All);
    let other = [fresh.clone(), file("tile/0/000.p/3", b"three others")];
    assert_eq!(store(&world, &other), Stored::Differs(first.path));
    assert_eq!(read(&world, &[fresh.path]), []);
    assert_eq!(read(&world, &[first.path]), [first]);
}

pub fn a_full_file_lets_its_partial_ones_go<H: Harness>() {
    let world = World::<H>::empty();
    let going = ["tile/0/001.p/1", "tile/0/001.p/99", "tile/0/001.p/255"];
    let staying = [
        "tile/0/000.p/1",
        "tile/0/x001/001.p/1",
        "tile/1/001.p/1",
        "tile/entries/001.p/1",
        "tile/0/002.p/1",
    ];
    for name in going.iter().chain(&staying) {
        assert_eq!(store(&world, &[file(name, b"some")]), Stored::All);
    }
    assert_eq!(store(&world, &[file("tile/0/001", b"all")]), Stored::All);
    assert_eq!(read(&world, &going.map(path)), []);
    assert_eq!(read(&world, &staying.map(path)).len(), staying.len());
}

pub fn a_head_is_replaced_by_whoever_knows_the_last<H: Harness>() {
    let mut world = World::<H>::empty();
    let [nothing, one, two, three] = [head(0), head(1), head(2), head(3)];
    assert_eq!(state(&world), LogState::NEW);
    assert!(!replace(&world, ORIGIN, one, two), "there is no such head");
    assert!(replace(&world, ORIGIN, nothing, one));
    assert!(!replace(&world, ORIGIN, nothing, two));
    let other_root = TreeHead {
        root: TreeHash::new([9; 32]),
        ..one
    };
    assert!(!replace(&world, ORIGIN, other_root, two));
    assert!(replace(&world, ORIGIN, one, two));
    assert!(!replace(&world, ORIGIN, one, three));
    world.harness.reopen();
    assert_eq!(state(&world).head, two);
    // Another log over the same journal is a matter of its own.
    assert!(replace(&world, "another.example/log", nothing, three));
    assert_eq!(state(&world).head, two);
}

pub fn what_is_shown_never_shrinks<H: Harness>() {
    let mut world = World::<H>::empty();
    publish(&world, 1, "for a log that is not there");
    assert_eq!(state(&world), LogState::NEW);
    assert!(replace(&world, ORIGIN, head(0), head(5)));
    publish(&world, 6, "ahead of the head");
    assert_eq!(state(&world).published, None);
    publish(&world, 3, "three");
    publish(&world, 5, "five");
    publish(&world, 4, "late");
    publish(&world, 5, "five, cosigned");
    world.harness.reopen();
    assert_eq!(
        state(&world).published,
        Some(published(5, "five, cosigned"))
    );
}

pub fn a_stopped_log_keeps_its_head_until_it_goes_on<H: Harness>() {
    let mut world = World::<H>::empty();
    let [nothing, one, two, three] = [head(0), head(1), head(2), head(3)];
    assert!(replace(&world, ORIGIN, nothing, one));
    publish(&world, 1, "one");
    assert!(!note(&world, two, Standing::Stopped), "another is its head");
    let other_root = TreeHead {
        root: TreeHash::new([9; 32]),
        ..one
    };
    assert!(!note(&world, other_root, Standing::Stopped));
    assert!(!note(&world, nothing, Standing::Stopped));
    assert_eq!(state(&world).standing, Standing::Open);
    assert!(note(&world, one, Standing::Stopped));
    assert!(note(&world, one, Standing::Stopped), "again is no matter");
    world.harness.reopen();
    let stopped = LogState {
        head: one,
        published: Some(published(1, "one")),
        standing: Standing::Stopped,
    };
    assert_eq!(state(&world), stopped);
    assert!(!replace(&world, ORIGIN, one, two));
    assert!(!replace(&world, ORIGIN, nothing, two));
    // Another log over the same journal is a matter of its own.
    assert!(replace(&world, "another.example/log", nothing, three));
    assert!(!note(&world, two, Standing::Open));
    assert_eq!(state(&world), stopped);
    assert!(note(&world, one, Standing::Open));
    world.harness.reopen();
    assert_eq!(state(&world).standing, Standing::Open);
    assert!(replace(&world, ORIGIN, one, two));
}

pub fn a_log_that_signed_nothing_can_be_stopped<H: Harness>() {
    let mut world = World::<H>::empty();
    let [nothing, one] = [head(0), head(1)];
    assert!(
        !note(&world, one, Standing::Stopped),
        "there is no such head"
    );
    assert_eq!(state(&world), LogState::NEW);
    for _ in 0..2 {
        assert!(note(&world, nothing, Standing::Stopped));
        assert!(!replace(&world, ORIGIN, nothing, one));
        world.harness.reopen();
        let stopped = LogState {
            standing: Standing::Stopped,
            ..LogState::NEW
        };
        assert_eq!(state(&world), stopped);
        assert!(note(&world, nothing, Standing::Open));
        assert_eq!(state(&world), LogState::NEW);
    }
    assert!(replace(&world, ORIGIN, nothing, one));
    assert!(!replace(&world, ORIGIN, nothing, one));
    assert!(!note(&world, nothing, Standing::Stopped));
}

pub fn a_closed_log_neither_stops_nor_goes_on<H: Harness>() {
    let world = World::<H>::empty();
    close_for_good(&world, head(0));
    let world = World::<H>::empty();
    assert!(replace(&world, ORIGIN, head(0), head(5)));
    close_for_good(&world, head(5));
}

fn close_for_good<H: Harness>(world: &World<H>, last: TreeHead) {
    assert!(note(world, last, Standing::Stopped));
    assert!(note(world, last, Standing::Closed));
    for standing in [Standing::Open, Standing::Stopped] {
        assert!(!note(world, last, standing), "{standing:?}");
        assert_eq!(state(world).standing, Standing::Closed);
    }
    assert!(note(world, last, Standing::Closed));
    assert!(!replace(world, ORIGIN, last, head(6)));
}

pub fn a_log_moves_as_it_is_and_a_closed_one_stays_closed<H: Harness>() {
    let source = World::<H>::empty();
    assert!(replace(&source, ORIGIN, head(0), head(5)));
    publish(&source, 5, "five");
    assert!(replace(&source, "b", head(0), head(7)));
    let mut logs = logs(&source);
    assert_eq!(logs.len(), 2);
    let mut target = World::<H>::empty();
    let run = target.harness.backend().begin_run(RUN);
    target.harness.wait(run).expect("a run begins");
    restore(&target, &logs);
    assert_eq!(self::logs(&target), logs);
    assert!(replace(&target, ORIGIN, head(5), head(6)));
    for log in &mut logs {
        log.state.standing = Standing::Stopped;
    }
    restore(&target, &logs);
    assert_eq!(self::logs(&target), logs);
    assert!(!replace(&target, "b", head(7), head(8)));
    for log in &mut logs {
        log.state.standing = Standing::Closed;
    }
    restore(&target, &logs);
    target.harness.reopen();
    assert_eq!(self::logs(&target), logs);
    assert!(!replace(&target, ORIGIN, head(5), head(6)));
    assert!(!replace(&target, "b", head(7), head(8)));
}

fn path(name: &str) -> TilePath {
    TilePath::parse(name).expect("the path is good")
}

fn file(name: &str, bytes: &[u8]) -> LogFile {
    LogFile {
        path: path(name),
        bytes: bytes.to_vec(),
    }
}

fn head(size: u64) -> TreeHead {
    let root = match size {
        0 => TreeHash::of_nothing(),
        _ => TreeHash::of_leaf(&size.to_be_bytes()),
    };
    TreeHead { size, root }
}

fn published(size: u64, text: &str) -> Published {
    Published {
        size,
        checkpoint: Arc::from(text.as_bytes()),
    }
}

fn store<H: Harness>(world: &World<H>, files: &[LogFile]) -> Stored {
    let stored = world.harness.backend().store_files(Arc::from(files));
    world.harness.wait(stored).expect("files are stored")
}

fn read<H: Harness>(world: &World<H>, paths: &[TilePath]) -> Vec<LogFile> {
    let read = world.harness.backend().read_files(paths);
    world.harness.wait(read).expect("files are read")
}

fn state<H: Harness>(world: &World<H>) -> LogState {
    let state = world.harness.backend().log_state(ORIGIN);
    world.harness.wait(state).expect("the state is read")
}

fn replace<H: Harness>(world: &World<H>, origin: &str, last: TreeHead, head: TreeHead) -> bool {
    let replaced = world.harness.backend().replace_head(origin, last, head);
    world.harness.wait(replaced).expect("the head is compared")
}

fn note<H: Harness>(world: &World<H>, last: TreeHead, standing: Standing) -> bool {
    let backend = world.harness.backend();
    let noted = backend.note_standing(ORIGIN, last, standing);
    world.harness.wait(noted).expect("the standing is compared")
}

fn publish<H: Harness>(world: &World<H>, size: u64, text: &str) {
    let backend = world.harness.backend();
    let shown = backend.publish(ORIGIN, published(size, text));
    world.harness.wait(shown).expect("the checkpoint is taken");
}

fn logs<H: Harness>(world: &World<H>) -> Vec<NamedLog> {
    let read = world.harness.backend().read_logs();
    world.harness.wait(read).expect("logs are read")
}

fn restore<H: Harness>(world: &World<H>, logs: &[NamedLog]) {
    let restored = world.harness.backend().restore_logs(RUN, logs);
    world.harness.wait(restored).expect("logs are restored");
}
