//! `outbox.db`: messages to merchants and owners, and the attempts to deliver them.

pub(crate) mod moving;
mod rows;

use std::path::Path;

use ids::command::Sequence;
use ids::time::Timestamp;
use parking_lot::Mutex;
use rusqlite::Connection;
use store::failure::Failure;
use store::outbox::{
    Attempt, GivenUp, Message, MessageId, NewMessage, Outbox, Queue, Recipient, Resend, Step,
    Stepped, given_up,
};
use store::port::Answer;

use crate::database::{Kind, ReadError, corrupt};
use crate::directory;
use crate::journal::Journal;
use crate::number::{restored, sequence, stored};
use crate::outbox::rows::{add, attempt_of, channel_range, message_of, record, status_columns};
use crate::store::SqliteStore;

pub(crate) const OUTBOX: Kind = Kind {
    application_id: 0x5363_724f,
    format: 1,
    page_bytes: 4096,
    schema: "
        CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO meta VALUES ('cursor', 0);
        -- `merchant` is the number of the recipient, which may be the owner of a voucher.
        CREATE TABLE counters (
            merchant INTEGER, channel INTEGER, last INTEGER NOT NULL, PRIMARY KEY (merchant, channel)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY,
            merchant INTEGER NOT NULL,
            channel INTEGER NOT NULL,
            number INTEGER NOT NULL,
            event TEXT NOT NULL,
            url TEXT NOT NULL,
            body TEXT NOT NULL,
            entry INTEGER,
            created_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            status INTEGER NOT NULL,
            -- Set while the message is pending.
            next_attempt_at INTEGER
        ) STRICT;
        CREATE INDEX messages_due ON messages (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
        CREATE INDEX messages_by_merchant ON messages (merchant);
        CREATE TABLE attempts (
            message INTEGER NOT NULL,
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            duration_ms INTEGER NOT NULL,
            http_status INTEGER,
            reason TEXT,
            status INTEGER NOT NULL,
            next_attempt_at INTEGER,
            PRIMARY KEY (message, number)
        ) STRICT, WITHOUT ROWID;
    ",
};

/// The outbox has one connection: writes are small, and whoever reads waits for them.
#[derive(Debug)]
pub(crate) struct OutboxFile {
    connection: Mutex<Option<Connection>>,
    path: Box<Path>,
}

/// What an audit wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutboxFigures {
    pub messages: u64,
    /// Merchants and channels whose numbers are not 1, 2, 3, … each once.
    pub gaps: u64,
    pub cursor: Sequence,
}

/// How much of a write must reach the disk before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The journal can tell it again, or trying again does no harm.
    Later,
    /// A number that was given away outside the journal must never be given twice.
    Now,
}

impl OutboxFile {
    pub fn open(directory: &Path, journal: &Journal) -> Result<OutboxFile, Failure> {
        let path = directory::outbox(directory);
        if !path.exists() && journal.head() != Sequence(0) {
            // Starting over would send every message of the past once more, under the same numbers.
            return Err(corrupt(
                &path,
                "it is missing beside a journal with entries",
            ));
        }
        let connection = OUTBOX.open(&path)?;
        let outbox = OutboxFile {
            connection: Mutex::new(Some(connection)),
            path: path.into_boxed_path(),
        };
        outbox.write(Durability::Now, |tx| {
            let sql = "INSERT OR IGNORE INTO meta VALUES ('identity', ?1)";
            tx.execute(sql, [journal.identity()])?;
            let identity: [u8; 16] = tx.query_row(
                "SELECT value FROM meta WHERE name = 'identity'",
                [],
                |row| row.get(0),
            )?;
            if identity != journal.identity() {
                return Err(ReadError::Damaged("it belongs to another journal"));
            }
            if journal.head() < cursor(tx)? {
                return Err(ReadError::Damaged("it is ahead of the journal"));
            }
            Ok(())
        })?;
        Ok(outbox)
    }

    /// What an audit asks of the outbox.
    pub fn audit(&self) -> Result<OutboxFigures, Failure> {
        self.read(|connection| {
            let count = |sql: &str| -> rusqlite::Result<u64> {
                connection.query_row(sql, [], |row| row.get(0).map(restored))
            };
            Ok(OutboxFigures {
                messages: count("SELECT count(*) FROM messages")?,
                gaps: count(
                    "SELECT count(*) FROM (
                         SELECT 1 FROM messages GROUP BY merchant, channel
                         HAVING count(DISTINCT number) != max(number) OR count(*) != max(number)
                     )",
                )?,
                cursor: cursor(connection)?,
            })
        })
    }

    pub fn close(&self) {
        self.connection.lock().take();
    }

    pub fn read<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, Failure> {
        let connection = self.connection.lock();
        let connection = connection.as_ref().ok_or(Failure::Closed)?;
        ask(connection).map_err(|error| error.at(&self.path))
    }

    pub fn write<T>(
        &self,
        durability: Durability,
        write: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, Failure> {
        let mut connection = self.connection.lock();
        let connection = connection.as_mut().ok_or(Failure::Closed)?;
        let synchronous = match durability {
            Durability::Later => "NORMAL",
            Durability::Now => "FULL",
        };
        let run = |connection: &mut Connection| -> Result<T, ReadError> {
            connection.pragma_update(None, "synchronous", synchronous)?;
            let tx = connection.transaction()?;
            let answer = write(&tx)?;
            tx.commit()?;
            Ok(answer)
        };
        run(connection).map_err(|error| error.at(&self.path))
    }
}

pub(crate) fn cursor(connection: &Connection) -> Result<Sequence, ReadError> {
    let cursor =
        connection.query_row("SELECT value FROM meta WHERE name = 'cursor'", [], |row| {
            row.get(0).map(sequence)
        })?;
    Ok(cursor)
}

const COLUMNS: &str = "id, merchant, channel, number, event, url, body, entry, created_at, attempts, status, next_attempt_at";
const ATTEMPT_COLUMNS: &str =
    "message, at, duration_ms, http_status, reason, status, next_attempt_at, number";

impl OutboxFile {
    fn enqueue(&self, messages: &[NewMessage], step: Step) -> Result<Stepped, Failure> {
        self.write(Durability::Later, |tx| {
            if !step.leads_on_from(cursor(tx)?) {
                return Ok(Stepped::NotTaken);
            }
            for message in messages {
                add(tx, message)?;
            }
            let sql = "UPDATE meta SET value = ?1 WHERE name = 'cursor'";
            tx.prepare_cached(sql)?.execute([stored(step.to.0)])?;
            Ok(Stepped::Taken)
        })
    }

    fn due(&self, queue: Queue, now: Timestamp, count: usize) -> Result<Vec<Message>, Failure> {
        let (first, last) = channel_range(queue);
        self.read(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM messages
                 WHERE next_attempt_at <= ?1 AND channel BETWEEN ?2 AND ?3
                 ORDER BY next_attempt_at, id LIMIT ?4"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            messages(statement.query((now.0, first, last, limit(count)))?)
        })
    }

    fn messages(
        &self,
        recipient: Recipient,
        before: Option<MessageId>,
        count: usize,
    ) -> Result<Vec<Message>, Failure> {
        let before = before.map_or(i64::MAX, |id| stored(id.0));
        self.read(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM messages WHERE merchant = ?1 AND id < ?2
                 ORDER BY id DESC LIMIT ?3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            messages(statement.query((stored(recipient.number()), before, limit(count)))?)
        })
    }

    /// Serials are greater than every merchant's number, so that the index by recipient finds the letters.
    fn letters_given_up(
        &self,
        before: Option<MessageId>,
        count: usize,
    ) -> Result<Vec<GivenUp>, Failure> {
        let before = before.map_or(i64::MAX, |id| stored(id.0));
        self.read(|connection| {
            let chosen =
                "WHERE 1000000000000000 <= merchant AND channel = 2 AND status = 2 AND id < ?1
                 ORDER BY id DESC LIMIT ?2";
            let sql = format!("SELECT {COLUMNS} FROM messages {chosen}");
            let mut statement = connection.prepare_cached(&sql)?;
            let found = messages(statement.query((before, limit(count)))?)?;
            let sql = format!(
                "SELECT {ATTEMPT_COLUMNS} FROM attempts WHERE (message, number) IN
                     (SELECT id, attempts FROM messages {chosen})"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let last = attempts(statement.query((before, limit(count)))?)?;
            Ok(given_up(found, last))
        })
    }

    fn message(
        &self,
        recipient: Recipient,
        id: MessageId,
    ) -> Result<Option<(Message, Vec<Attempt>)>, Failure> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM messages WHERE id = ?1 AND merchant = ?2");
            let mut statement = connection.prepare_cached(&sql)?;
            let found = messages(statement.query((stored(id.0), stored(recipient.number())))?)?;
            let Some(message) = found.into_iter().next() else {
                return Ok(None);
            };
            let sql = format!(
                "SELECT {ATTEMPT_COLUMNS} FROM attempts WHERE message = ?1 ORDER BY number"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let attempts = attempts(statement.query([stored(id.0)])?)?;
            Ok(Some((message, attempts)))
        })
    }

    fn resend(
        &self,
        recipient: Recipient,
        id: MessageId,
        meant: Resend,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let (attempts, status) = meant.wanted();
        let status = status.map(status_columns);
        let (status, due_at) = (status.map(|it| it.0), status.and_then(|it| it.1));
        self.write(Durability::Later, |tx| {
            let sql = "UPDATE messages SET status = 0, next_attempt_at = ?3
                       WHERE id = ?1 AND merchant = ?2 AND (?4 IS NULL OR attempts = ?4)
                         AND (?5 IS NULL OR status = ?5) AND (?6 IS NULL OR next_attempt_at = ?6)";
            let (id, recipient) = (stored(id.0), stored(recipient.number()));
            let mut statement = tx.prepare_cached(sql)?;
            let found = statement.execute((id, recipient, now.0, attempts, status, due_at))?;
            Ok(found == 1)
        })
    }
}

fn messages(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Message>, ReadError> {
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        messages.push(message_of(row)?);
    }
    Ok(messages)
}

fn attempts(mut rows: rusqlite::Rows<'_>) -> Result<Vec<Attempt>, ReadError> {
    let mut attempts = Vec::new();
    while let Some(row) = rows.next()? {
        attempts.push(attempt_of(row)?);
    }
    Ok(attempts)
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Outbox for SqliteStore {
    fn cursor(&self) -> Answer<'_, Result<Sequence, Failure>> {
        Box::pin(async move { self.outbox.read(cursor) })
    }

    fn enqueue(
        &self,
        messages: Vec<NewMessage>,
        step: Step,
    ) -> Answer<'_, Result<Stepped, Failure>> {
        Box::pin(async move { self.outbox.enqueue(&messages, step) })
    }

    fn enqueue_now(&self, message: NewMessage) -> Answer<'_, Result<MessageId, Failure>> {
        Box::pin(async move { self.outbox.write(Durability::Now, |tx| add(tx, &message)) })
    }

    fn due(
        &self,
        queue: Queue,
        now: Timestamp,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>> {
        Box::pin(async move { self.outbox.due(queue, now, count) })
    }

    fn record(&self, attempts: Vec<Attempt>) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.outbox.write(Durability::Later, |tx| {
                attempts.iter().try_for_each(|attempt| record(tx, attempt))
            })
        })
    }

    fn messages(
        &self,
        recipient: Recipient,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<Message>, Failure>> {
        Box::pin(async move { self.outbox.messages(recipient, before, count) })
    }

    fn letters_given_up(
        &self,
        before: Option<MessageId>,
        count: usize,
    ) -> Answer<'_, Result<Vec<GivenUp>, Failure>> {
        Box::pin(async move { self.outbox.letters_given_up(before, count) })
    }

    fn message(
        &self,
        recipient: Recipient,
        id: MessageId,
    ) -> Answer<'_, Result<Option<(Message, Vec<Attempt>)>, Failure>> {
        Box::pin(async move { self.outbox.message(recipient, id) })
    }

    fn resend(
        &self,
        recipient: Recipient,
        id: MessageId,
        meant: Resend,
        now: Timestamp,
    ) -> Answer<'_, Result<bool, Failure>> {
        Box::pin(async move { self.outbox.resend(recipient, id, meant, now) })
    }
}
