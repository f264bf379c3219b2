//! Many clients on many threads at once: whatever order they end up in, the journal explains the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounting::entry::Entry;
use engine::clock::{Clock, ManualClock};
use engine::command::{Command, Envelope};
use engine::core::{Engine, Outcome};
use engine::error::{CommandError, Effect};
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::time::{Span, Timestamp};
use parking_lot::Mutex;
use sim::auditor;
use sim::memory::{Fault, MemoryStore};
use sim::model::{Model, Verdict};
use sim::workload::{Workload, cast};
use store::fold::partial::keys_touched;
use store::port::Store;
use store::row::Key;
use vault::vault::Vault;

const CLIENTS: u64 = 8;
const COMMANDS_EACH: u64 = 150;
/// How often a client sends a command whose effect it does not know.
const TRIES_MAX: u32 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_served_in_some_order() {
    serve_crowds(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_over_one_store_serve_a_crowd_as_one() {
    serve_crowds(2).await;
}

async fn serve_crowds(nodes: usize) {
    for seed in 1..=4 {
        println!("seed {seed}");
        let crowd = Crowd::new(seed, nodes).await;
        let clients = (0..CLIENTS).map(|client| tokio::spawn(crowd.clone().client(client)));
        for client in futures_util::future::join_all(clients).await {
            client.expect("no client fails");
        }
        crowd.check().await;
    }
}

/// What the clients share.
#[derive(Clone)]
struct Crowd {
    store: Arc<MemoryStore>,
    /// One for each node; they differ a little.
    clocks: Vec<Arc<ManualClock>>,
    engines: Vec<Arc<Engine>>,
    /// Makes commands from what it believes, which trails what is.
    workload: Arc<Mutex<(Workload, Model)>>,
    /// Everything that was sent, by its own key.
    sent: Arc<Mutex<BTreeMap<IdempotencyKey, Envelope>>>,
    answered: Arc<Mutex<BTreeMap<IdempotencyKey, Sequence>>>,
}

/// Terms are read without a precondition: one node may still decide by the old ones while another changes them, and
/// then the order of the journal alone does not explain what was decided.
fn changes_terms(command: &Command) -> bool {
    matches!(
        command,
        Command::SaveMerchant(_)
            | Command::SaveDistributor(_)
            | Command::SaveProduct(_)
            | Command::IssueApiKey { .. }
            | Command::RevokeApiKey { .. }
    )
}

impl Crowd {
    async fn new(seed: u64, nodes: usize) -> Crowd {
        let store = Arc::new(MemoryStore::default());
        let vault = Arc::new(Vault::in_memory([7; 32]));
        let mut clocks = Vec::new();
        let mut engines = Vec::new();
        for node in (0..nodes).rev() {
            let ahead = i64::try_from(node).unwrap() * 700;
            let clock = Arc::new(ManualClock::at(Timestamp(1_750_000_000_000 + ahead)));
            engines.push(Engine::start(store.clone(), clock.clone(), vault.clone()).unwrap());
            clocks.push(clock);
        }
        let mut model = Model::default();
        for envelope in cast::founding() {
            engines[0].execute(envelope.clone()).await.unwrap();
            model.step(&envelope, clocks[0].now());
        }
        Crowd {
            store,
            clocks,
            engines,
            workload: Arc::new(Mutex::new((Workload::new(seed), model))),
            sent: Arc::default(),
            answered: Arc::default(),
        }
    }

    async fn client(self, client: u64) {
        for number in 0..COMMANDS_EACH {
            let envelope = self.next_command(client * COMMANDS_EACH + number);
            for attempt in 0..TRIES_MAX {
                let node = (client as usize + usize::from(0 < attempt)) % self.engines.len();
                let answer = self.engines[node].execute(envelope.clone()).await;
                if self.note(&envelope, &answer) {
                    break;
                }
            }
        }
    }

    fn next_command(&self, number: u64) -> Envelope {
        let mut guard = self.workload.lock();
        let (workload, model) = &mut *guard;
        if number % 40 == 7 {
            self.store.inject(Fault::LostAnswer);
        }
        if number % 40 == 27 {
            self.store.inject(Fault::Full);
        }
        if number.is_multiple_of(25) {
            self.clocks
                .iter()
                .for_each(|clock| clock.advance(Span::SECOND.times(40)));
        }
        let now = self.clocks[0].now().0;
        let mut envelope = workload.single(model, now);
        while 1 < self.engines.len() && changes_terms(&envelope.command) {
            envelope = workload.single(model, now);
        }
        let mut digest = [0xcc; 16];
        digest[..8].copy_from_slice(&number.to_be_bytes());
        envelope.idempotency = Some(accounting::entry::Idempotency {
            key: IdempotencyKey(digest),
            fingerprint: Fingerprint(digest),
        });
        self.sent
            .lock()
            .insert(IdempotencyKey(digest), envelope.clone());
        envelope
    }

    /// Whether the client knows what became of its command.
    fn note(&self, envelope: &Envelope, answer: &Result<Outcome, CommandError>) -> bool {
        let entry = match answer {
            Ok(Outcome::Applied { entry, .. }) => entry.sequence(),
            Ok(Outcome::Replayed { entry }) => *entry,
            Err(CommandError::Storage(failure)) => {
                assert_eq!(
                    matches!(**failure, store::failure::Failure::Full { .. }),
                    answer.as_ref().unwrap_err().effect() == Effect::Nothing
                );
                return false;
            }
            Err(CommandError::Refused(_)) => return true,
            Err(error) => panic!("{envelope:?} was answered with {error}"),
        };
        let key = envelope.idempotency.unwrap().key;
        let before = self.answered.lock().insert(key, entry);
        assert_eq!(before, None, "{envelope:?} was answered twice");
        // What the workload believes may be wrong; it only has to be near.
        self.workload.lock().1.step(envelope, self.clocks[0].now());
        true
    }

    /// The journal tells the order; in that order the model must arrive at the stored rows.
    async fn check(self) {
        self.engines.iter().for_each(|engine| engine.stop());
        let entries = self.store.entries_after(Sequence(0), usize::MAX).await;
        let entries = entries.unwrap();
        let balances = self.store.balances().await.unwrap();
        let model = self.explain(&entries);
        auditor::assert_rows_match(&model, &self.store.rows());
        auditor::assert_value_is_conserved(&model, &balances);
        let replayed: Vec<_> = auditor::replay(&entries).into_values().collect();
        assert_eq!(replayed, self.store.rows());
        assert!(200 < entries.len(), "the crowd is too quiet");
    }

    /// The model after the commands of the entries, of which every one must have been answered.
    fn explain(&self, entries: &[Arc<Entry>]) -> Model {
        let sent = self.sent.lock();
        let answered = self.answered.lock();
        let mut founding = cast::founding().into_iter();
        let mut model = Model::default();
        let mut changed: BTreeMap<Key, Timestamp> = BTreeMap::new();
        for entry in entries {
            let key = entry.idempotency().map(|idempotency| idempotency.key);
            let envelope = match key {
                Some(key) => sent[&key].clone(),
                None => founding.next().unwrap(),
            };
            let verdict = model.step(&envelope, entry.at());
            assert_eq!(verdict, Verdict::Applied(entry.sequence()), "{entry:?}");
            for row in keys_touched(entry) {
                let before = changed.insert(row, entry.at());
                assert!(before <= Some(entry.at()), "time went back for {row:?}");
            }
            if let Some(key) = key {
                assert_eq!(answered.get(&key), Some(&entry.sequence()), "{entry:?}");
            }
        }
        assert_eq!(
            answered.len(),
            model.commands.len(),
            "every answer is an entry"
        );
        model
    }
}
