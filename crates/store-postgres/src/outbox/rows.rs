//! Messages and attempts as columns, there and back.

use ids::time::Timestamp;
use store::outbox::{
    Attempt, Channel, Message, MessageId, MessageStatus, NewMessage, Outcome, Queue, Recipient,
    Step,
};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::failure::Problem;
use crate::row::{restored, sequence, stored};

/// New messages as the arrays that the function in the database takes.
#[derive(Debug, Default)]
pub(crate) struct Added {
    from: Option<i64>,
    to: Option<i64>,
    recipients: Vec<i64>,
    channels: Vec<i16>,
    events: Vec<String>,
    urls: Vec<String>,
    bodies: Vec<String>,
    entries: Vec<Option<i64>>,
    times: Vec<i64>,
}

impl Added {
    pub fn of(messages: Vec<NewMessage>, step: Option<Step>) -> Added {
        let mut added = Added {
            from: step.map(|step| stored(step.from.0)),
            to: step.map(|step| stored(step.to.0)),
            ..Added::default()
        };
        for message in messages {
            added.recipients.push(stored(message.recipient.number()));
            added.channels.push(channel_number(message.channel));
            added.events.push(message.event);
            added.urls.push(message.url);
            added.bodies.push(message.body);
            added
                .entries
                .push(message.entry.map(|entry| stored(entry.0)));
            added.times.push(message.created_at.0);
        }
        added
    }

    pub fn parameters(&self) -> [&(dyn ToSql + Sync); 9] {
        [
            &self.from,
            &self.to,
            &self.recipients,
            &self.channels,
            &self.events,
            &self.urls,
            &self.bodies,
            &self.entries,
            &self.times,
        ]
    }
}

pub(crate) fn message_of(row: &Row) -> Result<Message, Problem> {
    let recipient = Recipient::of_number(restored(row.try_get(1)?));
    let content = NewMessage {
        recipient: recipient.ok_or_else(|| Problem::damaged("a message has no recipient"))?,
        channel: channel_of(row.try_get(2)?)?,
        event: row.try_get(4)?,
        url: row.try_get(5)?,
        body: row.try_get(6)?,
        entry: row.try_get::<_, Option<i64>>(7)?.map(sequence),
        created_at: Timestamp(row.try_get(8)?),
    };
    let attempts: i32 = row.try_get(9)?;
    Ok(Message {
        id: MessageId(restored(row.try_get(0)?)),
        number: restored(row.try_get(3)?),
        content,
        attempts: attempts.unsigned_abs(),
        status: status_of(row.try_get(10)?, row.try_get(11)?)?,
    })
}

pub(crate) fn attempt_of(row: &Row) -> Result<Attempt, Problem> {
    let unclear = || Problem::damaged("an attempt has no clear outcome");
    let duration: i64 = row.try_get(2)?;
    let http_status: Option<i32> = row.try_get(3)?;
    let outcome = match (http_status, row.try_get(4)?) {
        (Some(status), None) => Outcome::Answered(u16::try_from(status).map_err(|_| unclear())?),
        (None, Some(reason)) => Outcome::Unreachable(reason),
        (Some(_), Some(_)) | (None, None) => return Err(unclear()),
    };
    Ok(Attempt {
        message: MessageId(restored(row.try_get(0)?)),
        number: row.try_get::<_, i32>(7)?.unsigned_abs(),
        at: Timestamp(row.try_get(1)?),
        duration_ms: u32::try_from(duration).map_err(|_| unclear())?,
        outcome,
        status: status_of(row.try_get(5)?, row.try_get(6)?)?,
    })
}

pub(crate) fn outcome_columns(outcome: &Outcome) -> (Option<i32>, Option<&str>) {
    match outcome {
        Outcome::Answered(status) => (Some((*status).into()), None),
        Outcome::Unreachable(reason) => (None, Some(reason)),
    }
}

pub(crate) fn status_columns(status: MessageStatus) -> (i16, Option<i64>) {
    match status {
        MessageStatus::Pending { next_attempt_at } => (0, Some(next_attempt_at.0)),
        MessageStatus::Delivered => (1, None),
        MessageStatus::GaveUp => (2, None),
    }
}

fn status_of(status: i16, next_attempt_at: Option<i64>) -> Result<MessageStatus, Problem> {
    match (status, next_attempt_at) {
        (0, Some(next_attempt_at)) => Ok(MessageStatus::Pending {
            next_attempt_at: Timestamp(next_attempt_at),
        }),
        (1, None) => Ok(MessageStatus::Delivered),
        (2, None) => Ok(MessageStatus::GaveUp),
        _ => Err(Problem::damaged("a message has no clear status")),
    }
}

pub(crate) fn channel_number(channel: Channel) -> i16 {
    i16::from(channel.number())
}

/// The numbers of a queue's channels, the first and the last.
pub(crate) fn channel_range(queue: Queue) -> (i16, i16) {
    let (first, last) = queue.channel_numbers();
    (i16::from(first), i16::from(last))
}

fn channel_of(number: i16) -> Result<Channel, Problem> {
    let channel = u8::try_from(number).ok().and_then(Channel::of_number);
    channel.ok_or(Problem::damaged("a message has an unknown channel"))
}
