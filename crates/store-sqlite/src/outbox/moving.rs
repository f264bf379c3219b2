//! The outbox as a whole, for moves.

use ids::command::Sequence;
use rusqlite::Connection;
use store::moving::MessageSpan;
use store::outbox::{Delivery, Message, MessageId};

use crate::database::ReadError;
use crate::number::{restored, stored};
use crate::outbox::rows::{attempt_of, channel_number, put_attempt, status_columns};
use crate::outbox::{COLUMNS, limit, messages};

/// At most `count` messages after `after`, with their attempts.
pub(crate) fn deliveries(
    connection: &Connection,
    after: MessageId,
    count: usize,
) -> Result<Vec<Delivery>, ReadError> {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE ?1 < id ORDER BY id LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = messages(statement.query((stored(after.0), limit(count)))?)?;
    let Some(last) = found.last().map(|message| message.id) else {
        return Ok(Vec::new());
    };
    let mut statement = connection.prepare_cached(
        "SELECT message, at, duration_ms, http_status, reason, status, next_attempt_at, number
         FROM attempts WHERE ?1 < message AND message <= ?2 ORDER BY message, number",
    )?;
    let mut rows = statement.query((stored(after.0), stored(last.0)))?;
    let mut attempts = Vec::new();
    while let Some(row) = rows.next()? {
        attempts.push(attempt_of(row)?);
    }
    Ok(store::outbox::deliveries(found, attempts))
}

/// Makes the messages of the span exactly these.
pub(crate) fn restore(
    tx: &Connection,
    span: MessageSpan,
    deliveries: &[Delivery],
) -> Result<(), ReadError> {
    let (after, upto) = (stored(span.after.0), bound(span.upto));
    tx.prepare_cached("DELETE FROM attempts WHERE ?1 < message AND message <= ?2")?
        .execute((after, upto))?;
    tx.prepare_cached("DELETE FROM messages WHERE ?1 < id AND id <= ?2")?
        .execute((after, upto))?;
    for (message, attempts) in deliveries {
        put_message(tx, message)?;
        for attempt in attempts {
            put_attempt(tx, attempt)?;
        }
    }
    Ok(())
}

/// Numbers go on behind the greatest that there are; ids do so by themselves.
pub(crate) fn settle(tx: &Connection, cursor: Sequence) -> Result<(), ReadError> {
    tx.execute("DELETE FROM counters", [])?;
    tx.execute(
        "INSERT INTO counters SELECT merchant, channel, max(number) FROM messages GROUP BY merchant, channel",
        [],
    )?;
    let sql = "UPDATE meta SET value = ?1 WHERE name = 'cursor'";
    tx.execute(sql, [stored(cursor.0)])?;
    Ok(())
}

pub(crate) fn last_message(connection: &Connection) -> Result<MessageId, ReadError> {
    let sql = "SELECT coalesce(max(id), 0) FROM messages";
    Ok(connection.query_row(sql, [], |row| row.get(0).map(restored).map(MessageId))?)
}

/// The end of a span may be the greatest number that there is.
fn bound(id: MessageId) -> i64 {
    i64::try_from(id.0).unwrap_or(i64::MAX)
}

fn put_message(tx: &Connection, message: &Message) -> Result<(), ReadError> {
    let (status, next_attempt_at) = status_columns(message.status);
    let content = &message.content;
    let sql = format!(
        "INSERT INTO messages ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
    );
    tx.prepare_cached(&sql)?.execute((
        stored(message.id.0),
        stored(content.recipient.number()),
        channel_number(content.channel),
        stored(message.number),
        &content.event,
        &content.url,
        &content.body,
        content.entry.map(|entry| stored(entry.0)),
        content.created_at.0,
        message.attempts,
        status,
        next_attempt_at,
    ))?;
    Ok(())
}
