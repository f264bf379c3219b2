//! A log goes on where it can, and stops where going on would damage it.

use std::sync::Arc;
use std::time::Duration;

use engine::core::Committed;
use engine::log::failure::{LogError, StopCause};
use engine::log::promise::Promiser;
use engine::log::sequencer::{ROUND_ENTRIES_MAX, Round, Sequencer};
use engine::log::standing::LOOK_EVERY;
use engine::log::witnessing::{Asked, Witnessed, Witnesses};
use engine::log::{Log, Ports, seeds};
use futures_util::FutureExt;
use ids::command::Sequence;
use leaves::leaf::leaf;
use leaves::secret::Secret;
use sim::memory::MemoryStore;
use store::log::{LogState, LogStorage, NamedLog, Standing};
use store::moving::{Movable, RunId};
use store::port::{Batch, Store};
use tlog::checkpoint::SignedCheckpoint;
use tlog::hash::{TreeHash, TreeHead};
use tlog::promise::Promise;
use tlog::tile::TilePath;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use vault::vault::Vault;

use crate::sequencing::entry;

const ORIGIN: &str = "voucher.example/log";

/// A log over storage in memory, whose rounds are taken one by one.
struct Bench {
    store: Arc<MemoryStore>,
    vault: Arc<Vault>,
    log: Arc<Log>,
    sequencer: Sequencer,
}

fn ports(store: &Arc<MemoryStore>, vault: &Arc<Vault>) -> Ports {
    Ports {
        store: store.clone(),
        seeds: store.clone(),
        log: store.clone(),
        vault: Arc::clone(vault),
    }
}

impl Bench {
    fn new() -> Bench {
        Bench::over(&Arc::new(MemoryStore::default()))
    }

    /// A node of its own over this storage, as it starts.
    fn over(store: &Arc<MemoryStore>) -> Bench {
        let store = Arc::clone(store);
        let vault = Arc::new(Vault::in_memory([7; 32]));
        let log = Arc::new(Log::named(ORIGIN, &vault).expect("the name is good"));
        let sequencer = Sequencer::new(ports(&store, &vault), Arc::clone(&log));
        Bench {
            store,
            vault,
            log,
            sequencer,
        }
    }

    fn ports(&self) -> Ports {
        ports(&self.store, &self.vault)
    }

    /// Commits entries; answers their secrets.
    fn write(&self, count: usize) -> Vec<Secret> {
        let head = now(self.store.head()).expect("memory answers").0;
        let numbers = (head + 1..).take(count);
        let drawn = seeds::draw(&self.vault, count);
        let secrets: Vec<Secret> = drawn.into_iter().map(Secret::Seed).collect();
        let batch = Batch {
            entries: numbers.map(|number| Arc::new(entry(number))).collect(),
            seeds: Some(seeds::seal(&self.vault, &secrets)),
            ..Batch::default()
        };
        now(self.store.commit(batch)).expect("the batch is committed");
        secrets
    }

    fn round(&self) -> Result<Round, LogError> {
        now(self.sequencer.round())
    }

    fn catch_up(&self) {
        while self.round().expect("the log goes on") != Round::CaughtUp {}
    }

    fn state(&self) -> LogState {
        now(self.store.log_state(ORIGIN)).expect("memory answers")
    }

    fn restore(&self, state: LogState) {
        let run = RunId([1; 16]);
        let log = NamedLog {
            origin: ORIGIN.to_owned(),
            state,
        };
        now(self.store.begin_run(run)).expect("a run begins");
        now(self.store.restore_logs(run, &[log])).expect("the log is restored");
    }

    /// Why a round stops the log, and that every node can see that it has stopped.
    fn stop_cause(&self) -> StopCause {
        match self.round() {
            Err(LogError::Stopped(cause)) => {
                assert_eq!(self.state().standing, cause.standing());
                cause
            }
            other => panic!("{other:?}"),
        }
    }

    /// Whether this node promises entries that are committed now.
    fn promises(&self) -> bool {
        let head = now(self.store.head()).expect("memory answers").0;
        let secrets = self.write(1);
        let entry = Arc::new(entry(head + 1));
        let committed = Committed::new(vec![Arc::clone(&entry)], secrets);
        let promiser = Promiser::new(Arc::clone(&self.log), self.ports());
        let promised = now(promiser.promise(&committed, &entry)).is_some();
        let again = now(promiser.promise_again(&entry)).is_some();
        assert_eq!(promised, again);
        promised
    }

    fn learn(&self) {
        let learned = self.log.learn_standing(self.store.as_ref());
        now(learned).expect("memory answers");
    }
}

#[test]
fn a_round_takes_so_many_entries_and_no_more() {
    let bench = Bench::new();
    assert_eq!(
        bench.round().expect("nothing is to be done"),
        Round::CaughtUp
    );
    bench.write(ROUND_ENTRIES_MAX + 3);
    let size = ROUND_ENTRIES_MAX as u64;
    for (from, to) in [(0, size), (size, size + 3)] {
        let round = bench.round().expect("the log grows");
        assert_eq!(round, Round::Grew { from, to });
    }
    assert_eq!(
        bench.round().expect("nothing is to be done"),
        Round::CaughtUp
    );
}

#[test]
fn a_head_that_was_signed_and_not_shown_is_shown_first() {
    let bench = Bench::new();
    bench.write(300);
    bench.catch_up();
    let before = bench.state();
    bench.restore(LogState {
        published: None,
        ..before.clone()
    });
    bench.write(1);
    let round = bench.round().expect("the log goes on");
    assert_eq!(round, Round::Published { size: 300 });
    assert_eq!(
        bench.state(),
        before,
        "the same head makes the same checkpoint"
    );
}

#[test]
fn files_that_are_gone_are_made_again_and_nothing_is_signed_for_it() {
    let bench = Bench::new();
    for count in [200, 5_000, 100] {
        bench.write(count);
        bench.catch_up();
    }
    let state = bench.state();
    let paths: Vec<TilePath> = TilePath::partials(5_300);
    let files = now(bench.store.read_files(&paths)).expect("memory answers");
    assert_eq!(files.len(), paths.len());
    bench.store.lose_log_files();
    assert_eq!(bench.round().expect("the log goes on"), Round::CaughtUp);
    assert_eq!(bench.state(), state);
    assert_eq!(
        now(bench.store.read_files(&paths)).expect("memory answers"),
        files
    );
    bench.write(300);
    bench.catch_up();
    assert_eq!(bench.state().head.size, 5_600);
}

#[test]
fn a_partial_file_that_became_full_is_read_from_the_full_one() {
    let bench = Bench::new();
    bench.write(250);
    bench.catch_up();
    let early = bench.state();
    bench.write(10);
    bench.catch_up();
    let late = bench.state();
    // A sequencer that slept since the first head finds its partial tile gone.
    bench.restore(early);
    let round = bench.round().expect("the log goes on");
    assert_eq!(round, Round::Grew { from: 250, to: 260 });
    assert_eq!(bench.state(), late);
}

#[test]
fn a_log_that_its_storage_contradicts_stops() {
    let grown = || {
        let bench = Bench::new();
        bench.write(300);
        bench.catch_up();
        bench.write(10);
        bench
    };
    let bench = grown();
    let state = bench.state();
    bench.restore(LogState {
        standing: Standing::Closed,
        ..state.clone()
    });
    assert!(matches!(bench.stop_cause(), StopCause::Restored));

    let bench = grown();
    let [partial, ..] = TilePath::partials(300)[..] else {
        panic!("300 leaves fill one tile and begin another");
    };
    bench.store.tamper_log_file(partial);
    assert!(matches!(bench.stop_cause(), StopCause::Files(_)));

    let bench = Bench::new();
    bench.write(299);
    bench.restore(state.clone());
    assert!(matches!(
        bench.stop_cause(),
        StopCause::JournalBehind { size: 300, .. }
    ));
    // As many entries, but others.
    bench.write(1);
    assert!(matches!(
        bench.stop_cause(),
        StopCause::OtherTree { size: 300 }
    ));

    let bench = grown();
    bench.store.lose_log_files();
    bench.store.lose_seeds(Sequence(1));
    assert!(matches!(
        bench.stop_cause(),
        StopCause::SeedMissing { entry: Sequence(1) }
    ));

    // Somebody has stored another tree beyond the head.
    let bench = grown();
    bench.catch_up();
    bench.restore(LogState {
        published: None,
        head: TreeHead {
            size: 0,
            root: TreeHash::of_nothing(),
        },
        standing: Standing::Open,
    });
    let full = TilePath::parse("tile/0/000").expect("the path is good");
    bench.store.tamper_log_file(full);
    assert!(matches!(
        bench.stop_cause(),
        StopCause::OtherFile { path } if path == full
    ));
}

#[test]
fn a_promise_is_kept_and_asked_again_is_the_same() {
    let bench = Bench::new();
    bench.write(3);
    let secrets = bench.write(3);
    let promiser = Promiser::new(Arc::clone(&bench.log), bench.ports());
    let committed = || {
        let entries = (4..=6).map(|number| Arc::new(entry(number)));
        Committed::new(entries.collect(), secrets.clone())
    };
    let fifth = entry(5);
    let early = now(promiser.promise(&committed(), &fifth));
    assert_eq!(early, None, "the log may be closed");
    bench.learn();
    let promised = now(promiser.promise(&committed(), &fifth));
    let promised = promised.expect("it is open");
    let again = now(promiser.promise_again(&fifth));
    assert_eq!(again.as_ref(), Some(&promised));
    let promise = Promise::verify(promised.to_string().as_bytes(), bench.log.public_key());
    let promise = promise.expect("the log signed it");
    assert_eq!(promise.index, 4);
    assert_eq!(promise.leaf, leaf(&fifth, &secrets[1]).hash());
    assert_eq!(promise.deadline(), fifth.at().0 as u64 / 1_000 + 60);
    bench.catch_up();
    let tile = TilePath::partials(6)[0];
    let files = now(bench.store.read_files(&[tile])).expect("memory answers");
    let hashes = tile.parse_hashes(&files[0].bytes).expect("a tile");
    assert_eq!(hashes[4], promise.leaf, "the log kept its word");
    let shown = bench.state().published.expect("a checkpoint");
    let checkpoint = SignedCheckpoint::parse(&shown.checkpoint).expect("a checkpoint");
    assert!(checkpoint.verify(bench.log.public_key()).is_ok());
    bench.restore(LogState {
        standing: Standing::Closed,
        ..bench.state()
    });
    bench.learn();
    assert_eq!(now(promiser.promise(&committed(), &fifth)), None);
    // An entry without a seed has no promise, and nobody waits for one.
    bench.store.lose_seeds(Sequence(4));
    assert_eq!(now(promiser.promise_again(&fifth)), None);
}

/// A log of 300 leaves and ten entries more, one of whose files was changed: it has stopped.
fn stopped() -> Bench {
    let bench = Bench::new();
    bench.write(300);
    bench.catch_up();
    bench.write(10);
    bench.store.tamper_log_file(TilePath::partials(300)[0]);
    bench.learn();
    assert!(bench.promises(), "nobody has looked yet");
    assert!(matches!(bench.stop_cause(), StopCause::Files(_)));
    bench
}

#[test]
fn a_stopped_log_is_tried_again_and_nothing_is_promised_before_all_of_it_is_sound() {
    let first = stopped();
    let stopped = first.state();
    assert!(!first.promises(), "at once, before it looks again");
    first.learn();
    assert!(!first.promises());
    // A restart changes nothing of it.
    let bench = Bench::over(&first.store);
    bench.learn();
    assert!(!bench.promises());
    for _ in 0..2 {
        assert!(matches!(bench.stop_cause(), StopCause::Files(_)));
        assert_eq!(bench.state(), stopped);
    }
    // As the error says; the files are made again from the journal.
    bench.store.lose_log_files();
    bench.learn();
    assert!(!bench.promises());
    assert_eq!(bench.round().expect("it is sound"), Round::Reopened);
    let reopened = LogState {
        standing: Standing::Open,
        ..stopped
    };
    assert_eq!(bench.state(), reopened, "nothing is signed by looking");
    bench.learn();
    assert!(bench.promises());
    bench.catch_up();
    let entries = now(bench.store.head()).expect("memory answers").0;
    assert_eq!(bench.state().head.size, entries);
    assert_eq!(
        bench.state().published.map(|shown| shown.size),
        Some(entries)
    );
}

#[test]
fn a_stopped_log_without_anything_new_is_looked_at_as_well() {
    let bench = Bench::new();
    bench.write(300);
    bench.catch_up();
    let sound = bench.state();
    let file = TilePath::partials(300)[0];
    bench.store.tamper_log_file(file);
    assert!(matches!(bench.stop_cause(), StopCause::Files(_)));
    assert!(matches!(bench.stop_cause(), StopCause::Files(_)));
    bench.store.tamper_log_file(file);
    assert_eq!(bench.round().expect("it is sound"), Round::Reopened);
    assert_eq!(bench.round().expect("it is sound"), Round::CaughtUp);
    assert_eq!(bench.state(), sound);
}

#[test]
fn a_log_that_cannot_begin_stops_and_begins_with_the_right_key() {
    let bench = Bench::new();
    bench.write(3);
    let strange = Vault::in_memory([8; 32]);
    let log = Log::named(ORIGIN, &strange).expect("the name is good");
    let ports = ports(&bench.store, &Arc::new(strange));
    let sequencer = Sequencer::new(ports, Arc::new(log));
    let stopped = now(sequencer.round());
    assert!(matches!(
        stopped,
        Err(LogError::Stopped(StopCause::Sealed { .. }))
    ));
    assert_eq!(bench.state().standing, Standing::Stopped);
    bench.learn();
    assert!(!bench.promises());
    assert_eq!(bench.round().expect("it is sound"), Round::Reopened);
    bench.catch_up();
    assert_eq!(bench.state().head.size, 4);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_stops_on_one_node_is_promised_by_none_until_it_goes_on() {
    let bench = Bench::new();
    bench.write(300);
    bench.catch_up();
    let other = Bench::over(&bench.store);
    let stop = CancellationToken::new();
    let following = [&bench, &other].map(|node| {
        let (log, store, stop) = (Arc::clone(&node.log), Arc::clone(&node.store), stop.clone());
        tokio::spawn(async move { log.follow_standing(store.as_ref(), stop).await })
    });
    assert!(
        !bench.promises() && !other.promises(),
        "they know nothing yet"
    );
    sleep(Duration::from_millis(1)).await;
    assert!(bench.promises() && other.promises());
    bench.store.tamper_log_file(TilePath::partials(300)[0]);
    assert!(matches!(bench.stop_cause(), StopCause::Files(_)));
    assert!(!bench.promises());
    sleep(LOOK_EVERY).await;
    assert!(!bench.promises() && !other.promises());

    bench.store.lose_log_files();
    sleep(LOOK_EVERY * 10).await;
    assert!(
        !bench.promises() && !other.promises(),
        "no sequencer has looked"
    );
    assert_eq!(other.round().expect("it is sound"), Round::Reopened);
    sleep(LOOK_EVERY).await;
    assert!(bench.promises() && other.promises());
    stop.cancel();
    for task in following {
        task.await.expect("it stops well");
    }
}

/// A witness that knows a larger tree, and perhaps lets another sequencer make one first.
struct Ahead {
    other: Option<Sequencer>,
}

impl Witnesses for Ahead {
    fn ask(&self, checkpoint: SignedCheckpoint) -> Asked<'_> {
        Box::pin(async move {
            if let Some(other) = &self.other {
                let round = other.round().await;
                round.expect("the other one works well");
            }
            let size = checkpoint.unverified().head.size + 1;
            Witnessed::Ahead { size }
        })
    }
}

impl Bench {
    fn witnessed(self, witness: Ahead) -> Bench {
        let sequencer = self.sequencer.witnessed(Some(Arc::new(witness)));
        Bench { sequencer, ..self }
    }
}

#[test]
fn a_log_of_which_a_witness_knows_more_is_closed_for_ever() {
    for has_signed in [false, true] {
        let bench = Bench::new();
        bench.write(3);
        if has_signed {
            bench.catch_up();
        }
        let bench = Bench::over(&bench.store).witnessed(Ahead { other: None });
        assert!(matches!(
            bench.stop_cause(),
            StopCause::WitnessAhead { size: 3, shown: 4 }
        ));
        assert_eq!(bench.state().standing, Standing::Closed);
        let restarted = Bench::over(&bench.store);
        assert!(matches!(restarted.stop_cause(), StopCause::Restored));
        restarted.learn();
        assert!(!restarted.promises());
    }
}

#[test]
fn a_witness_that_knows_more_from_another_sequencer_stops_nothing() {
    let bench = Bench::new();
    bench.write(3);
    bench.catch_up();
    bench.write(1);
    let other = Bench::over(&bench.store).sequencer;
    let bench = Bench::over(&bench.store).witnessed(Ahead { other: Some(other) });
    assert_eq!(bench.round().expect("it goes on"), Round::Overtaken);
    assert_eq!(bench.state().standing, Standing::Open);
    assert_eq!(bench.state().head.size, 4);
    bench.learn();
    assert!(bench.promises());
}

fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("memory answers at once")
}
