//! Many clients on many threads at once: whatever order they end up in, the journal explains the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounting::entry::Entry;
use engine::clock::{Clock, ManualClock};
use engine::command::Envelope;
use engine::core::{Engine, Outcome};
use engine::error::{CommandError, Effect};
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::time::{Span, Timestamp};
use parking_lot::Mutex;
use sim::auditor;
use sim::memory::{Fault, MemoryStore};
use sim::model::{Model, Verdict};
use sim::workload::{Workload, cast};
use store::port::Store;
use vault::vault::Vault;

const CLIENTS: u64 = 8;
const COMMANDS_EACH: u64 = 150;
/// How often a client sends a command whose effect it does not know.
const TRIES_MAX: u32 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_is_served_in_some_order() {
    for seed in 1..=4 {
        println!("seed {seed}");
        let crowd = Crowd::new(seed).await;
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
    clock: Arc<ManualClock>,
    engine: Arc<Engine>,
    /// Makes commands from what it believes, which trails what is.
    workload: Arc<Mutex<(Workload, Model)>>,
    /// Everything that was sent, by its own key.
    sent: Arc<Mutex<BTreeMap<IdempotencyKey, Envelope>>>,
    answered: Arc<Mutex<BTreeMap<IdempotencyKey, Sequence>>>,
}

impl Crowd {
    async fn new(seed: u64) -> Crowd {
        let store = Arc::new(MemoryStore::default());
        let clock = Arc::new(ManualClock::at(Timestamp(1_750_000_000_000)));
        let vault = Arc::new(Vault::in_memory([7; 32]));
        let engine = Engine::start(store.clone(), clock.clone(), vault).unwrap();
        let mut model = Model::default();
        for envelope in cast::founding() {
            engine.execute(envelope.clone()).await.unwrap();
            model.step(&envelope, clock.now());
        }
        Crowd {
            store,
            clock,
            engine,
            workload: Arc::new(Mutex::new((Workload::new(seed), model))),
            sent: Arc::default(),
            answered: Arc::default(),
        }
    }

    async fn client(self, client: u64) {
        for number in 0..COMMANDS_EACH {
            let envelope = self.next_command(client * COMMANDS_EACH + number);
            for _ in 0..TRIES_MAX {
                let answer = self.engine.execute(envelope.clone()).await;
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
            self.clock.advance(Span::SECOND.times(40));
        }
        let mut envelope = workload.single(model, self.clock.now().0);
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
        self.workload.lock().1.step(envelope, self.clock.now());
        true
    }

    /// The journal tells the order; in that order the model must arrive at the stored rows.
    async fn check(self) {
        self.engine.stop();
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
        let mut latest = Timestamp(0);
        for entry in entries {
            let key = entry.idempotency().map(|idempotency| idempotency.key);
            let envelope = match key {
                Some(key) => sent[&key].clone(),
                None => founding.next().unwrap(),
            };
            let verdict = model.step(&envelope, entry.at());
            assert_eq!(verdict, Verdict::Applied(entry.sequence()), "{entry:?}");
            assert!(latest <= entry.at(), "time went back");
            latest = entry.at();
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
