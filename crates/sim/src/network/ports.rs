//! The ports of a node, each call on its way to the storage and back.

use std::sync::Arc;
use std::time::Duration;

use accounting::entry::Entry;
use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::Serial;
use ledger::balances::Balances;
use payment::payment::Payment;
use store::failure::Failure;
use store::lease::{FencingToken, Held, Holder, LeaseName, Leases, Renewal};
use store::outbox::{
    Attempt, Delivery, GivenUp, Message, MessageId, NewMessage, Outbox, Queue, Recipient, Resend,
    Step, Stepped,
};
use store::port::{Answer, Batch, CommitError, Due, Store};
use store::query::{MovementQuery, Page, PaymentQuery, ReversalQuery};
use store::row::Key;
use store::shift::Shift;
use store::snapshot::Snapshot;

use crate::network::{Link, Network, no_answer};

impl Store for Link {
    fn load<'a>(&'a self, keys: &'a [Key]) -> Answer<'a, Result<Snapshot, Failure>> {
        let is_decision = self.is_deciding();
        let question = async move {
            let rows = self.network.store.load(keys).await?;
            if is_decision {
                self.desk.loaded(&self.network.oracle, rows.journal());
            }
            Ok(rows)
        };
        Box::pin(self.ask("load", question))
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Result<Shift, CommitError>> {
        Box::pin(async move {
            let Some(assumed) = batch.assumed_head() else {
                return Ok(Shift::NONE);
            };
            self.desk.sent(&batch.entries);
            let placed = self.place(batch).await;
            self.desk.answered(&placed);
            Shift::between(assumed, placed?).ok_or(CommitError::Conflict)
        })
    }

    fn head(&self) -> Answer<'_, Result<Sequence, Failure>> {
        Box::pin(self.ask("head", self.network.store.head()))
    }

    fn entries_after(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>> {
        Box::pin(self.ask("entries", self.network.store.entries_after(after, count)))
    }

    fn entries_at<'a>(
        &'a self,
        sequences: &'a [Sequence],
    ) -> Answer<'a, Result<Vec<Entry>, Failure>> {
        Box::pin(self.ask("entries at", self.network.store.entries_at(sequences)))
    }

    fn due(&self, now: Timestamp, count: usize) -> Answer<'_, Result<Vec<Due>, Failure>> {
        let store = self.network.store.as_ref();
        Box::pin(self.ask("due", Store::due(store, now, count)))
    }

    fn payments<'a>(
        &'a self,
        query: &'a PaymentQuery,
    ) -> Answer<'a, Result<Page<Arc<Payment>>, Failure>> {
        Box::pin(self.ask("payments", self.network.store.payments(query)))
    }

    /// The list trails the journal now and then.
    fn voucher_entries(&self, serial: Serial) -> Answer<'_, Result<Vec<Sequence>, Failure>> {
        let question = async move {
            let mut entries = self.network.store.voucher_entries(serial).await?;
            if self.network.schedule.happens(self.network.weather().late) {
                entries.pop();
            }
            Ok(entries)
        };
        Box::pin(self.ask("voucher's entries", question))
    }

    fn movements<'a>(
        &'a self,
        query: &'a MovementQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        Box::pin(self.ask("movements", self.network.store.movements(query)))
    }

    fn reversals<'a>(
        &'a self,
        query: &'a ReversalQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        Box::pin(self.ask("reversals", self.network.store.reversals(query)))
    }

    fn balances(&self) -> Answer<'_, Result<Balances, Failure>> {
        Box::pin(self.ask("balances", self.network.store.balances()))
    }
}

impl Outbox for Link {
    fn cursor(&self) -> Answer<'_, Result<Sequence, Failure>> {
        Box::pin(self.ask("cursor", self.network.store.cursor()))
    }

    fn enqueue(
        &self,
        messages: Vec<NewMessage>,
        step: Step,
    ) -> Answer<'_, Result<Stepped, Failure>> {
        Box::pin(self.write("messages", move |network| {
            let messages = messages.clone();
            Box::pin(async move { network.store.enqueue(messages, step).await })
        }))
    }

    fn enqueue_now(&self, message: NewMessage) -> Answer<'_, Result<MessageId, Failure>> {
        Box::pin(self.write("message", move |network| {
            let message = message.clone();
            Box::pin(async move { network.store.enqueue_now(message).await })
        }))
    }

    fn due(
        &self,
        queue: Queue,
        now: Timestamp,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>> {
        let store = self.network.store.as_ref();
        Box::pin(self.ask("messages due", Outbox::due(store, queue, now, count)))
    }

    fn record(&self, attempts: Vec<Attempt>) -> Answer<'_, Result<(), Failure>> {
        Box::pin(self.write("attempts", move |network| {
            let attempts = attempts.clone();
            Box::pin(async move { network.store.record(attempts).await })
        }))
    }

    fn messages(
        &self,
        recipient: Recipient,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>> {
        let question = self.network.store.messages(recipient, before, count);
        Box::pin(self.ask("messages of", question))
    }

    fn letters_given_up(
        &self,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<GivenUp>, Failure>> {
        let question = self.network.store.letters_given_up(before, count);
        Box::pin(self.ask("letters given up", question))
    }

    fn message(
        &self,
        recipient: Recipient,
        id: MessageId,
    ) -> Answer<'_, Result<Option<Delivery>, Failure>> {
        Box::pin(self.ask("message of", self.network.store.message(recipient, id)))
    }

    fn resend(
        &self,
        recipient: Recipient,
        id: MessageId,
        meant: Resend,
        now: Timestamp,
    ) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(self.write("resend", move |network| {
            Box::pin(async move { network.store.resend(recipient, id, meant, now).await })
        }))
    }
}

impl Leases for Link {
    fn acquire(
        &self,
        name: LeaseName,
        holder: Holder,
        span: Duration,
    ) -> Answer<'_, Result<Option<FencingToken>, Failure>> {
        Box::pin(self.write("acquire", move |network| {
            Box::pin(async move {
                let token = network.store.acquire(name, holder, span).await?;
                if token.is_some() {
                    network.note_holder(name, holder);
                }
                Ok(token)
            })
        }))
    }

    fn renew(&self, held: Held, span: Duration) -> Answer<'_, Result<Renewal, Failure>> {
        Box::pin(self.write("renew", move |network| {
            Box::pin(async move { network.store.renew(held, span).await })
        }))
    }

    fn release(&self, held: Held) -> Answer<'_, Result<(), Failure>> {
        Box::pin(self.write("release", move |network| {
            Box::pin(async move { network.store.release(held).await })
        }))
    }
}

impl Link {
    /// A request that writes and is not looked up when its answer is lost.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        write: impl Fn(Arc<Network>) -> Answer<'static, Result<T, Failure>> + Send + Sync + 'static,
    ) -> Result<T, Failure> {
        let answer = self.send(what, write).await;
        answer.unwrap_or_else(|| Err(no_answer()))
    }
}
