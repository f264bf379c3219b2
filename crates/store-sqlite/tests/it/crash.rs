//! A process that is killed at any moment loses nothing that it acknowledged.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use store::conformance::world::World;
use store_sqlite::audit::audit;
use store_sqlite::options::Options;

use crate::disk::{Disk, LETTING_GO, populate};
use crate::history::{History, Random};

const DIRECTORY: &str = "SCRIP_CRASH_DIRECTORY";
const SEED: &str = "SCRIP_CRASH_SEED";
const ROUNDS: u64 = 12;

/// Snapshots, projections and checkpoints are under way all the time.
const BUSY: Options = Options {
    snapshot_entries: 40,
    unprojected_entries_max: 200,
    ..LETTING_GO
};

/// Not a test of its own: the process that the test below kills.
#[test]
#[ignore = "run by another test"]
fn writes_until_it_is_killed() {
    let (Ok(directory), Ok(seed)) = (std::env::var(DIRECTORY), std::env::var(SEED)) else {
        return;
    };
    let harness = Disk::at(Path::new(&directory), BUSY).expect("the store opens");
    let world = World { harness };
    if world.head().0 == 0 {
        populate(&world);
    }
    let mut history = History::resume(&world, seed.parse().expect("the seed is a number"));
    loop {
        history.step();
        println!("acknowledged {}", world.head().0);
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let path = directory.path().join("data");
    let mut random = Random(20_261_123);
    for round in 0..ROUNDS {
        let acknowledged = run_and_kill(&path, round, random.below(300));
        let world = World {
            harness: Disk::at(&path, BUSY).expect("the store opens after the kill"),
        };
        let head = world.head().0;
        assert!(acknowledged <= head, "round {round}: {acknowledged} was lost, the head is {head}");
        drop(world);
        let report = audit(&path).expect("the store can be audited");
        assert_eq!(report.differences, Vec::<String>::new(), "round {round}");
    }
}

/// Answers the last sequence that the process acknowledged before its end.
fn run_and_kill(path: &Path, seed: u64, after_ms: u64) -> u64 {
    let program = std::env::current_exe().expect("the test knows its program");
    let mut child = Command::new(program)
        .args(["--exact", "crash::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(DIRECTORY, path)
        .env(SEED, (seed * 7_919 + 1).to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("the output is piped")).lines();
    let acknowledged = |line: &str| -> Option<u64> {
        line.split_once("acknowledged ")?.1.trim().parse().ok()
    };
    let mut last = 0;
    // The clock of a round begins with its first acknowledgement, so that each round writes something.
    for line in lines.by_ref().map_while(Result::ok) {
        if let Some(first) = acknowledged(&line) {
            last = first;
            break;
        }
    }
    std::thread::sleep(Duration::from_millis(after_ms));
    child.kill().expect("the process can be killed");
    for line in lines.map_while(Result::ok) {
        last = acknowledged(&line).unwrap_or(last);
    }
    child.wait().expect("the process ends");
    last
}
