//! Writing to the views: one connection, in bulk, in the order of the keys.

use std::path::{Path, PathBuf};

use accounting::entry::Entry;
use ids::command::Sequence;
use ledger::account::AccountId;
use payment::payment::Payment;
use rusqlite::Connection;
use rusqlite::types::ToSql;
use store::codec;
use store::codec::wire::Record;
use store::failure::Failure;
use store::fold::movement_of;
use store::query::{first_entry, status_number};
use store::reversal::{self, party_number};
use voucher::voucher::Voucher;

use crate::committed::ChangedRow;
use crate::database::failure;
use crate::directory;
use crate::number::stored;
use crate::views::{Index, Meta, VIEWS, meta};

/// The one connection that writes to the views.
#[derive(Debug)]
pub(crate) struct ViewsWriter {
    connection: Connection,
    path: PathBuf,
}

/// Pages of the write-ahead log after which it is copied into the file. A page at the end of a table is
/// written many times before, so rather many.
const CHECKPOINT_PAGES: u32 = 8_000;
const CACHE_KIBIBYTES: i32 = 16 * 1024;

impl ViewsWriter {
    pub fn open(directory: &Path) -> Result<ViewsWriter, Failure> {
        let path = directory::views(directory);
        let connection = VIEWS.open(&path)?;
        let tune = || -> rusqlite::Result<()> {
            // Losing the end of the views costs a longer replay, so they are not synced at each commit.
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            // What a row forgets leaves no bytes behind in the file.
            connection.pragma_update(None, "secure_delete", true)?;
            connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
            connection.pragma_update(None, "cache_size", -CACHE_KIBIBYTES)
        };
        tune().map_err(|error| failure(&path, error))?;
        Ok(ViewsWriter { connection, path })
    }

    pub fn meta(&self) -> Result<Meta, Failure> {
        meta(&self.connection, &self.path)
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs the writes in one transaction: all of them are made, or none.
    pub fn transaction(
        &mut self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), Failure> {
        let run = |connection: &mut Connection| -> rusqlite::Result<()> {
            let tx = connection.transaction()?;
            write(&tx)?;
            tx.commit()
        };
        run(&mut self.connection).map_err(|error| failure(&self.path, error))
    }
}

pub(crate) fn set_meta(
    connection: &Connection,
    name: &str,
    value: impl ToSql,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
    connection.prepare_cached(sql)?.execute((name, value))?;
    Ok(())
}

pub(crate) fn put_row(connection: &Connection, row: &ChangedRow) -> rusqlite::Result<()> {
    match row {
        ChangedRow::Merchant(merchant) => {
            let sql = "INSERT OR REPLACE INTO merchants VALUES (?1, ?2)";
            put(connection, sql, merchant.id.number(), merchant.as_ref())
        }
        ChangedRow::Distributor(distributor) => {
            let sql = "INSERT OR REPLACE INTO distributors VALUES (?1, ?2)";
            let id = stored(distributor.id.number());
            put(connection, sql, id, distributor.as_ref())
        }
        ChangedRow::Product(product) => {
            let sql = "INSERT OR REPLACE INTO products VALUES (?1, ?2)";
            put(
                connection,
                sql,
                codec::encode(&product.key),
                product.as_ref(),
            )
        }
        ChangedRow::ApiKey(api_key) => {
            let sql = "INSERT OR REPLACE INTO api_keys VALUES (?1, ?2)";
            put(connection, sql, api_key.digest.0, api_key)
        }
        ChangedRow::Terminal(terminal) => {
            let sql = "INSERT OR REPLACE INTO terminals VALUES (?1, ?2)";
            put(
                connection,
                sql,
                codec::encode(&terminal.key),
                terminal.as_ref(),
            )
        }
        ChangedRow::Document(document) => {
            let sql = "INSERT OR REPLACE INTO documents VALUES (?1, ?2)";
            let name = codec::encode(&document.name);
            put(connection, sql, name, document.as_ref())
        }
        ChangedRow::Order(order) => {
            let sql = "INSERT OR REPLACE INTO orders VALUES (?1, ?2)";
            put(
                connection,
                sql,
                stored(order.serial.number()),
                order.as_ref(),
            )
        }
        ChangedRow::Payment(payment) => put_payment(connection, payment),
    }
}

/// What a list is ordered and filtered by does not change after the creation, but for the status.
fn put_payment(connection: &Connection, payment: &Payment) -> rusqlite::Result<()> {
    let sql = "INSERT INTO payments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT DO UPDATE SET status = excluded.status, row = excluded.row";
    let request = &payment.request;
    connection.prepare_cached(sql)?.execute((
        stored(first_entry(payment).0),
        payment.id.mid.merchant.number(),
        status_number(payment.status),
        payment.created_at.0,
        request.amount.currency.numeric(),
        request.amount.minor,
        request.submerchant.as_deref(),
        codec::encode(payment),
    ))?;
    Ok(())
}

fn put(
    connection: &Connection,
    sql: &str,
    key: impl ToSql,
    row: &impl Record,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute((key, codec::encode(row)))?;
    Ok(())
}

pub(crate) fn put_balance(
    connection: &Connection,
    account: &AccountId,
    minor: i64,
) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO balances VALUES (?1, ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    statement.execute((codec::encode(account), minor))?;
    Ok(())
}

/// Notes the entry if it moved money between a merchant and vouchers.
pub(crate) fn put_movement(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    if let Some(merchant) = movement_of(entry) {
        let sql = "INSERT OR IGNORE INTO movements VALUES (?1, ?2, ?3)";
        let (at, sequence) = (entry.at().0, stored(entry.sequence().0));
        let mut statement = connection.prepare_cached(sql)?;
        statement.execute((merchant.number(), at, sequence))?;
    }
    Ok(())
}

/// Notes the entry if it put something right.
pub(crate) fn put_reversal(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    if let Some(found) = reversal::of(entry) {
        let sql = "INSERT OR IGNORE INTO reversals VALUES (?1, ?2, ?3, ?4)";
        let (at, sequence) = (entry.at().0, stored(entry.sequence().0));
        let mut statement = connection.prepare_cached(sql)?;
        let party = stored(party_number(found.party));
        statement.execute((party, sequence, at, found.kind.number()))?;
    }
    Ok(())
}

pub(crate) fn put_places(
    connection: &Connection,
    index: Index,
    pairs: &[(i64, i64)],
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(index.insert())?;
    for pair in pairs {
        statement.execute(*pair)?;
    }
    Ok(())
}

pub(crate) fn put_closed_voucher(
    connection: &Connection,
    voucher: &Voucher,
) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO closed_vouchers VALUES (?1, ?2)";
    put(connection, sql, stored(voucher.serial.number()), voucher)
}

pub(crate) fn put_chunk(
    connection: &Connection,
    chunk: u32,
    vouchers: &Vec<Voucher>,
) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO voucher_chunks VALUES (?1, ?2)";
    put(connection, sql, chunk, vouchers)
}

/// Moves the cursor of the rows.
pub(crate) fn set_rows_cursor(
    connection: &Connection,
    cursor: Sequence,
    digest: &[u8],
) -> rusqlite::Result<()> {
    set_meta(connection, "rows", stored(cursor.0))?;
    set_meta(connection, "digest", digest)
}
