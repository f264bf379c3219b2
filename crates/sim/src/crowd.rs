//! Many clients on many threads at once, on one node or several: whatever order they end up in, the journal explains the
//! state.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounting::entry::Entry;
use engine::clock::{Clock, ManualClock};
use engine::command::{Command, Envelope};
use engine::core::{Engine, Outcome};
use engine::error::CommandError;
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::time::{Span, Timestamp};
use parking_lot::Mutex;
use store::audit::{AuditReport, ENTRIES_AT_ONCE, compare};
use store::fold::partial::keys_touched;
use store::port::Store;
use store::row::{Key, Row};
use vault::vault::Vault;

use crate::auditor;
use crate::model::{Model, Verdict};
use crate::suspicion::Suspicion;
use crate::workload::{Workload, cast};

const CLIENTS: u64 = 8;
const COMMANDS_EACH: u64 = 150;
/// How often a client sends a command whose effect it does not know.
const TRIES_MAX: u32 = 50;

/// Serves clients on every node at once, and checks that the journal explains the rest.
///
/// `disturb` is called before each command is made, with its number.
///
/// # Panics
///
/// If anything was lost, done twice, or does not follow from the journal.
pub async fn serve(seed: u64, stores: &[Arc<dyn Store>], disturb: Disturb) {
    let crowd = Crowd::new(seed, stores, disturb).await;
    let clients = (0..CLIENTS).map(|client| tokio::spawn(crowd.clone().client(client)));
    for client in futures_util::future::join_all(clients).await {
        client.expect("no client fails");
    }
    crowd.check().await;
}

/// Lets something go wrong now and then.
pub type Disturb = Arc<dyn Fn(u64) + Send + Sync>;

/// What the clients share.
#[derive(Clone)]
struct Crowd {
    /// One for each node, over the same storage.
    stores: Vec<Arc<dyn Store>>,
    disturb: Disturb,
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
    async fn new(seed: u64, stores: &[Arc<dyn Store>], disturb: Disturb) -> Crowd {
        let vault = Arc::new(Vault::in_memory([7; 32]));
        let mut clocks = Vec::new();
        let mut engines = Vec::new();
        let mut ahead = Span(700);
        for store in stores {
            let clock = Arc::new(ManualClock::at(Timestamp(1_750_000_000_000).plus(ahead)));
            let judge = Arc::new(Suspicion);
            let engine = Engine::start(Arc::clone(store), clock.clone(), Arc::clone(&vault), judge);
            engines.push(engine.expect("a thread can be made"));
            clocks.push(clock);
            ahead = Span(0);
        }
        let mut model = Model::default();
        for envelope in cast::founding() {
            let founded = engines[0].execute(envelope.clone()).await;
            founded.expect("the founding is carried out");
            model.step(&envelope, clocks[0].now());
        }
        Crowd {
            stores: stores.to_vec(),
            disturb,
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
        (self.disturb)(number);
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
            // Sending it again with its key tells what became of it.
            Err(CommandError::Storage(_)) => return false,
            Err(CommandError::Refused(_)) => return true,
            Err(error) => panic!("{envelope:?} was answered with {error}"),
        };
        let key = envelope.idempotency.expect("every command has a key").key;
        let before = self.answered.lock().insert(key, entry);
        assert_eq!(before, None, "{envelope:?} was answered twice");
        // What the workload believes may be wrong; it only has to be near.
        self.workload.lock().1.step(envelope, self.clocks[0].now());
        true
    }

    /// The journal tells the order; in that order the model must arrive at the stored rows.
    async fn check(self) {
        self.engines.iter().for_each(|engine| engine.stop());
        let store = &self.stores[0];
        let mut entries: Vec<Arc<Entry>> = Vec::new();
        loop {
            let last = entries.last().map_or(Sequence(0), |entry| entry.sequence());
            let page = store.entries_after(last, ENTRIES_AT_ONCE).await;
            let page = page.expect("entries are read");
            if page.is_empty() {
                break;
            }
            entries.extend(page);
        }
        let model = self.explain(&entries);
        let balances = store.balances().await.expect("balances are known");
        let replayed: Vec<Row> = auditor::replay(&entries).into_values().collect();
        auditor::assert_rows_match(&model, &replayed);
        auditor::assert_value_is_conserved(&model, &balances);
        let keys: Vec<Key> = replayed.iter().map(Row::key).collect();
        let loaded = store.load(&keys).await.expect("rows load");
        let mut report = AuditReport::default();
        compare::rows(&replayed, &loaded, &mut report);
        assert_eq!(report.differences, Vec::<String>::new());
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
                None => founding.next().expect("the founding comes first"),
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
