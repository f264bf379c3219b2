//! Long random histories: whatever happens, the platform does what the model says.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use engine::clock::{Clock, ManualClock};
use engine::command::{Command, Envelope};
use engine::core::{Engine, Outcome, Subject};
use engine::error::{CommandError, Effect};
use engine::timers;
use futures_util::FutureExt;
use futures_util::future::join_all;
use ids::command::{ApiKeyDigest, Sequence};
use ids::time::Timestamp;
use sim::auditor;
use sim::memory::MemoryStore;
use sim::model::reason::Reason;
use sim::model::{Model, Verdict};
use sim::suspicion::Suspicion;
use sim::workload::{Workload, cast};
use store::fold;
use store::fold::Rows;
use store::port::Store;
use store::row::{Key, Row};
use store::snapshot::Snapshot;
use vault::vault::Vault;

use crate::setting;

/// Histories of one run, and how long each is.
const HISTORIES: u64 = 12;
const ROUNDS: usize = 80;
/// Histories that found a mistake, by what it was. They are run every time.
const NAMED: [(&str, u64); 1] = [("a stopped payment is not flagged as a duplicate", 82)];
const START: Timestamp = Timestamp(1_750_000_000_000);

#[tokio::test]
async fn every_history_is_as_the_model_says() {
    let chosen = setting("SCRIP_SIM_SEED");
    let first = chosen.unwrap_or(1);
    let histories = setting("SCRIP_SIM_HISTORIES").unwrap_or(HISTORIES);
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    let named = NAMED.iter().filter(|_| chosen.is_none());
    let named = named.map(|(_, seed)| *seed);
    for seed in (first..first + histories).chain(named) {
        println!("seed {seed}: SCRIP_SIM_SEED={seed} SCRIP_SIM_HISTORIES=1 repeats this history");
        let mut world = World::new(seed).await;
        for _ in 0..ROUNDS {
            world.round().await;
        }
        for (answer, count) in world.close().await {
            *answers.entry(answer).or_default() += count;
        }
    }
    println!("answers: {answers:#?}");
    if HISTORIES <= histories {
        let unseen = SEEN_AT_LEAST
            .iter()
            .filter(|answer| !answers.contains_key(**answer));
        assert_eq!(
            unseen.collect::<Vec<_>>(),
            Vec::<&&str>::new(),
            "the histories are too tame"
        );
    }
}

/// Answers that the default histories must meet, or they prove less than they seem to.
const SEEN_AT_LEAST: [&str; 41] = [
    "ActivateVoucher applied",
    "CancelOrder OrderState",
    "CancelOrder VoucherState",
    "CancelOrder applied",
    "CancelPayment applied",
    "CapturePayment CaptureTooMuch",
    "CapturePayment TimeOver",
    "CapturePayment applied",
    "CapturePayment Stopped",
    "ConfirmOrder applied",
    "CreatePayment Currency",
    "CreatePayment Duplicate",
    "CreatePayment Suspended",
    "CreatePayment replayed",
    "DeliverOrder Duplicate",
    "DeliverOrder TerminalLimit",
    "ExpirePayment applied",
    "FreezeVoucher applied",
    "IssueVouchers VoucherTaken",
    "LapseOrder applied",
    "LapseOrder NotDue",
    "LapseRefund applied",
    "Pay AccountRequired",
    "Pay MoreNeeded",
    "Pay OfferedTwice",
    "Pay OtherCountry",
    "Pay OtherCurrency",
    "Pay TooManyVouchers",
    "Pay applied",
    "Refund RefundTooMuch",
    "Refund ReplacementsNeeded",
    "Refund VoucherTaken",
    "Refund applied",
    "ResolveDuplicate NoDuplicate",
    "ResolveDuplicate applied",
    "ResumePayment applied",
    "RunVoucherTimer applied",
    "StopPayment applied",
    "UnfreezeVoucher applied",
    "ValidateRefund applied",
    "VoidVoucher applied",
];

/// A platform, its model, and whoever uses it.
struct World {
    store: Arc<MemoryStore>,
    clock: Arc<ManualClock>,
    engine: Arc<Engine>,
    model: Model,
    workload: Workload,
    /// Rows that follow from the journal alone.
    replica: Snapshot,
    journal: Vec<Arc<Entry>>,
    /// How often each kind of answer was given.
    tally: BTreeMap<String, usize>,
    /// Commands whose effect their sender does not know.
    unsure: Vec<Envelope>,
}

impl World {
    async fn new(seed: u64) -> World {
        let store = Arc::new(MemoryStore::default());
        let clock = Arc::new(ManualClock::at(START));
        let vault = Arc::new(Vault::in_memory([7; 32]));
        let engine =
            Engine::start(store.clone(), clock.clone(), vault, Arc::new(Suspicion)).unwrap();
        let mut world = World {
            store,
            clock,
            engine,
            model: Model::default(),
            workload: Workload::new(seed),
            replica: Snapshot::default(),
            journal: Vec::new(),
            tally: BTreeMap::new(),
            unsure: Vec::new(),
        };
        world.submit(cast::founding()).await;
        world
    }

    async fn round(&mut self) {
        self.clock.advance(self.workload.pause());
        let now = self.clock.now();
        // Whoever does not know what became of a command sends it again, among the others.
        let mut envelopes = std::mem::take(&mut self.unsure);
        envelopes.extend(self.workload.round(&self.model, now.0));
        for fault in self.workload.faults() {
            self.store.inject(fault);
        }
        while !envelopes.is_empty() {
            let count = self.workload.batch_size(envelopes.len());
            self.submit(envelopes.drain(..count).collect()).await;
        }
        self.store.heal();
        self.run_timers().await;
        self.audit().await;
    }

    /// Sends everything at once, as one batch, and checks every answer.
    async fn submit(&mut self, envelopes: Vec<Envelope>) {
        let now = self.clock.now();
        let store = Arc::clone(&self.store);
        store.gate().close();
        let mut opener = Box::pin(self.engine.execute(without_effect()));
        assert!((&mut opener).now_or_never().is_none());
        store.gate().wait_for_somebody();
        let sent = envelopes
            .iter()
            .map(|envelope| self.engine.execute(envelope.clone()));
        let mut answers = Box::pin(join_all(sent));
        assert!((&mut answers).now_or_never().is_none());
        store.gate().open();
        assert!(opener.await.is_err());
        let answers = answers.await;
        for (envelope, answer) in envelopes.iter().zip(answers) {
            self.count(envelope, &answer);
            self.check_answer(envelope, answer, now);
        }
        self.read_journal().await;
    }

    fn count(&mut self, envelope: &Envelope, answer: &Result<Outcome, CommandError>) {
        let command = format!("{:?}", envelope.command);
        let command: String = command.chars().take_while(|c| c.is_alphabetic()).collect();
        let answer = match answer {
            Ok(Outcome::Applied { .. }) => "applied".to_owned(),
            Ok(Outcome::Replayed { .. }) => "replayed".to_owned(),
            Err(CommandError::Refused(refusal)) => {
                let reason = format!("{:?}", Reason::of(refusal));
                reason.chars().take_while(|c| c.is_alphabetic()).collect()
            }
            Err(error) => error.to_string(),
        };
        *self.tally.entry(format!("{command} {answer}")).or_default() += 1;
    }

    fn check_answer(
        &mut self,
        envelope: &Envelope,
        answer: Result<Outcome, CommandError>,
        now: Timestamp,
    ) {
        let error = match answer {
            Ok(Outcome::Applied { entry, subject, .. }) => {
                let expected = self.model.step(envelope, now);
                assert_eq!(
                    expected,
                    Verdict::Applied(entry.sequence()),
                    "{envelope:?} became {entry:?}"
                );
                assert_eq!(
                    (entry.at(), entry.actor(), entry.idempotency()),
                    (now, envelope.actor, envelope.idempotency)
                );
                return self.check_subject(&subject);
            }
            Ok(Outcome::Replayed { entry }) => {
                let expected = self.model.step(envelope, now);
                assert_eq!(expected, Verdict::Replayed(entry), "{envelope:?}");
                return;
            }
            Err(error) => error,
        };
        match &error {
            CommandError::Refused(refusal) if Reason::of(refusal) == Reason::Raced => {}
            CommandError::Refused(refusal) => {
                let expected = self.model.step(envelope, now);
                let found = Verdict::Refused(Reason::of(refusal));
                assert_eq!(expected, found, "{envelope:?}: {refusal}");
            }
            CommandError::IdempotencyKeyReused => {
                let expected = self.model.step(envelope, now);
                assert_eq!(expected, Verdict::KeyReused, "{envelope:?}");
            }
            CommandError::Storage(_) => {
                // The one fault with an unknown effect is a lost answer, and then the command stands.
                if error.effect() == Effect::Unknown {
                    self.model.step(envelope, now);
                }
                if envelope.idempotency.is_some() {
                    self.unsure.push(envelope.clone());
                }
            }
            CommandError::Overloaded | CommandError::Fault | CommandError::Stopped => {
                panic!("{envelope:?} was answered with {error}")
            }
        }
    }

    /// An answer shows the thing as its entry left it, whatever else was in the batch.
    fn check_subject(&self, subject: &Subject) {
        match subject {
            Subject::Payment(payment) => auditor::assert_payment_matches(&self.model, payment),
            Subject::Voucher(voucher) => auditor::assert_voucher_matches(&self.model, voucher),
            Subject::Order(_) | Subject::None => {}
        }
    }

    /// Compares what waits with the model, lets the timers end some of it, and tells the model.
    async fn run_timers(&mut self) {
        let now = self.clock.now();
        let due = self.store.due(now, usize::MAX).await.unwrap();
        auditor::assert_due_matches(&self.model, &due, now);
        if !self.workload.timers_look() {
            return;
        }
        let ended = timers::run_due(&self.engine).await.unwrap();
        assert_eq!(ended, due.len().min(256), "every timer has an effect");
        let known = self.journal.len();
        self.read_journal().await;
        for entry in self.journal.split_off(known) {
            let envelope = timer_command(&self.replica, &entry);
            let verdict = self.model.step(&envelope, now);
            assert_eq!(
                verdict,
                Verdict::Applied(entry.sequence()),
                "the timer made {entry:?}"
            );
            self.journal.push(entry);
        }
    }

    /// Reads what is new, through its binary form, into the replica.
    async fn read_journal(&mut self) {
        let known = Sequence(self.journal.len() as u64);
        let news = self.store.entries_after(known, usize::MAX).await.unwrap();
        for entry in &news {
            let entry = auditor::assert_survives_codec(entry);
            fold::apply(&mut self.replica, &entry).unwrap();
            self.journal.push(Arc::new(entry));
        }
    }

    async fn audit(&self) {
        assert_eq!(self.store.head().await.unwrap(), self.model.head);
        auditor::assert_rows_match(&self.model, &self.store.rows());
        let balances = self.store.balances().await.unwrap();
        auditor::assert_value_is_conserved(&self.model, &balances);
        let stored = self.store.rows();
        assert_same_rows(&by_key(self.replica.clone().into_changes().writes), &stored);
    }

    async fn close(self) -> BTreeMap<String, usize> {
        self.engine.stop();
        let stored = self.store.rows();
        assert_same_rows(&auditor::replay(&self.journal), &stored);
        stored.iter().for_each(auditor::assert_row_survives_codec);
        self.tally
    }
}

/// A command that is always refused: it keeps the engine at the gate while the others queue up.
fn without_effect() -> Envelope {
    Envelope {
        actor: Actor::Operator,
        idempotency: None,
        command: Command::RevokeApiKey {
            digest: ApiKeyDigest([0; 32]),
        },
    }
}

/// The command that a timer must have given to get this entry.
fn timer_command(rows: &Snapshot, entry: &Entry) -> Envelope {
    let command = match entry.fact() {
        Fact::PaymentChanged { id, .. } => Command::ExpirePayment { id: *id },
        Fact::VoucherChanged { serial, .. } => {
            let voucher = rows.voucher(*serial).unwrap();
            Command::RunVoucherTimer {
                serial: *serial,
                product: voucher::product::ProductKey {
                    product: voucher.product,
                    country: voucher.country,
                    currency: voucher.currency,
                },
            }
        }
        fact => panic!("a timer made {fact:?}"),
    };
    Envelope {
        actor: Actor::Timer,
        idempotency: None,
        command,
    }
}

fn by_key(rows: Vec<Row>) -> BTreeMap<Key, Row> {
    rows.into_iter().map(|row| (row.key(), row)).collect()
}

fn assert_same_rows(replayed: &BTreeMap<Key, Row>, stored: &[Row]) {
    for row in stored {
        assert_eq!(replayed.get(&row.key()), Some(row));
    }
    assert_eq!(replayed.len(), stored.len());
}
