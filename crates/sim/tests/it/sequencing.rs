//! Sequencers that are killed between any two steps of theirs, several at once and without a lease, over a storage that
//! loses requests and answers, doubles and delays them: whatever they signed belongs to one tree, that of the journal.
//!
//! `SCRIP_SIM_SEED` and `SCRIP_SIM_SEEDS` say which seeds are run.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use accounting::document::DocumentName;
use accounting::entry::{Actor, Circumstances, Entry};
use accounting::fact::Fact;
use engine::log::sequencer::Sequencer;
use engine::log::{Log, Ports, seeds};
use futures_util::FutureExt;
use ids::command::Sequence;
use ids::time::{Span, Timestamp};
use leaves::leaf::leaf;
use leaves::secret::Secret;
use payment::state::Change;
use sim::life::{Life, Stage};
use sim::memory::MemoryStore;
use sim::network::{Distance, Link, Network, Weather};
use sim::node::SeededRandom;
use sim::oracle::{Desk, Oracle};
use sim::schedule::{Detail, Schedule};
use store::log::LogStorage;
use store::port::{Batch, Store};
use store::seeds::Seeds;
use tlog::bundle::LogEntry;
use tlog::checkpoint::SignedCheckpoint;
use tlog::edge::RightEdge;
use tlog::hash::TreeHead;
use tlog::tile::TilePath;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use vault::vault::Vault;

use crate::setting;

const SEEDS: u64 = 60;
const ORIGIN: &str = "voucher.example/log";
const BATCHES_MAX: u64 = 40;
const SETTLE_MAX: Duration = Duration::from_secs(60);

#[derive(Clone)]
struct World {
    network: Arc<Network>,
    vault: Arc<Vault>,
    log: Arc<Log>,
    /// Set when the machines shall start nothing any more.
    is_over: CancellationToken,
}

#[test]
fn killed_sequencers_sign_the_tree_of_the_journal() {
    let first = setting("SCRIP_SIM_SEED").unwrap_or(1);
    let count = setting("SCRIP_SIM_SEEDS").unwrap_or(SEEDS).min(SEEDS);
    let mut seen = BTreeMap::new();
    for seed in first..first + count {
        println!("seed {seed}");
        run(seed, &mut seen);
    }
    println!("{seen:#?}");
    if count == SEEDS {
        for what in [
            "crash",
            "crash between two steps",
            "replace log head",
            "add seeds",
            "erase",
        ] {
            assert!(seen.contains_key(what), "the seeds are too tame: no {what}");
        }
    }
}

fn run(seed: u64, seen: &mut BTreeMap<&'static str, u64>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O can be made");
    runtime.block_on(async {
        let schedule = Schedule::new(seed, Detail::Silent);
        let store = Arc::new(MemoryStore::default());
        let network = Network::new(schedule.clone(), store, Arc::new(Oracle::default()));
        let vault = Vault::in_memory([7; 32]).drawing_from(SeededRandom(schedule.clone()));
        let world = World {
            network: Arc::new(network),
            log: Arc::new(Log::named(ORIGIN, &vault).expect("the name is good")),
            vault: Arc::new(vault),
            is_over: CancellationToken::new(),
        };
        let main = world.clone();
        schedule.run(async move { main.live().await }).await;
        for (what, count) in schedule.counts() {
            *seen.entry(what).or_default() += count;
        }
    });
}

impl World {
    async fn live(&self) {
        let schedule = self.schedule();
        let choose = |choices: [u32; 3]| choices[schedule.below(3) as usize];
        self.network.set_weather(Weather {
            lost_requests: choose([0, 20, 80]),
            lost_answers: choose([0, 20, 80]),
            doubled_requests: choose([0, 50, 200]),
            late: choose([0, 5, 30]),
            crashes: choose([0, 20, 80]),
            distance: Distance::Some,
            ..Weather::default()
        });
        let machines = 1 + schedule.below(3);
        for machine in 0..machines {
            schedule.spawn(self.clone().keep_sequencing(machine));
        }
        for machine in machines..machines + schedule.below(3) {
            schedule.spawn(self.clone().keep_erasing(machine));
        }
        for _ in 0..schedule.below(BATCHES_MAX) {
            sleep(Duration::from_millis(schedule.below(700))).await;
            self.write();
        }
        self.network.set_weather(Weather::default());
        self.settle().await;
        self.is_over.cancel();
        self.audit();
    }

    fn schedule(&self) -> &Schedule {
        &self.network.schedule
    }

    fn store(&self) -> &MemoryStore {
        &self.network.store
    }

    /// A machine that makes leaves.
    async fn keep_sequencing(self, machine: u64) {
        let sequence = |ports| {
            let sequencer = Sequencer::new(ports, Arc::clone(&self.log));
            sequencer.run(self.is_over.clone())
        };
        self.keep_alive(machine, sequence).await;
    }

    /// A machine that erases payers, of any entry and at any time.
    async fn keep_erasing(self, machine: u64) {
        let erase =
            |ports| erase_here_and_there(ports, self.schedule().clone(), self.is_over.clone());
        self.keep_alive(machine, erase).await;
    }

    /// A process that starts again whenever it was killed.
    async fn keep_alive<W: Future<Output = ()> + Send + 'static>(
        &self,
        machine: u64,
        start: impl Fn(Ports) -> W,
    ) {
        let schedule = self.schedule();
        while !self.is_over.is_cancelled() {
            let life = Arc::new(Life::default());
            let desk = Arc::new(Desk::default());
            let network = Arc::clone(&self.network);
            let link = Arc::new(Link::new(network, machine, Arc::clone(&life), desk));
            let ports = Ports {
                store: link.clone(),
                seeds: link.clone(),
                log: link,
                vault: Arc::clone(&self.vault),
            };
            let work = life.alive(start(ports)).map(drop);
            let lived = schedule.spawn_joined(work);
            let ms = 50 + schedule.below(4_000);
            let killer = Arc::clone(&life);
            let own = schedule.clone();
            schedule.spawn(async move {
                sleep(Duration::from_millis(ms)).await;
                if killer.stage() == Stage::Running && own.happens(700) {
                    own.note("crash", machine, ms);
                    killer.crash();
                }
            });
            lived.await;
            sleep(Duration::from_millis(schedule.below(1_000))).await;
        }
    }

    /// Entries with their seeds, or, as a node of an older version writes them, without.
    fn write(&self) {
        let schedule = self.schedule();
        let head = now(self.store().head()).expect("memory answers").0;
        let count = match schedule.below(10) {
            0..8 => 1 + schedule.below(20),
            _ => 200 + schedule.below(400),
        };
        let entries = (head + 1..=head + count).map(|number| Arc::new(entry(number)));
        let entries: Vec<Arc<Entry>> = entries.collect();
        let secrets = seeds::draw(&self.vault, entries.len());
        let secrets: Vec<Secret> = secrets.into_iter().map(Secret::Seed).collect();
        let has_seeds = !schedule.happens(300);
        let batch = Batch {
            entries,
            seeds: has_seeds.then(|| seeds::seal(&self.vault, &secrets)),
            ..Batch::default()
        };
        now(self.store().commit(batch)).expect("the batch is committed");
    }

    /// When nothing goes wrong any more, every entry comes into the tree that everybody sees.
    async fn settle(&self) {
        let head = now(self.store().head()).expect("memory answers").0;
        let mut waited = Duration::ZERO;
        while self.shown() < head {
            assert!(
                waited < SETTLE_MAX,
                "{} of {head} entries are shown",
                self.shown()
            );
            let step = Duration::from_millis(500);
            sleep(step).await;
            waited += step;
        }
    }

    fn shown(&self) -> u64 {
        let state = now(self.store().log_state(ORIGIN)).expect("memory answers");
        state.published.map_or(0, |published| published.size)
    }

    fn leaves(&self) -> Vec<LogEntry> {
        let entries = now(self.store().entries_after(Sequence(0), usize::MAX));
        let entries = entries.expect("memory answers");
        let runs = now(self.store().seed_runs(Sequence(0), Sequence(u64::MAX)));
        let runs = runs.expect("memory answers");
        let secrets = runs
            .iter()
            .flat_map(|run| seeds::open(&self.vault, run).expect("the seeds are sound"));
        let secrets: Vec<Secret> = secrets.collect();
        assert_eq!(entries.len(), secrets.len(), "each entry has one seed");
        let leaves = entries.iter().zip(&secrets);
        leaves
            .map(|(entry, secret)| leaf(entry, secret).encode())
            .collect()
    }

    /// Every checkpoint that anybody may have seen is of the one tree, and all its files are there.
    fn audit(&self) {
        let leaves = self.leaves();
        let mut edge = RightEdge::of_nothing();
        let mut heads: BTreeMap<u64, TreeHead> = BTreeMap::new();
        for leaf in &leaves {
            edge.append([leaf.clone()]);
            heads.insert(edge.head().size, edge.head());
        }
        for checkpoint in self.network.checkpoints() {
            let checkpoint = SignedCheckpoint::parse(&checkpoint).expect("a checkpoint");
            let checkpoint = checkpoint.verify(self.log.public_key());
            let head = checkpoint.expect("the log signed it").head;
            assert_eq!(heads.get(&head.size), Some(&head));
        }
        let size = leaves.len() as u64;
        let growth = RightEdge::of_nothing().append(leaves);
        let files = growth.tiles.into_iter().chain(growth.bundles);
        let files: Vec<_> = files.collect();
        let paths: Vec<TilePath> = files.iter().map(|file| file.path).collect();
        for path in TilePath::partials(size) {
            assert!(paths.contains(&path), "{path} belongs to the tree");
        }
        let stored = now(self.store().read_files(&paths)).expect("memory answers");
        assert_eq!(stored, files);
    }
}

async fn erase_here_and_there(ports: Ports, schedule: Schedule, stop: CancellationToken) {
    while !stop.is_cancelled() {
        sleep(Duration::from_millis(schedule.below(400))).await;
        let Ok(head) = ports.store.head().await else {
            continue;
        };
        let chosen = [Sequence(1 + schedule.below(head.0.max(1)))];
        let Ok(found) = ports.store.entries_at(&chosen).await else {
            continue;
        };
        for entry in found {
            // What fails is tried again one day.
            let _ = ports.erase_payer(&entry).await;
        }
    }
}

/// An entry that says its number, and of whom.
pub fn entry(number: u64) -> Entry {
    let circumstances = Circumstances {
        sequence: Sequence(number),
        at: Timestamp(1_800_000_000_000).plus(Span(number.cast_signed())),
        actor: Actor::Operator,
        idempotency: None,
    };
    let fact = match number % 3 {
        0 => Fact::DocumentSaved {
            name: DocumentName::RiskSettings,
            content: Arc::from(number.to_be_bytes()),
        },
        _ => Fact::PaymentChanged {
            id: "pay_1000001978_cart_EUR".parse().expect("an id"),
            change: Change::Open {
                address: Some(IpAddr::from(
                    u32::try_from(number).expect("it is small").to_be_bytes(),
                )),
            },
            effects: Vec::new(),
            replacements: Vec::new(),
            attempt: None,
        },
    };
    Entry::new(circumstances, fact)
}

fn now<T>(answer: impl Future<Output = T>) -> T {
    answer.now_or_never().expect("memory answers at once")
}
