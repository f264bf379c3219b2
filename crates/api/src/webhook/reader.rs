//! Follows the journal and writes the messages of its entries into the outbox.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Entry;
use accounting::fact::Fact;
use engine::history;
use engine::service::payer::told::Voice;
use ids::command::Sequence;
use ids::object::PaymentId;
use mail::owners::Owners;
use payment::payment::Payment;
use payment::state::Change;
use store::failure::Failure;
use store::outbox::{NewMessage, Outbox, Step, Stepped};
use store::port::Store;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::webhook::event::{self, EventKind};
use crate::webhook::message::{self, Origin};
use crate::webhook::notification;
use crate::webhook::reader::memory::{Endpoints, RecentPayments};

mod memory;

/// Entries in one step at most.
const ENTRY_COUNT_MAX: usize = 1_000;
/// How long the cursor may stand behind what was read while nothing else is to be read: whoever watches the platform
/// sees the cursor alone.
const UNWRITTEN_MAX: Duration = Duration::from_secs(10);
/// Entries without a message that are read before the cursor is written all the same.
const UNWRITTEN_COUNT_MAX: u64 = 10_000;
/// The pause after a failure of the store.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);

/// The reader and what it remembers of the journal so far. What it forgets it reads again.
pub struct Reader {
    store: Arc<dyn Store>,
    outbox: Arc<dyn Outbox>,
    /// Who says what owners of vouchers are told; none where vouchers have no addresses.
    owners: Option<Owners>,
    position: Option<Position>,
    endpoints: Endpoints,
    payments: RecentPayments,
    voice: Voice,
    /// What rules say to merchants of the entries that are being read.
    notices: HashMap<Sequence, Vec<String>>,
}

/// How far the reader is.
#[derive(Clone, Copy, Debug)]
struct Position {
    read: Sequence,
    /// The cursor as the outbox has it. Entries between the two have no message.
    written: Sequence,
    written_at: Instant,
}

impl Reader {
    pub fn new(store: Arc<dyn Store>, outbox: Arc<dyn Outbox>, owners: Option<Owners>) -> Reader {
        Reader {
            store,
            outbox,
            owners,
            position: None,
            endpoints: Endpoints::default(),
            payments: RecentPayments::default(),
            voice: Voice::default(),
            notices: HashMap::new(),
        }
    }

    /// Reads until the token is cancelled; looks again after `poll` when there was nothing new.
    pub async fn run(mut self, poll: Duration, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let pause = match self.step().await {
                Ok(ENTRY_COUNT_MAX..) => continue,
                Ok(_) => poll,
                Err(failure) => {
                    let source = std::error::Error::source(&failure);
                    tracing::warn!(%failure, ?source, "messages to merchants are not written");
                    self = Reader::new(self.store, self.outbox, self.owners);
                    FAILURE_PAUSE
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        if let Err(failure) = self.write_position().await {
            tracing::warn!(%failure, "the journal will be read again from the last message");
        }
    }

    /// Reads what is new, up to a bound, and answers how many entries that was.
    ///
    /// After a failure the reader's memory may be ahead of the outbox: start again with a new one.
    pub async fn step(&mut self) -> Result<usize, Failure> {
        let position = match self.position {
            Some(position) => position,
            None => {
                let cursor = self.outbox.cursor().await?;
                Position {
                    read: cursor,
                    written: cursor,
                    written_at: Instant::now(),
                }
            }
        };
        self.position = Some(position);
        if self.store.head().await? <= position.read {
            if UNWRITTEN_MAX <= position.written_at.elapsed() {
                self.write_position().await?;
            }
            return Ok(0);
        }
        let entries = self
            .store
            .entries_after(position.read, ENTRY_COUNT_MAX)
            .await?;
        let Some(last) = entries.last().map(|entry| entry.sequence()) else {
            return Ok(0);
        };
        let mut messages = Vec::new();
        // A merchant's terms hold from the entry after the one that saved them.
        for part in entries.split_inclusive(|entry| saves_merchant(entry)) {
            self.recall(part).await?;
            for entry in part {
                self.read(entry, &mut messages);
            }
        }
        if let Some(owners) = &self.owners {
            messages.extend(owners.messages(&entries).await?);
        }
        self.write(messages, last, position, &entries).await?;
        Ok(entries.len())
    }

    async fn write(
        &mut self,
        messages: Vec<NewMessage>,
        read: Sequence,
        position: Position,
        entries: &[Arc<Entry>],
    ) -> Result<(), Failure> {
        // Terms that were read are never read again as the terms of earlier entries: hence the second condition.
        let must_write = !messages.is_empty()
            || entries.iter().any(|entry| saves_merchant(entry))
            || UNWRITTEN_COUNT_MAX <= read.0 - position.written.0;
        if must_write {
            return self.write_to(read, messages, position).await;
        }
        self.position = Some(Position { read, ..position });
        Ok(())
    }

    /// Writes the cursor, and the messages of the entries up to it.
    async fn write_to(
        &mut self,
        read: Sequence,
        messages: Vec<NewMessage>,
        position: Position,
    ) -> Result<(), Failure> {
        let step = Step {
            from: position.written,
            to: read,
        };
        if self.outbox.enqueue(messages, step).await? == Stepped::NotTaken {
            self.begin_again();
            return Ok(());
        }
        self.position = Some(Position {
            read,
            written: read,
            written_at: Instant::now(),
        });
        Ok(())
    }

    async fn write_position(&mut self) -> Result<(), Failure> {
        match self.position {
            Some(position) if position.written < position.read => {
                self.write_to(position.read, Vec::new(), position).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Forgets everything: another node has read on, and what this one remembers may be of another past.
    fn begin_again(&mut self) {
        tracing::info!("another node reads the journal for messages");
        let (store, outbox) = (Arc::clone(&self.store), Arc::clone(&self.outbox));
        *self = Reader::new(store, outbox, self.owners.clone());
    }

    /// Fetches what the messages of these entries need and the reader does not remember.
    async fn recall(&mut self, entries: &[Arc<Entry>]) -> Result<(), Failure> {
        let Some(first) = entries.first().map(|entry| entry.sequence()) else {
            return Ok(());
        };
        let store = self.store.as_ref();
        let merchants = entries
            .iter()
            .filter_map(|entry| history::payment_of(entry))
            .map(|id| id.mid.merchant);
        self.endpoints.recall(store, merchants).await?;
        self.notices.clear();
        for entry in entries {
            let merchant = history::payment_of(entry).map(|id| id.mid.merchant);
            let is_heard = merchant.is_some_and(|merchant| self.endpoints.url(merchant).is_some());
            if let Some(judgement) = history::judgement_of(entry).filter(|_| is_heard) {
                let reasons = self.voice.merchant_reasons(store, judgement).await?;
                if !reasons.is_empty() {
                    self.notices.insert(entry.sequence(), reasons);
                }
            }
        }
        let mut needed: HashSet<PaymentId> = entries
            .iter()
            .filter_map(|entry| self.payment_needed_by(entry))
            .collect();
        for created in entries.iter().filter_map(|entry| payment_created_by(entry)) {
            needed.remove(&created);
        }
        self.payments.recall(store, needed, first).await
    }

    /// The payment whose state the messages of this entry tell; none if there is no message.
    fn payment_needed_by(&self, entry: &Entry) -> Option<PaymentId> {
        let Fact::PaymentChanged { id, change, .. } = entry.fact() else {
            return None;
        };
        let is_told = event::is_told(change) && self.endpoints.url(id.mid.merchant).is_some();
        let is_told = is_told || self.notices.contains_key(&entry.sequence());
        let is_notified = change.authorizes() && self.endpoints.notifies(id.mid.merchant);
        (is_told || is_notified).then_some(*id)
    }

    /// Adds the messages of one entry and keeps in mind what follows from it.
    fn read(&mut self, entry: &Entry, messages: &mut Vec<NewMessage>) {
        match entry.fact() {
            Fact::MerchantSaved(merchant) => self.endpoints.save(merchant),
            Fact::PaymentCreated {
                id,
                request,
                due_at,
            } => {
                let (at, sequence) = (entry.at(), entry.sequence());
                let payment = Payment::create(*id, Arc::clone(request), *due_at, at, sequence);
                if let Some(url) = self.endpoints.url(id.mid.merchant) {
                    let event = event::unmoved(EventKind::Created);
                    let origin = origin(entry, url);
                    messages.push(message::payment_message(event, &payment, origin));
                }
                if self.endpoints.tells(id.mid.merchant) {
                    self.payments.keep(payment);
                }
            }
            Fact::PaymentChanged { id, change, .. } => {
                self.read_change(*id, change, entry, messages)
            }
            Fact::DistributorSaved(_)
            | Fact::ProductSaved(_)
            | Fact::ApiKeyIssued { .. }
            | Fact::ApiKeyRevoked { .. }
            | Fact::DocumentSaved { .. }
            | Fact::VouchersIssued { .. }
            | Fact::VoucherChanged { .. }
            | Fact::OrderDelivered { .. }
            | Fact::OrderCancelled { .. }
            | Fact::OrderConfirmed { .. } => {}
        }
    }

    fn read_change(
        &mut self,
        id: PaymentId,
        change: &Change,
        entry: &Entry,
        messages: &mut Vec<NewMessage>,
    ) {
        // What no message needs is not fetched; what is remembered must follow the journal in any case.
        let Some(before) = self.payments.take(id) else {
            if self.payment_needed_by(entry).is_some() {
                tracing::error!(payment.id = %id, "the journal lacks a payment; no merchant is told");
            }
            return;
        };
        let held_before = before.held();
        let after = match before.apply(change, entry.at(), entry.sequence()) {
            Ok(after) => after,
            Err(error) => {
                tracing::error!(payment.id = %id, %error, "an entry does not fit its payment; no merchant is told");
                return;
            }
        };
        if let Some(url) = self.endpoints.url(id.mid.merchant) {
            let events = event::events(change, held_before, &after);
            let tell = |event| message::payment_message(event, &after, origin(entry, url));
            messages.extend(events.into_iter().map(tell));
            if let Some(reasons) = self.notices.get(&entry.sequence()) {
                messages.push(message::risk_notice(&after, reasons, origin(entry, url)));
            }
        }
        if change.authorizes() && self.endpoints.notifies(id.mid.merchant) {
            messages.extend(notification::notification(&after, entry));
        }
        self.payments.keep(after);
    }
}

fn origin<'a>(entry: &Entry, url: &'a str) -> Origin<'a> {
    Origin {
        entry: entry.sequence(),
        at: entry.at(),
        url,
    }
}

fn payment_created_by(entry: &Entry) -> Option<PaymentId> {
    let Fact::PaymentCreated { id, .. } = entry.fact() else {
        return None;
    };
    Some(*id)
}

fn saves_merchant(entry: &Entry) -> bool {
    matches!(entry.fact(), Fact::MerchantSaved(_))
}
