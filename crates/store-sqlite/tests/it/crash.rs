//! A process that is killed at any moment loses nothing that it acknowledged.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use store::conformance::world::World;
use store_sqlite::audit::audit;
use store_sqlite::backup::backup;
use store_sqlite::options::Options;
use store_sqlite::report::ViewsAtStart;

use crate::disk::{Disk, LETTING_GO, populate};
use crate::history::{History, Random};

const ROUNDS: u64 = 20;

/// Snapshots, projections and checkpoints are under way all the time; in some rounds a snapshot follows the
/// other, in some there are entries between them, and in some the keys alone are stored, with snapshots between or none.
fn busy(seed: u64) -> Options {
    let kind = (seed % 4) as usize;
    Options {
        snapshot_entries: [1, 40, 40, 1_000_000][kind],
        gathered_keys_max: [1_000_000, 1_000_000, 5, 5][kind],
        unprojected_entries_max: 200,
        ..LETTING_GO
    }
}

/// Not a test of its own: the process that the test below kills.
#[test]
#[ignore = "run by another test"]
fn writes_until_it_is_killed() {
    let mut told = std::io::stdin().lines().map_while(Result::ok);
    let (Some(directory), Some(seed)) = (told.next(), told.next()) else {
        return;
    };
    let seed: u64 = seed.parse().expect("the seed is a number");
    let harness = Disk::at(Path::new(&directory), busy(seed)).expect("the store opens");
    let world = World { harness };
    if world.head().0 == 0 {
        populate(&world);
    }
    let mut history = History::resume(&world, seed);
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
        let acknowledged = run_and_kill(&path, 7_919 * round + 1, random.below(300));
        let world = World {
            harness: Disk::at(&path, LETTING_GO).expect("the store opens after the kill"),
        };
        // Views that would have to be rebuilt each time would hide what is wrong with them.
        let views = &world.harness.store().start().views;
        assert_eq!(*views, ViewsAtStart::Kept, "round {round}");
        let head = world.head().0;
        assert!(
            acknowledged <= head,
            "round {round}: {acknowledged} was lost, the head is {head}"
        );
        drop(world);
        let report = audit(&path).expect("the store can be audited");
        assert_eq!(report.differences, Vec::<String>::new(), "round {round}");
    }
}

/// Answers the last sequence that the process acknowledged before its end.
fn run_and_kill(path: &Path, seed: u64, after_ms: u64) -> u64 {
    let mut writer = Writer::start(path, seed);
    // The clock of a round begins with its first acknowledgement, so that each round writes something.
    writer.wait_for_acknowledgement();
    std::thread::sleep(Duration::from_millis(after_ms));
    writer.kill()
}

/// A process that writes until it is killed, and says what was acknowledged.
struct Writer {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Writer {
    fn start(path: &Path, seed: u64) -> Writer {
        let program = std::env::current_exe().expect("the test knows its program");
        let mut child = Command::new(program)
            .args([
                "--exact",
                "crash::writes_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("the input is piped");
        writeln!(input, "{}\n{}", path.display(), seed).expect("the child listens");
        let output = child.stdout.take().expect("the output is piped");
        Writer {
            child,
            lines: BufReader::new(output).lines(),
        }
    }

    fn wait_for_acknowledgement(&mut self) -> u64 {
        let mut lines = self.lines.by_ref().map_while(Result::ok);
        let first = lines.find_map(|line| acknowledged(&line));
        first.expect("the process acknowledges something")
    }

    /// Kills the process and answers what it acknowledged last.
    fn kill(mut self) -> u64 {
        self.child.kill().expect("the process can be killed");
        let lines = self.lines.by_ref().map_while(Result::ok);
        let last = lines.filter_map(|line| acknowledged(&line)).last();
        self.child.wait().expect("the process ends");
        last.unwrap_or(0)
    }
}

fn acknowledged(line: &str) -> Option<u64> {
    line.split_once("acknowledged ")?.1.trim().parse().ok()
}

#[test]
fn a_backup_is_taken_from_another_process() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let (path, copy) = (directory.path().join("data"), directory.path().join("copy"));
    let mut writer = Writer::start(&path, 77);
    let before = writer.wait_for_acknowledgement();
    let copied = backup(&path, &copy).expect("a backup is made");
    writer.kill();
    assert!(before <= copied.head.0);
    let report = audit(&copy).expect("the copy can be audited");
    assert_eq!(report.differences, Vec::<String>::new());
}
