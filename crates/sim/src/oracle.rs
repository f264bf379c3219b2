//! What must be true: every entry when it is written, every answer when it is given, and everything at the end.
//!
//! The reference model carries each command out at the moment in which its entry is placed, in the order of the journal.
//! A refusal has no place in it: it must be what the model says of the rows that the node had loaded, at the time that
//! its clock told, perhaps behind some of the commands of the same batch.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use engine::command::Envelope;
use engine::core::{Outcome, Subject};
use engine::error::CommandError;
use engine::limits::CONFLICT_RETRIES_MAX;
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::object::{OrderId, PaymentId};
use ids::time::Timestamp;
use parking_lot::Mutex;
use payment::payment::Payment;
use store::fold::partial::keys_touched;
use store::fold::{self, Rows};
use store::port::CommitError;
use store::row::Key;
use store::snapshot::{JournalSeen, Snapshot};

use crate::model::reason::Reason;
use crate::model::{Model, Verdict};
use crate::schedule::Schedule;

mod ending;
mod timer;

/// Knows the journal, the model that follows it, and what clients were told.
#[derive(Default)]
pub struct Oracle(Mutex<Known>);

#[derive(Default)]
struct Known {
    model: Arc<Model>,
    /// Rows that follow from the journal alone.
    replica: Snapshot,
    journal: Vec<Arc<Entry>>,
    /// The thing that an entry was about, as it left it.
    left: BTreeMap<Sequence, Subject>,
    /// When each row was changed last.
    changed: BTreeMap<Key, Timestamp>,
    /// Every command that clients sent, by key and fingerprint.
    sent: BTreeMap<(IdempotencyKey, Fingerprint), Envelope>,
}

/// What one process decides on, as the storage saw it.
#[derive(Default)]
pub struct Desk(Mutex<Papers>);

#[derive(Default)]
struct Papers {
    /// The latest time that the worker has used.
    latest: Timestamp,
    attempts: VecDeque<Attempt>,
    /// Attempts since the process began.
    count: u64,
    /// Commits of the batch at hand that met a conflict.
    conflicts: u32,
    /// Batches that met so many conflicts that they were given up.
    raced: u64,
}

/// One decision of a batch.
struct Attempt {
    number: u64,
    /// Everything as it was when the rows were loaded.
    model: Arc<Model>,
    journal_latest: Timestamp,
    now: Option<Timestamp>,
    entries: Vec<Arc<Entry>>,
    standing: Standing,
}

/// How far an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Decided,
    Sent,
    Failed,
}

/// A call that waits for its answer: what its process had done when it began.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    attempts: u64,
    raced: u64,
}

/// Attempts that are remembered; a caller that stood still hears its answer a few attempts later.
const ATTEMPTS_MAX: usize = 16;

impl Desk {
    /// A command is handed to the process.
    pub fn call(&self) -> Call {
        let papers = self.0.lock();
        Call {
            attempts: papers.count,
            raced: papers.raced,
        }
    }

    /// The worker's rows were loaded; what it decides, it decides on these.
    pub fn loaded(&self, oracle: &Oracle, journal: JournalSeen) {
        let mut papers = self.0.lock();
        papers.settle();
        if ATTEMPTS_MAX <= papers.attempts.len() {
            papers.attempts.pop_front();
        }
        papers.count += 1;
        let number = papers.count;
        papers.attempts.push_back(Attempt {
            number,
            model: oracle.model(),
            journal_latest: journal.latest,
            now: None,
            entries: Vec::new(),
            standing: Standing::Decided,
        });
    }

    /// The worker has looked at its clock.
    pub fn clock_read(&self, now: Timestamp) {
        let mut papers = self.0.lock();
        let latest = papers.latest;
        if let Some(attempt) = papers.attempts.back_mut() {
            attempt.now = Some(now.max(latest).max(attempt.journal_latest));
        }
    }

    pub fn sent(&self, entries: &[Arc<Entry>]) {
        if let Some(attempt) = self.0.lock().attempts.back_mut() {
            attempt.entries = entries.to_vec();
            attempt.standing = Standing::Sent;
        }
    }

    pub fn answered(&self, placed: &Result<Sequence, CommitError>) {
        let mut papers = self.0.lock();
        papers.conflicts = match placed {
            Err(CommitError::Conflict) => papers.conflicts + 1,
            Ok(_) | Err(CommitError::Failure(_)) => 0,
        };
        if papers.conflicts == CONFLICT_RETRIES_MAX {
            papers.conflicts = 0;
            papers.raced += 1;
        }
        if let Some(attempt) = papers.attempts.back_mut() {
            attempt.standing = match placed {
                Ok(_) => Standing::Decided,
                Err(_) => Standing::Failed,
            };
        }
    }
}

impl Papers {
    /// The last attempt is over: the time that it used is the earliest for the next, if it went well.
    fn settle(&mut self) {
        let Some(last) = self.attempts.back() else {
            return;
        };
        if last.standing == Standing::Decided {
            self.latest = self.latest.max(last.now.unwrap_or_default());
            self.conflicts = 0;
        }
    }
}

impl Oracle {
    /// Everything as it is now.
    pub fn model(&self) -> Arc<Model> {
        Arc::clone(&self.0.lock().model)
    }

    /// A client is about to send this.
    pub fn note(&self, envelope: &Envelope) {
        if let Some(idempotency) = envelope.idempotency {
            let name = (idempotency.key, idempotency.fingerprint);
            self.0.lock().sent.insert(name, envelope.clone());
        }
    }

    /// Entries were placed: each must be what its command makes of everything before.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub fn committed(&self, entries: &[Arc<Entry>], schedule: &Schedule) {
        let mut known = self.0.lock();
        for entry in entries {
            schedule.tell(|| format!("{entry:?}"));
            schedule.note("entry", entry.sequence().0, entry.at().0 as u64);
            known.take(entry);
            if entry.idempotency().is_none() {
                schedule.note(timer::kind(entry), 0, entry.sequence().0);
            }
        }
    }

    /// The payment as the entry left it; none if the entry is not one of its own.
    pub fn payment_after(&self, id: PaymentId, entry: Sequence) -> Option<Arc<Payment>> {
        match self.0.lock().left.get(&entry)? {
            Subject::Payment(payment) if payment.id == id => Some(Arc::clone(payment)),
            Subject::Payment(_) | Subject::Order(_) | Subject::Voucher(_) | Subject::None => None,
        }
    }

    /// An answer was given by the process of this desk.
    ///
    /// # Panics
    ///
    /// If it is not true.
    pub fn answered(
        &self,
        desk: &Desk,
        call: Call,
        envelope: &Envelope,
        answer: &Result<Outcome, CommandError>,
    ) {
        let known = self.0.lock();
        match answer {
            Ok(Outcome::Applied { entry, subject, .. }) => {
                known.assert_applied(envelope, entry, subject)
            }
            Ok(Outcome::Replayed { entry }) => known.assert_replayed(envelope, *entry),
            Err(CommandError::Refused(refusal)) => {
                let reason = Reason::of(refusal);
                if reason == Reason::Raced {
                    let raced = desk.0.lock().raced;
                    assert!(call.raced < raced, "{envelope:?} met too few conflicts");
                } else {
                    known.assert_explained(desk, call, envelope, Verdict::Refused(reason));
                }
            }
            Err(CommandError::IdempotencyKeyReused) => {
                known.assert_explained(desk, call, envelope, Verdict::KeyReused);
            }
            Err(CommandError::Storage(_)) => {}
            Err(
                error @ (CommandError::Overloaded | CommandError::Fault | CommandError::Stopped),
            ) => {
                panic!("{envelope:?} was answered with {error}")
            }
        }
    }
}

impl Known {
    fn take(&mut self, entry: &Arc<Entry>) {
        let envelope = self.command_of(&self.model, entry);
        let verdict = Arc::make_mut(&mut self.model).step(&envelope, entry.at());
        let place = Sequence(self.journal.len() as u64 + 1);
        assert_eq!(entry.sequence(), place, "the journal has a gap");
        assert_eq!(
            verdict,
            Verdict::Applied(place),
            "{envelope:?} became {entry:?}"
        );
        assert_eq!(
            (entry.actor(), entry.idempotency()),
            (envelope.actor, envelope.idempotency)
        );
        for key in keys_touched(entry) {
            let before = self.changed.insert(key, entry.at());
            assert!(before <= Some(entry.at()), "time went back for {key:?}");
        }
        fold::apply(&mut self.replica, entry).expect("the journal replays");
        let subject = self.subject(entry);
        self.left.insert(place, subject);
        self.journal.push(Arc::clone(entry));
    }

    /// The command behind an entry: what its client sent, or what a timer or the watch must have asked for.
    fn command_of(&self, model: &Model, entry: &Entry) -> Envelope {
        match entry.idempotency() {
            Some(idempotency) => {
                let name = (idempotency.key, idempotency.fingerprint);
                let sent = self.sent.get(&name);
                sent.unwrap_or_else(|| panic!("nobody asked for {entry:?}"))
                    .clone()
            }
            None => {
                assert_eq!(entry.actor(), Actor::Timer, "nobody asked for {entry:?}");
                timer::command(model, entry)
            }
        }
    }

    /// What the answer to the entry's command must show.
    fn subject(&self, entry: &Entry) -> Subject {
        let rows = &self.replica;
        let found = match entry.fact() {
            Fact::MerchantSaved(_)
            | Fact::DistributorSaved(_)
            | Fact::ProductSaved(_)
            | Fact::ApiKeyIssued { .. }
            | Fact::ApiKeyRevoked { .. }
            | Fact::DocumentSaved { .. }
            | Fact::VouchersIssued { .. } => None,
            Fact::VoucherChanged { serial, .. } => {
                let voucher = rows.voucher(*serial);
                voucher.map(|voucher| Subject::Voucher(Box::new(voucher)))
            }
            Fact::OrderDelivered { order, .. } => self.order(order.id),
            Fact::OrderCancelled { order, .. } | Fact::OrderConfirmed { order } => {
                self.order(*order)
            }
            Fact::PaymentCreated { id, .. } | Fact::PaymentChanged { id, .. } => {
                let payment = rows.payment(*id);
                payment.map(|payment| Subject::Payment(Arc::clone(payment)))
            }
        };
        found.unwrap_or(Subject::None)
    }

    fn order(&self, id: OrderId) -> Option<Subject> {
        let order = self.replica.order(id)?.clone();
        Some(Subject::Order(Box::new(order)))
    }

    fn assert_applied(&self, envelope: &Envelope, entry: &Entry, subject: &Subject) {
        let sequence = entry.sequence();
        let written = sequence
            .0
            .checked_sub(1)
            .and_then(|place| self.journal.get(place as usize));
        let written =
            written.unwrap_or_else(|| panic!("{envelope:?} was acknowledged and is not written"));
        assert_eq!(written.as_ref(), entry, "another entry was acknowledged");
        assert_eq!(entry.idempotency(), envelope.idempotency);
        match (subject, &self.left[&sequence]) {
            (Subject::Payment(told), Subject::Payment(left)) => assert_eq!(told, left),
            (Subject::Order(told), Subject::Order(left)) => assert_eq!(told, left),
            (Subject::Voucher(told), Subject::Voucher(left)) => assert_eq!(told, left),
            (Subject::None, Subject::None) => {}
            (told, left) => panic!("{envelope:?} was answered with {told:?} instead of {left:?}"),
        }
    }

    fn assert_replayed(&self, envelope: &Envelope, entry: Sequence) {
        let written = entry
            .0
            .checked_sub(1)
            .and_then(|place| self.journal.get(place as usize));
        let idempotency = written.and_then(|written| written.idempotency());
        assert!(
            idempotency.is_some(),
            "{envelope:?} is not what {entry:?} says"
        );
        assert_eq!(
            idempotency, envelope.idempotency,
            "{envelope:?} is not what {entry:?} says"
        );
    }

    /// Some attempt must have had to say this.
    fn assert_explained(&self, desk: &Desk, call: Call, envelope: &Envelope, said: Verdict) {
        let papers = desk.0.lock();
        let mut heard = Vec::new();
        let since = papers.attempts.iter().rev();
        for attempt in since.take_while(|attempt| call.attempts < attempt.number) {
            for done in 0..=attempt.entries.len() {
                let Some(now) = attempt.now else { continue };
                let mut model = Model::clone(&attempt.model);
                for entry in &attempt.entries[..done] {
                    let earlier = self.command_of(&model, entry);
                    model.step(&earlier, entry.at());
                }
                let verdict = model.step(envelope, now);
                if verdict == said {
                    return;
                }
                heard.push((verdict, now, done));
            }
        }
        panic!("{envelope:?} was answered with {said:?}, where the model says {heard:?}");
    }
}
