//! The outbox in memory. No fault reaches it.

use ids::command::Sequence;
use ids::time::Timestamp;
use store::failure::Failure;
use store::moving::{Extent, MessageSpan};
use store::outbox::{
    Attempt, Channel, Delivery, GivenUp, Message, MessageId, MessageStatus, NewMessage, Outbox,
    Queue, Recipient, Resend, Step, Stepped,
};
use store::port::Answer;

use crate::memory::MemoryStore;

/// Messages in the order of their ids, and every attempt to deliver one.
#[derive(Default)]
pub(super) struct Messages {
    all: Vec<Message>,
    attempts: Vec<Attempt>,
    cursor: Sequence,
}

impl Messages {
    pub(super) fn extent(&self, head: Sequence) -> Extent {
        Extent {
            head,
            cursor: self.cursor,
            last_message: self
                .all
                .last()
                .map(|message| message.id)
                .unwrap_or_default(),
        }
    }

    /// The messages behind `after` with their attempts.
    pub(super) fn deliveries(&self, after: MessageId, count: usize) -> Vec<Delivery> {
        let found = self.all.iter().filter(|message| after < message.id);
        let of = |id| {
            self.attempts
                .iter()
                .filter(move |attempt| attempt.message == id)
        };
        found
            .take(count)
            .map(|message| (message.clone(), of(message.id).cloned().collect()))
            .collect()
    }

    pub(super) fn restore(&mut self, span: MessageSpan, deliveries: &[Delivery]) {
        let inside = |id: MessageId| span.after < id && id <= span.upto;
        self.all.retain(|message| !inside(message.id));
        self.attempts.retain(|attempt| !inside(attempt.message));
        for (message, attempts) in deliveries {
            self.all.push(message.clone());
            self.attempts.extend(attempts.iter().cloned());
        }
        self.all.sort_by_key(|message| message.id);
    }

    pub(super) fn settle(&mut self, cursor: Sequence) {
        self.cursor = cursor;
    }

    fn add(&mut self, content: NewMessage) -> MessageId {
        let id = MessageId(self.all.len() as u64 + 1);
        let earlier = self.all.iter().filter(|message| {
            (message.content.recipient, message.content.channel)
                == (content.recipient, content.channel)
        });
        self.all.push(Message {
            id,
            number: earlier.count() as u64 + 1,
            status: MessageStatus::Pending {
                next_attempt_at: content.created_at,
            },
            attempts: 0,
            content,
        });
        id
    }

    fn find(&mut self, id: MessageId) -> Option<&mut Message> {
        self.all.iter_mut().find(|message| message.id == id)
    }

    fn due(&self, queue: Queue, now: Timestamp) -> Vec<Message> {
        let mut due: Vec<(Timestamp, &Message)> = self
            .all
            .iter()
            .filter_map(|message| match message.status {
                MessageStatus::Pending { next_attempt_at } => Some((next_attempt_at, message)),
                MessageStatus::Delivered | MessageStatus::GaveUp => None,
            })
            .filter(|(at, message)| *at <= now && message.content.channel.queue() == queue)
            .collect();
        due.sort_by_key(|(at, message)| (*at, message.id));
        due.into_iter()
            .map(|(_, message)| message.clone())
            .collect()
    }

    fn record(&mut self, attempt: Attempt) {
        if let Some(message) = self.find(attempt.message)
            && message.attempts + 1 == attempt.number
        {
            message.attempts = attempt.number;
            message.status = attempt.status;
            self.attempts.push(attempt);
        }
    }
}

impl Outbox for MemoryStore {
    fn cursor(&self) -> Answer<'_, Result<Sequence, Failure>> {
        Box::pin(async move { Ok(self.messages.lock().cursor) })
    }

    fn enqueue(
        &self,
        messages: Vec<NewMessage>,
        step: Step,
    ) -> Answer<'_, Result<Stepped, Failure>> {
        Box::pin(async move {
            let mut outbox = self.messages.lock();
            if !step.leads_on_from(outbox.cursor) {
                return Ok(Stepped::NotTaken);
            }
            outbox.cursor = step.to;
            for message in messages {
                outbox.add(message);
            }
            Ok(Stepped::Taken)
        })
    }

    fn enqueue_now(&self, message: NewMessage) -> Answer<'_, Result<MessageId, Failure>> {
        Box::pin(async move { Ok(self.messages.lock().add(message)) })
    }

    fn due(
        &self,
        queue: Queue,
        now: Timestamp,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>> {
        Box::pin(async move {
            let mut due = self.messages.lock().due(queue, now);
            due.truncate(count);
            Ok(due)
        })
    }

    fn record(&self, attempts: Vec<Attempt>) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            let mut outbox = self.messages.lock();
            attempts
                .into_iter()
                .for_each(|attempt| outbox.record(attempt));
            Ok(())
        })
    }

    fn messages(
        &self,
        recipient: Recipient,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>> {
        Box::pin(async move {
            let outbox = self.messages.lock();
            let newest_first = outbox.all.iter().rev();
            let found = newest_first
                .filter(|message| message.content.recipient == recipient)
                .filter(|message| before.is_none_or(|before| message.id < before))
                .take(count);
            Ok(found.cloned().collect())
        })
    }

    fn letters_given_up(
        &self,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<GivenUp>, Failure>> {
        Box::pin(async move {
            let outbox = self.messages.lock();
            let newest_first = outbox.all.iter().rev();
            let found = newest_first
                .filter(|message| message.content.channel == Channel::Mail)
                .filter(|message| message.status == MessageStatus::GaveUp)
                .filter(|message| before.is_none_or(|before| message.id < before))
                .take(count);
            let last_attempt = |message: &Message| {
                let attempts = outbox.attempts.iter();
                let of_message = attempts.filter(|attempt| attempt.message == message.id);
                of_message.max_by_key(|attempt| attempt.number).cloned()
            };
            Ok(found
                .map(|message| (message.clone(), last_attempt(message)))
                .collect())
        })
    }

    fn message(
        &self,
        recipient: Recipient,
        id: MessageId,
    ) -> Answer<'_, Result<Option<Delivery>, Failure>> {
        Box::pin(async move {
            let mut outbox = self.messages.lock();
            let found = outbox.find(id).cloned();
            let attempts = outbox.attempts.iter();
            let attempts = attempts.filter(|attempt| attempt.message == id);
            let attempts: Vec<Attempt> = attempts.cloned().collect();
            Ok(found
                .filter(|message| message.content.recipient == recipient)
                .map(|message| (message, attempts)))
        })
    }

    fn resend(
        &self,
        recipient: Recipient,
        id: MessageId,
        meant: Resend,
        now: Timestamp,
    ) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(async move {
            let mut outbox = self.messages.lock();
            let (attempts, status) = meant.wanted();
            let is_meant = |message: &&mut Message| {
                message.content.recipient == recipient
                    && attempts.is_none_or(|attempts| message.attempts == attempts)
                    && status.is_none_or(|status| message.status == status)
            };
            let Some(message) = outbox.find(id).filter(is_meant) else {
                return Ok(false);
            };
            message.status = MessageStatus::Pending {
                next_attempt_at: now,
            };
            Ok(true)
        })
    }
}
