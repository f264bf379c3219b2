//! Messages and attempts as rows, there and back.

use ids::time::Timestamp;
use rusqlite::{Connection, Row};
use store::outbox::{
    Attempt, Channel, Message, MessageId, MessageStatus, NewMessage, Outcome, Queue, Recipient,
};

use crate::database::ReadError;
use crate::number::{restored, sequence, stored};

/// Numbers the message and adds it, due at once.
pub(crate) fn add(tx: &Connection, message: &NewMessage) -> Result<MessageId, ReadError> {
    let channel = channel_number(message.channel);
    let recipient = stored(message.recipient.number());
    let number: i64 = tx
        .prepare_cached(
            "INSERT INTO counters VALUES (?1, ?2, 1)
             ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last",
        )?
        .query_row((recipient, channel), |row| row.get(0))?;
    tx.prepare_cached(
        "INSERT INTO messages (merchant, channel, number, event, url, body, entry, created_at,
             attempts, status, next_attempt_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, ?8)",
    )?
    .execute((
        recipient,
        channel,
        number,
        &message.event,
        &message.url,
        &message.body,
        message.entry.map(|entry| stored(entry.0)),
        message.created_at.0,
    ))?;
    Ok(MessageId(restored(tx.last_insert_rowid())))
}

/// Adds the attempt and lets its message follow, unless its number is not the next one.
pub(crate) fn record(tx: &Connection, attempt: &Attempt) -> Result<(), ReadError> {
    let (status, next_attempt_at) = status_columns(attempt.status);
    let message = stored(attempt.message.0);
    let known = tx
        .prepare_cached(
            "UPDATE messages SET attempts = ?4, status = ?2, next_attempt_at = ?3
             WHERE id = ?1 AND attempts = ?4 - 1",
        )?
        .execute((message, status, next_attempt_at, attempt.number))?;
    if known == 0 {
        return Ok(());
    }
    put_attempt(tx, attempt)
}

/// Adds the attempt alone.
pub(crate) fn put_attempt(tx: &Connection, attempt: &Attempt) -> Result<(), ReadError> {
    let (status, next_attempt_at) = status_columns(attempt.status);
    let (http_status, reason) = outcome_columns(&attempt.outcome);
    tx.prepare_cached("INSERT INTO attempts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute((
            stored(attempt.message.0),
            attempt.number,
            attempt.at.0,
            attempt.duration_ms,
            http_status,
            reason,
            status,
            next_attempt_at,
        ))?;
    Ok(())
}

/// The columns are those of `COLUMNS`.
pub(crate) fn message_of(row: &Row<'_>) -> Result<Message, ReadError> {
    let content = NewMessage {
        recipient: Recipient::of_number(restored(row.get(1)?)).ok_or(ReadError::Damaged(
            "the recipient of a message is out of range",
        ))?,
        channel: channel_of(row.get(2)?)?,
        event: row.get(4)?,
        url: row.get(5)?,
        body: row.get(6)?,
        entry: row.get::<_, Option<i64>>(7)?.map(sequence),
        created_at: Timestamp(row.get(8)?),
    };
    Ok(Message {
        id: MessageId(restored(row.get(0)?)),
        number: restored(row.get(3)?),
        content,
        attempts: row.get(9)?,
        status: status_of(row.get(10)?, row.get(11)?)?,
    })
}

pub(crate) fn attempt_of(row: &Row<'_>) -> Result<Attempt, ReadError> {
    let outcome = match (row.get(3)?, row.get(4)?) {
        (Some(http_status), None) => Outcome::Answered(http_status),
        (None, Some(reason)) => Outcome::Unreachable(reason),
        (Some(_), Some(_)) | (None, None) => {
            return Err(ReadError::Damaged("an attempt has no clear outcome"));
        }
    };
    Ok(Attempt {
        message: MessageId(restored(row.get(0)?)),
        number: row.get(7)?,
        at: Timestamp(row.get(1)?),
        duration_ms: row.get(2)?,
        outcome,
        status: status_of(row.get(5)?, row.get(6)?)?,
    })
}

pub(crate) fn outcome_columns(outcome: &Outcome) -> (Option<u16>, Option<&str>) {
    match outcome {
        Outcome::Answered(http_status) => (Some(*http_status), None),
        Outcome::Unreachable(reason) => (None, Some(reason)),
    }
}

pub(crate) fn status_columns(status: MessageStatus) -> (i64, Option<i64>) {
    match status {
        MessageStatus::Pending { next_attempt_at } => (0, Some(next_attempt_at.0)),
        MessageStatus::Delivered => (1, None),
        MessageStatus::GaveUp => (2, None),
    }
}

fn status_of(status: i64, next_attempt_at: Option<i64>) -> Result<MessageStatus, ReadError> {
    match (status, next_attempt_at) {
        (0, Some(next_attempt_at)) => Ok(MessageStatus::Pending {
            next_attempt_at: Timestamp(next_attempt_at),
        }),
        (1, None) => Ok(MessageStatus::Delivered),
        (2, None) => Ok(MessageStatus::GaveUp),
        _ => Err(ReadError::Damaged("a message has no clear status")),
    }
}

pub(crate) fn channel_number(channel: Channel) -> i64 {
    i64::from(channel.number())
}

/// The numbers of a queue's channels, the first and the last.
pub(crate) fn channel_range(queue: Queue) -> (i64, i64) {
    let (first, last) = queue.channel_numbers();
    (i64::from(first), i64::from(last))
}

fn channel_of(number: i64) -> Result<Channel, ReadError> {
    let channel = u8::try_from(number).ok().and_then(Channel::of_number);
    channel.ok_or(ReadError::Damaged("a message has an unknown channel"))
}
