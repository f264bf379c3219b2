//! Reading the views back into memory at a start.

use std::path::Path;
use std::sync::Arc;

use ledger::account::AccountId;
use payment::payment::Payment;
use rusqlite::Connection;
use store::codec::wire::Record;
use store::failure::Failure;
use store::row::{ApiKey, Row};
use voucher::voucher::Voucher;

use crate::database::{self, ReadError};
use crate::filter::Kind;
use crate::hash;
use crate::memory::Memory;
use crate::views::fetch::serial_of;

/// Fills an empty memory, whose head is the cursor of the rows, with what the views hold.
pub(crate) fn restore(
    connection: &Connection,
    path: &Path,
    memory: &mut Memory,
) -> Result<(), Failure> {
    let restored = restore_parties(connection, memory)
        .and_then(|()| restore_payments(connection, memory))
        .and_then(|()| restore_vouchers(connection, memory))
        .and_then(|()| restore_filter(connection, memory));
    restored.map_err(|error| error.at(path))
}

fn restore_parties(connection: &Connection, memory: &mut Memory) -> Result<(), ReadError> {
    each(connection, "SELECT row FROM merchants", |row| {
        memory.put(Row::Merchant(row));
        Ok(())
    })?;
    each(connection, "SELECT row FROM distributors", |row| {
        memory.put(Row::Distributor(row));
        Ok(())
    })?;
    each(connection, "SELECT row FROM products", |row| {
        memory.put(Row::Product(row));
        Ok(())
    })?;
    each(connection, "SELECT row FROM api_keys", |row: ApiKey| {
        memory.put(Row::ApiKey(row));
        Ok(())
    })?;
    each(connection, "SELECT row FROM terminals", |row| {
        memory.put(Row::Terminal(row));
        Ok(())
    })?;
    each(connection, "SELECT row FROM documents", |row| {
        memory.put(Row::Document(row));
        Ok(())
    })?;
    let mut statement = connection.prepare("SELECT account, minor FROM balances")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let account: AccountId = database::record(row, 0)?;
        memory.balances.put(account, row.get(1)?);
    }
    Ok(())
}

/// Open payments alone: the others stay in the tables.
fn restore_payments(connection: &Connection, memory: &mut Memory) -> Result<(), ReadError> {
    let sql = "SELECT row FROM payments INDEXED BY payments_open WHERE status < 3";
    each(connection, sql, |payment: Payment| {
        memory.put(Row::Payment(Arc::new(payment)));
        Ok(())
    })
}

fn restore_vouchers(connection: &Connection, memory: &mut Memory) -> Result<(), ReadError> {
    let mut statement = connection.prepare("SELECT chunk, rows FROM voucher_chunks")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let vouchers: Vec<Voucher> = database::record(row, 1)?;
        if vouchers.iter().any(|voucher| memory.head < voucher.version) {
            return Err(ReadError::Damaged(
                "a voucher is ahead of the views' cursor",
            ));
        }
        let closed = vouchers.iter().filter(|voucher| voucher.is_closed());
        let closed = closed.map(|voucher| voucher.serial);
        memory.pending.closed.extend(closed);
        memory.vouchers.restore_chunk(row.get(0)?, vouchers);
    }
    memory.vouchers.collect_free();
    Ok(())
}

fn restore_filter(connection: &Connection, memory: &mut Memory) -> Result<(), ReadError> {
    let keys = |sql: &str, insert: &mut dyn FnMut(u64)| -> Result<(), ReadError> {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            insert(row.get::<_, i64>(0)?.cast_unsigned());
        }
        Ok(())
    };
    let filter = &mut memory.filter;
    keys("SELECT key FROM command_places", &mut |key| {
        filter.insert(Kind::Command, key);
    })?;
    keys("SELECT key FROM payment_places", &mut |key| {
        filter.insert(Kind::Payment, key);
    })?;
    keys("SELECT key FROM order_places", &mut |key| {
        filter.insert(Kind::Order, key);
    })?;
    keys("SELECT key FROM pin_places", &mut |key| {
        filter.insert(Kind::ClosedPin, key);
    })?;
    let mut statement = connection.prepare("SELECT serial FROM closed_vouchers")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let serial = serial_of(row.get(0)?)?;
        filter.insert(Kind::ClosedVoucher, hash::serial(serial));
    }
    Ok(())
}

fn each<T: Record>(
    connection: &Connection,
    sql: &str,
    mut put: impl FnMut(T) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        put(database::record(row, 0)?)?;
    }
    Ok(())
}
