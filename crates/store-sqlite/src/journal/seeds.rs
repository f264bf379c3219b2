//! Seeds of leaves, one row for those of a commit.

use std::sync::Arc;

use ids::command::Sequence;
use rusqlite::{Connection, OptionalExtension, Row};
use store::seeds::SeedRun;

use crate::database::ReadError;
use crate::number::{sequence, stored};

/// Made in every journal that is opened for writing: those of older programs have no such table, and older programs
/// leave it alone.
pub(crate) const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS seeds (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;
";

/// Adds a run; the caller knows that none of its entries has a seed.
pub(crate) fn insert(connection: &Connection, run: &SeedRun) -> rusqlite::Result<()> {
    let sql = "INSERT INTO seeds (first, count, sealed) VALUES (?1, ?2, ?3)";
    let row = (stored(run.first.0), run.count, &*run.sealed);
    connection.prepare_cached(sql)?.execute(row).map(drop)
}

pub(crate) fn insert_or_replace(connection: &Connection, run: &SeedRun) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO seeds (first, count, sealed) VALUES (?1, ?2, ?3)";
    let row = (stored(run.first.0), run.count, &*run.sealed);
    connection.prepare_cached(sql)?.execute(row).map(drop)
}

/// Whether any entry of the run has a seed. Runs do not overlap, so the last that begins early enough is the only one to
/// look at.
pub(crate) fn overlaps(connection: &Connection, run: &SeedRun) -> rusqlite::Result<bool> {
    let sql = "SELECT first + count - 1 FROM seeds WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
    let last: Option<i64> = connection
        .prepare_cached(sql)?
        .query_row([stored(run.last().0)], |row| row.get(0))
        .optional()?;
    Ok(last.is_some_and(|last| stored(run.first.0) <= last))
}

/// Replaces the seeds of a run that is stored as `before`; answers whether it was.
pub(crate) fn replace(
    connection: &Connection,
    before: &SeedRun,
    after: &[u8],
) -> rusqlite::Result<bool> {
    let sql = "UPDATE seeds SET sealed = ?1 WHERE first = ?2 AND count = ?3 AND sealed = ?4";
    let row = (after, stored(before.first.0), before.count, &*before.sealed);
    let replaced = connection.prepare_cached(sql)?.execute(row)?;
    Ok(replaced == 1)
}

/// The runs with any entry behind `after` and up to `upto`.
pub(crate) fn between(
    connection: &Connection,
    after: Sequence,
    upto: Sequence,
) -> Result<Vec<SeedRun>, ReadError> {
    read(
        connection,
        "SELECT first, count, sealed FROM seeds
         WHERE coalesce((SELECT max(first) FROM seeds WHERE first <= ?1 + 1), 0) <= first AND first <= ?2
             AND ?1 < first + count - 1 AND ?1 < ?2
         ORDER BY first",
        (stored(after.0), stored(upto.0)),
    )
}

/// At most `count` runs that begin behind `after`.
pub(crate) fn page(
    connection: &Connection,
    after: Sequence,
    count: usize,
) -> Result<Vec<SeedRun>, ReadError> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'seeds'";
    let tables: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    if tables == 0 {
        // A program from before there were seeds works on this journal.
        return Ok(Vec::new());
    }
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    read(
        connection,
        "SELECT first, count, sealed FROM seeds WHERE ?1 < first ORDER BY first LIMIT ?2",
        (stored(after.0), limit),
    )
}

fn read(
    connection: &Connection,
    sql: &str,
    parameters: (i64, i64),
) -> Result<Vec<SeedRun>, ReadError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        runs.push(run_of(row)?);
    }
    Ok(runs)
}

fn run_of(row: &Row<'_>) -> Result<SeedRun, ReadError> {
    let sealed: Vec<u8> = row.get(2)?;
    let run = SeedRun {
        first: sequence(row.get(0)?),
        count: row.get(1)?,
        sealed: Arc::from(sealed),
    };
    if run.count == 0 {
        return Err(ReadError::Damaged("a run of seeds is empty"));
    }
    Ok(run)
}
