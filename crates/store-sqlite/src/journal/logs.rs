//! The logs over this journal: the last head that each signed, and the checkpoint that it shows.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};
use store::log::{LogState, NamedLog, Published, Standing};
use tlog::hash::{TreeHash, TreeHead};

use crate::database::ReadError;
use crate::number::{restored, stored};

/// Made as the table of seeds is.
pub(crate) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS logs (
        origin TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        root BLOB NOT NULL,
        published_size INTEGER,
        checkpoint BLOB,
        -- 0 where the log goes on, 1 where this is a copy that others may have gone on from, 2 where it has stopped. Programs
        -- from before 2 take it for 1, and go on with neither.
        closed INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
";

pub(crate) fn state(connection: &Connection, origin: &str) -> Result<LogState, ReadError> {
    let logs = read(connection, "WHERE origin = ?1", Some(origin))?;
    let state = logs.into_iter().next().map(|log| log.state);
    Ok(state.unwrap_or(LogState::NEW))
}

/// Every log; none where a program from before there were logs works on this journal.
pub(crate) fn all(connection: &Connection) -> Result<Vec<NamedLog>, ReadError> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE name = 'logs'";
    let table: Option<i64> = connection.query_row(sql, [], |row| row.get(0)).optional()?;
    match table {
        None => Ok(Vec::new()),
        Some(_) => read(connection, "WHERE ?1 IS NULL ORDER BY origin", None),
    }
}

/// Answers whether the head was the one to be replaced.
pub(crate) fn replace_head(
    connection: &Connection,
    origin: &str,
    last: TreeHead,
    head: TreeHead,
) -> rusqlite::Result<bool> {
    let (size, root) = (stored(head.size), head.root.as_bytes());
    let changed = if last == TreeHead::of_nothing() {
        let sql = "INSERT INTO logs (origin, size, root) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET size = ?2, root = ?3 WHERE size = 0 AND closed = 0";
        connection.execute(sql, (origin, size, root))?
    } else {
        let sql = "UPDATE logs SET size = ?2, root = ?3
            WHERE origin = ?1 AND size = ?4 AND root = ?5 AND closed = 0";
        let last = (stored(last.size), last.root.as_bytes());
        connection.execute(sql, (origin, size, root, last.0, last.1))?
    };
    Ok(changed == 1)
}

/// Answers whether the head was the one that this is about, and the log may come to it.
pub(crate) fn note_standing(
    connection: &Connection,
    origin: &str,
    last: TreeHead,
    standing: Standing,
) -> rusqlite::Result<bool> {
    let (size, root) = (stored(last.size), last.root.as_bytes());
    let sql = if last == TreeHead::of_nothing() {
        "INSERT INTO logs (origin, size, root, closed) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET closed = ?4 WHERE size = ?2 AND root = ?3 AND (closed <> 1 OR ?4 = 1)"
    } else {
        "UPDATE logs SET closed = ?4 WHERE origin = ?1 AND size = ?2 AND root = ?3 AND (closed <> 1 OR ?4 = 1)"
    };
    let changed = connection.execute(sql, (origin, size, root, number_of(standing)))?;
    Ok(changed == 1)
}

pub(crate) fn publish(
    connection: &Connection,
    origin: &str,
    published: &Published,
) -> rusqlite::Result<()> {
    let sql = "UPDATE logs SET published_size = ?2, checkpoint = ?3
        WHERE origin = ?1 AND coalesce(published_size, 0) <= ?2 AND ?2 <= size";
    let row = (origin, stored(published.size), &*published.checkpoint);
    connection.execute(sql, row).map(drop)
}

/// Writes a log as it is elsewhere.
pub(crate) fn restore(connection: &Connection, log: &NamedLog) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO logs (origin, size, root, published_size, checkpoint, closed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let NamedLog { origin, state } = log;
    let published = state.published.as_ref();
    let row = (
        origin,
        stored(state.head.size),
        state.head.root.as_bytes(),
        published.map(|published| stored(published.size)),
        published.map(|published| &*published.checkpoint),
        number_of(state.standing),
    );
    connection.execute(sql, row).map(drop)
}

/// Ends every log of a copy: what the original has signed since is not known here.
pub(crate) fn close_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLE)?;
    connection
        .execute("UPDATE logs SET closed = 1", [])
        .map(drop)
}

fn number_of(standing: Standing) -> i64 {
    match standing {
        Standing::Open => 0,
        Standing::Closed => 1,
        Standing::Stopped => 2,
    }
}

fn read(
    connection: &Connection,
    condition: &str,
    origin: Option<&str>,
) -> Result<Vec<NamedLog>, ReadError> {
    let sql = format!(
        "SELECT origin, size, root, published_size, checkpoint, closed FROM logs {condition}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([origin])?;
    let mut logs = Vec::new();
    while let Some(row) = rows.next()? {
        let checkpoint: Option<Vec<u8>> = row.get(4)?;
        let published = row.get::<_, Option<i64>>(3)?.zip(checkpoint);
        let head = TreeHead {
            size: restored(row.get(1)?),
            root: TreeHash::new(row.get(2)?),
        };
        let state = LogState {
            head,
            published: published.map(|(size, checkpoint)| Published {
                size: restored(size),
                checkpoint: Arc::from(checkpoint),
            }),
            standing: match row.get(5)? {
                0_i64 => Standing::Open,
                2 => Standing::Stopped,
                _ => Standing::Closed,
            },
        };
        let origin = row.get(0)?;
        logs.push(NamedLog { origin, state });
    }
    Ok(logs)
}
