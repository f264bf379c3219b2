//! Batches: whatever waits is loaded, decided and committed together.

use std::sync::Arc;
use std::time::Instant;

use accounting::entry::{Circumstances, Entry};
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::time::Timestamp;
use leaves::secret::Secret;
use store::failure::Failure;
use store::fold::Rows;
use store::port::{Batch, CommitError, Store};
use store::row::Key;
use store::shift::Shift;
use store::snapshot::{Changes, Snapshot};
use tokio::sync::mpsc;
use vault::vault::Vault;

use crate::clock::Clock;
use crate::command::Envelope;
use crate::core::{Committed, Job, Outcome, Subject, SubjectId};
use crate::decide::decide;
use crate::error::{CommandError, Refusal};
use crate::figures::{BatchOutcome, CommandOutcome, Figures};
use crate::judge::Judge;
use crate::limits::{BATCH_SIZE_MAX, CONFLICT_RETRIES_MAX};
use crate::log::seeds;

/// What a worker works with.
pub(super) struct Ports {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    /// Draws and seals the seeds of leaves.
    pub vault: Arc<Vault>,
    pub judge: Arc<dyn Judge>,
}

/// Carries out what is in the queue: one batch after the other.
pub struct Worker {
    ports: Ports,
    jobs: mpsc::Receiver<Job>,
    figures: Arc<Figures>,
    /// The last entry of the journal that was seen; unknown until it has been read, and again after a conflict.
    head: Option<Sequence>,
    /// No entry is dated before what was seen of the journal, whatever the machine's clock does.
    latest: Timestamp,
}

/// A batch that is decided but not written.
struct Decided {
    verdicts: Vec<Verdict>,
    batch: Batch,
}

/// What a decision says about one job, true once the batch is durable.
enum Verdict {
    /// What was committed with it is known once the batch is written.
    Applied {
        entry: Arc<Entry>,
        subject: Subject,
        committed: Option<Arc<Committed>>,
    },
    Replayed {
        entry: Sequence,
    },
    Failed(CommandError),
}

impl Worker {
    pub(super) fn new(ports: Ports, jobs: mpsc::Receiver<Job>, figures: Arc<Figures>) -> Worker {
        Worker {
            ports,
            jobs,
            figures,
            head: None,
            latest: Timestamp(0),
        }
    }

    /// Works until no sender is left. `gather` is the moment for which a batch that is not alone waits for others.
    pub async fn work(mut self, gather: impl AsyncFn()) {
        let mut jobs = Vec::with_capacity(BATCH_SIZE_MAX);
        while 0 < self.jobs.recv_many(&mut jobs, BATCH_SIZE_MAX).await {
            self.grow(&mut jobs, &gather).await;
            let envelopes: Vec<&Envelope> = jobs.iter().map(|job| &job.envelope).collect();
            self.figures.under_way.begin();
            let verdicts = self.carry_out(&envelopes).await;
            self.figures.under_way.end();
            let outcomes = envelopes.iter().zip(&verdicts);
            self.figures.commands.add_all(
                outcomes.map(|(envelope, verdict)| (envelope.command.name(), verdict.outcome())),
            );
            for (job, verdict) in jobs.drain(..).zip(verdicts) {
                // Whoever asked may have gone; the command stands all the same.
                let _ = job.reply.send(verdict.into_answer());
            }
        }
    }

    /// Lets a batch that is not alone grow for a moment: a sync costs the same for one command as for many.
    async fn grow(&mut self, jobs: &mut Vec<Job>, gather: &impl AsyncFn()) {
        if jobs.len() == 1 || BATCH_SIZE_MAX <= jobs.len() {
            return;
        }
        gather().await;
        while jobs.len() < BATCH_SIZE_MAX
            && let Ok(job) = self.jobs.try_recv()
        {
            jobs.push(job);
        }
    }

    async fn carry_out(&mut self, envelopes: &[&Envelope]) -> Vec<Verdict> {
        for _ in 0..CONFLICT_RETRIES_MAX {
            match self.attempt(envelopes).await {
                Ok(verdicts) => {
                    self.figures.batches.add(BatchOutcome::Done);
                    return verdicts;
                }
                Err(CommitError::Conflict) => {
                    self.figures.batches.add(BatchOutcome::Conflict);
                    self.head = None;
                }
                Err(CommitError::Failure(failure)) => {
                    self.figures.batches.add(BatchOutcome::Failed);
                    self.head = None;
                    tracing::error!(error = %failure, source = ?std::error::Error::source(&failure), "a batch was not written");
                    return all_failed(envelopes, &CommandError::from(failure));
                }
            }
        }
        all_failed(envelopes, &CommandError::Refused(Refusal::ChangedMeanwhile))
    }

    async fn attempt(&mut self, envelopes: &[&Envelope]) -> Result<Vec<Verdict>, CommitError> {
        let head = match self.head {
            Some(head) => head,
            None => self.read_head().await?,
        };
        let mut keys: Vec<Key> = Vec::with_capacity(envelopes.len() * 4);
        envelopes
            .iter()
            .for_each(|envelope| envelope.keys(&mut keys));
        let asked = Instant::now();
        let snapshot = self.ports.store.load(&keys).await?;
        self.figures.load_times.note(asked.elapsed());
        // Other nodes may have gone on since; every row that was loaded is within what the snapshot tells.
        let journal = snapshot.journal();
        let head = head.max(journal.head);
        let now = self.ports.clock.now();
        let now = now.max(self.latest).max(journal.latest);
        let Decided {
            mut verdicts,
            mut batch,
        } = decide_all(envelopes, snapshot, self.ports.judge.as_ref(), head, now);
        let mut written = Sequence(head.0 + batch.entries.len() as u64);
        if !batch.entries.is_empty() {
            let vault = &self.ports.vault;
            let drawn = seeds::draw(vault, batch.entries.len());
            let secrets: Vec<Secret> = drawn.into_iter().map(Secret::Seed).collect();
            batch.seeds = Some(seeds::seal(vault, &secrets));
            let begun = Instant::now();
            let shift = self.ports.store.commit(batch).await?;
            self.figures.commit_times.note(begun.elapsed());
            written = shift.sequence(written);
            verdicts
                .iter_mut()
                .for_each(|verdict| verdict.follow(&shift));
            let committed = Arc::new(Committed::new(entries_of(&verdicts), secrets));
            share(&mut verdicts, &committed);
        }
        self.head = Some(written);
        self.latest = now;
        Ok(verdicts)
    }

    /// The journal's last entry, whose time is the earliest for the next.
    async fn read_head(&mut self) -> Result<Sequence, Failure> {
        let store = &self.ports.store;
        let head = store.head().await?;
        let last = store.entries_at(&[head]).await?;
        self.latest = last
            .iter()
            .fold(self.latest, |latest, entry| latest.max(entry.at()));
        Ok(head)
    }
}

fn decide_all(
    envelopes: &[&Envelope],
    mut snapshot: Snapshot,
    judge: &dyn Judge,
    head: Sequence,
    now: Timestamp,
) -> Decided {
    let mut entries = Vec::with_capacity(envelopes.len());
    let mut verdicts = Vec::with_capacity(envelopes.len());
    let mut last = head;
    for envelope in envelopes {
        let verdict = decide_one(envelope, &mut snapshot, judge, last.next(), now);
        if let Verdict::Applied { entry, .. } = &verdict {
            last = entry.sequence();
            entries.push(Arc::clone(entry));
        }
        verdicts.push(verdict);
    }
    let Changes {
        writes,
        preconditions,
    } = snapshot.into_changes();
    Decided {
        verdicts,
        batch: Batch {
            entries,
            writes,
            preconditions,
            // They are drawn once it is known that there are entries.
            seeds: None,
        },
    }
}

fn decide_one(
    envelope: &Envelope,
    snapshot: &mut Snapshot,
    judge: &dyn Judge,
    sequence: Sequence,
    now: Timestamp,
) -> Verdict {
    if let Some(idempotency) = envelope.idempotency
        && let Some(command) = snapshot.command(idempotency.key)
    {
        return if command.fingerprint == idempotency.fingerprint {
            Verdict::Replayed {
                entry: command.entry,
            }
        } else {
            Verdict::Failed(CommandError::IdempotencyKeyReused)
        };
    }
    let fact = match decide(snapshot, &envelope.command, judge, now) {
        Ok(fact) => fact,
        Err(refusal) => return Verdict::Failed(CommandError::Refused(refusal)),
    };
    let circumstances = Circumstances {
        sequence,
        at: now,
        actor: envelope.actor,
        idempotency: envelope.idempotency,
    };
    let entry = Entry::new(circumstances, fact);
    if let Err(error) = snapshot.try_apply(&entry) {
        tracing::error!(%error, source = ?std::error::Error::source(&error), "a decision does not fit its rows");
        return Verdict::Failed(CommandError::Fault);
    }
    let subject = subject(snapshot, subject_id(entry.fact()));
    Verdict::Applied {
        entry: Arc::new(entry),
        subject,
        committed: None,
    }
}

fn subject_id(fact: &Fact) -> SubjectId {
    match fact {
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VouchersIssued { .. } => SubjectId::None,
        Fact::VoucherChanged { serial, .. } => SubjectId::Voucher(*serial),
        Fact::OrderDelivered { order, .. } => SubjectId::Order(order.id),
        Fact::OrderCancelled { order, .. } | Fact::OrderConfirmed { order } => {
            SubjectId::Order(*order)
        }
        Fact::PaymentCreated { id, .. } | Fact::PaymentChanged { id, .. } => {
            SubjectId::Payment(*id)
        }
    }
}

fn subject(snapshot: &Snapshot, id: SubjectId) -> Subject {
    let found = match id {
        SubjectId::None => None,
        SubjectId::Payment(id) => snapshot
            .payment(id)
            .map(|payment| Subject::Payment(Arc::clone(payment))),
        SubjectId::Order(id) => snapshot
            .order(id)
            .map(|order| Subject::Order(Box::new(order.clone()))),
        SubjectId::Voucher(serial) => snapshot
            .voucher(serial)
            .map(|voucher| Subject::Voucher(Box::new(voucher))),
    };
    found.unwrap_or(Subject::None)
}

/// The entries of what was applied, in the numbers under which they were written.
fn entries_of(verdicts: &[Verdict]) -> Vec<Arc<Entry>> {
    let entries = verdicts.iter().filter_map(|verdict| match verdict {
        Verdict::Applied { entry, .. } => Some(Arc::clone(entry)),
        Verdict::Replayed { .. } | Verdict::Failed(_) => None,
    });
    entries.collect()
}

fn share(verdicts: &mut [Verdict], all: &Arc<Committed>) {
    for verdict in verdicts {
        if let Verdict::Applied { committed, .. } = verdict {
            *committed = Some(Arc::clone(all));
        }
    }
}

fn all_failed(envelopes: &[&Envelope], error: &CommandError) -> Vec<Verdict> {
    envelopes
        .iter()
        .map(|_| Verdict::Failed(error.clone()))
        .collect()
}

impl Verdict {
    /// Says what was decided in the numbers under which it was written.
    fn follow(&mut self, shift: &Shift) {
        if shift.is_none() {
            return;
        }
        match self {
            Verdict::Applied { entry, subject, .. } => {
                *entry = Arc::new(shift.entry(entry));
                match subject {
                    Subject::None => {}
                    Subject::Payment(payment) => shift.payment(Arc::make_mut(payment)),
                    Subject::Order(order) => order.version = shift.sequence(order.version),
                    Subject::Voucher(voucher) => voucher.version = shift.sequence(voucher.version),
                }
            }
            Verdict::Replayed { entry } => *entry = shift.sequence(*entry),
            Verdict::Failed(_) => {}
        }
    }

    fn outcome(&self) -> CommandOutcome {
        match self {
            Verdict::Applied { .. } => CommandOutcome::Applied,
            Verdict::Replayed { .. } => CommandOutcome::Replayed,
            Verdict::Failed(error) => CommandOutcome::of_error(error),
        }
    }

    fn into_answer(self) -> Result<Outcome, CommandError> {
        match self {
            Verdict::Applied {
                entry,
                subject,
                committed,
            } => Ok(Outcome::Applied {
                entry,
                subject,
                committed: committed.expect("the batch is written"),
            }),
            Verdict::Replayed { entry } => Ok(Outcome::Replayed { entry }),
            Verdict::Failed(error) => Err(error),
        }
    }
}
