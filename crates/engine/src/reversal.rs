//! What hangs is found and put right, without a person: a reader of the journal that issues ordinary commands.
//!
//! It keeps no state of its own on the disk. A start reads the journal again, as far back as anything can still be
//! pending, and what it finds settled already is refused: an entry is made once, however often it is looked for.
//! What falls due by its row alone (payments, vouchers) is the business of [`crate::timers`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use accounting::entry::{Actor, Entry};
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::object::{PaymentId, RefundId};
use ids::time::{Span, Timestamp};
use payment::refund::RefundStatus;
use payment::state::Change;
use store::failure::Failure;
use store::fold::Rows;
use store::port::Store;
use store::row::Key;
use voucher::order::Confirmation;

use crate::command::{Command, Envelope};
use crate::core::Engine;
use crate::erasing::Eraser;
use crate::error::{CommandError, Refusal};
use crate::history;
use crate::log::failure::LogError;
use crate::reversal::awaited::{Awaited, Pending};
use crate::reversal::duplicates::{Recent, Suspect};
use crate::reversal::inspection::Inspection;

mod awaited;
mod duplicates;
mod inspection;

/// How often the watch looks.
pub const TICK: Duration = Duration::from_millis(250);
/// Entries in one look at most.
const ENTRY_COUNT_MAX: usize = 1_000;
/// How far back a start reads: longer than anything stays pending, and by an hour for what a crash left undone.
const HORIZON: Span = Span::HOUR.times(25);
/// A start reads at least so many entries, lest a series of crashes long after the last work hides that work.
const HORIZON_ENTRIES: u64 = 100_000;

/// The reader, and what it remembers of the journal.
pub struct Watch {
    engine: Arc<Engine>,
    read: Option<Sequence>,
    recent: Recent,
    suspects: VecDeque<Suspect>,
    awaited: Awaited,
    inspection: Inspection,
    /// None where nobody is erased.
    eraser: Option<Eraser>,
    /// Payments whose payers entries asked to erase.
    erased: VecDeque<PaymentId>,
}

impl Watch {
    pub fn new(engine: Arc<Engine>) -> Watch {
        Watch {
            eraser: None,
            erased: VecDeque::new(),
            engine,
            read: None,
            recent: Recent::default(),
            suspects: VecDeque::new(),
            awaited: Awaited::default(),
            inspection: Inspection::default(),
        }
    }

    /// The same, going on with the erasing of payers that was not finished.
    pub fn erasing(self, eraser: Eraser) -> Watch {
        Watch {
            eraser: Some(eraser),
            ..self
        }
    }

    /// Watches until the engine stops.
    pub async fn run(mut self) {
        loop {
            match self.step().await {
                Ok(ENTRY_COUNT_MAX..) => continue,
                Ok(_) => {}
                Err(CommandError::Stopped) => return,
                Err(error) => {
                    tracing::warn!(%error, source = ?std::error::Error::source(&error), "what hangs could not be looked for")
                }
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// Reads what is new, up to a bound, and puts right what is found; answers how many entries were read.
    ///
    /// A failure forgets nothing: the next step goes on where this one stopped.
    pub async fn step(&mut self) -> Result<usize, CommandError> {
        let count = self.read_on().await?;
        while let Some(suspect) = self.suspects.front() {
            duplicates::resolve(&self.engine, suspect).await?;
            self.suspects.pop_front();
        }
        let now = self.engine.clock().now();
        while let Some(pending) = self.awaited.due(now) {
            match execute(&self.engine, pending.command()).await {
                // The clock went back between the look and the decision.
                Err(CommandError::Refused(refusal)) if refusal.is_not_due() => break,
                ended => ended?,
            };
            self.awaited.pop();
        }
        self.go_on_erasing().await?;
        self.inspection.look(&self.engine).await?;
        Ok(count)
    }

    async fn go_on_erasing(&mut self) -> Result<(), Failure> {
        while let (Some(eraser), Some(id)) = (&self.eraser, self.erased.front()) {
            match eraser.resume(*id).await {
                Ok(()) => {}
                Err(LogError::Failure(failure)) => return Err(failure),
                // It would go as badly each time, and must not keep the watch from everything else.
                Err(LogError::Stopped(cause)) => {
                    tracing::error!(payment.id = %id, error = %cause, "the payer is not erased from the journal");
                }
            }
            self.erased.pop_front();
        }
        Ok(())
    }

    async fn read_on(&mut self) -> Result<usize, CommandError> {
        let store = Arc::clone(self.engine.store());
        let read = match self.read {
            Some(read) => read,
            None => start_of(store.as_ref()).await?,
        };
        self.read = Some(read);
        if self.awaited.is_full() {
            return Ok(0);
        }
        let entries = store.entries_after(read, ENTRY_COUNT_MAX).await?;
        // What can fail comes first: the same entries are read again then, and nothing is noted twice.
        let authorized: Vec<PaymentId> = entries
            .iter()
            .filter_map(|entry| authorization(entry))
            .collect();
        let suspects = self.recent.note(store.as_ref(), &authorized).await?;
        self.suspects.extend(suspects);
        let resumed = pending_of_resumed(store.as_ref(), &entries).await?;
        entries.iter().for_each(|entry| self.awaited.note(entry));
        self.awaited.extend(resumed);
        let erased = entries.iter().filter_map(|entry| erasure(entry));
        self.erased.extend(erased);
        if let Some(last) = entries.last() {
            self.read = Some(last.sequence());
        }
        Ok(entries.len())
    }
}

/// Carries a correction out. Answers whether it was made now: somebody may have been faster, which ends the matter.
/// Too many conflicts end nothing, for then nothing was decided: that is a failure, and the next look tries again. What is
/// not due is no end either.
///
/// A rule that is at fault must not keep the watch from everything else, so that ends the matter too; the log tells.
async fn execute(engine: &Engine, command: Command) -> Result<bool, CommandError> {
    match attempt(engine, command).await {
        Ok(()) => Ok(true),
        Err(error @ CommandError::Refused(Refusal::ChangedMeanwhile)) => Err(error),
        Err(CommandError::Refused(refusal)) if refusal.is_not_due() => {
            Err(CommandError::Refused(refusal))
        }
        Err(CommandError::Refused(refusal)) => {
            tracing::debug!(%refusal, "there was nothing to put right");
            Ok(false)
        }
        Err(CommandError::Fault) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn attempt(engine: &Engine, command: Command) -> Result<(), CommandError> {
    let envelope = Envelope {
        actor: Actor::Timer,
        idempotency: None,
        command,
    };
    engine.execute(envelope).await.map(|_| ())
}

/// The refunds that wait in payments that were let go. What fell due while its payment was stopped was refused and
/// forgotten, perhaps by a watch before this one.
async fn pending_of_resumed(
    store: &dyn Store,
    entries: &[Arc<Entry>],
) -> Result<Vec<(Timestamp, Pending)>, Failure> {
    let is_resumed =
        |entry: &&Arc<Entry>| matches!(history::change_of(entry), Some(Change::Resume { .. }));
    let resumed = entries.iter().filter(is_resumed);
    let ids: Vec<PaymentId> = resumed
        .filter_map(|entry| history::payment_of(entry))
        .collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<Key> = ids.iter().copied().map(Key::Payment).collect();
    let rows = store.load(&keys).await?;
    let payments = ids.iter().filter_map(|id| rows.payment(*id));
    Ok(payments
        .flat_map(|payment| payment.refunds.iter().map(|refund| (payment.id, refund)))
        .filter(|(_, refund)| refund.status == RefundStatus::ValidationSuccessful)
        .map(|(payment, refund)| Pending::of_refund(payment, refund.id, refund.created_at))
        .collect())
}

/// The payment that an entry authorises.
fn authorization(entry: &Entry) -> Option<PaymentId> {
    let change = history::change_of(entry)?;
    change
        .authorizes()
        .then(|| history::payment_of(entry))
        .flatten()
}

/// The payment whose payer an entry asks to erase.
fn erasure(entry: &Entry) -> Option<PaymentId> {
    matches!(history::change_of(entry)?, Change::ErasePayer)
        .then(|| history::payment_of(entry))
        .flatten()
}

/// Behind which entry a start begins to read.
async fn start_of(store: &dyn Store) -> Result<Sequence, Failure> {
    let head = store.head().await?;
    let last = store.entries_at(&[head]).await?;
    let Some(last) = last.first() else {
        return Ok(Sequence(0));
    };
    let by_time = last_before(store, last.at().minus(HORIZON), head).await?;
    Ok(by_time.min(Sequence(head.0.saturating_sub(HORIZON_ENTRIES))))
}

/// The last entry that was made before `at`; 0 where there is none. Entries never go back in time.
pub(crate) async fn last_before(
    store: &dyn Store,
    at: Timestamp,
    head: Sequence,
) -> Result<Sequence, Failure> {
    let (mut low, mut high) = (0, head.0);
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        let found = store.entries_at(&[Sequence(middle)]).await?;
        if found.first().is_some_and(|entry| entry.at() < at) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    Ok(Sequence(low))
}

impl Pending {
    fn command(self) -> Command {
        match self {
            Pending::Order(order) => Command::LapseOrder { order },
            Pending::Refund { payment, id } => Command::LapseRefund { payment, id },
        }
    }

    /// What the entry leaves pending, and until when.
    fn of(entry: &Entry) -> Option<(Timestamp, Pending)> {
        match entry.fact() {
            Fact::OrderDelivered { order, .. } => match order.confirmation {
                Confirmation::Awaited { until } => Some((until, Pending::Order(order.id))),
                Confirmation::NotNeeded | Confirmation::Confirmed { .. } => None,
            },
            Fact::PaymentChanged {
                id: payment,
                change: Change::ValidateRefund { id, .. },
                ..
            } => Some(Pending::of_refund(*payment, *id, entry.at())),
            _ => None,
        }
    }

    /// A refund that was checked at `at`.
    fn of_refund(payment: PaymentId, id: RefundId, at: Timestamp) -> (Timestamp, Pending) {
        let lifetime = payment::decide::REFUND_VALIDATION_LIFETIME;
        (at.plus(lifetime), Pending::Refund { payment, id })
    }
}
