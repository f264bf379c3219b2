//! Rows that have left memory, by their keys.

use std::sync::Arc;

use ids::command::{IdempotencyKey, Sequence};
use ids::object::{OrderId, PaymentId};
use ids::voucher::{PinIndex, Serial};
use payment::payment::Payment;
use rusqlite::Connection;
use store::codec::wire::Record;
use store::failure::Failure;
use store::row::{Command, Row};
use voucher::order::Order;
use voucher::voucher::Voucher;

use crate::database::{self, ReadError};
use crate::journal::Journal;
use crate::memory::Missing;
use crate::number::{restored, sequence, serial, stored};
use crate::views::{Index, Views};

/// Rows in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub payments: u64,
    pub orders: u64,
}

impl Views {
    /// The rows of these keys, as far as they exist.
    pub fn fetch(&self, missing: &[Missing], journal: &Journal) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::new();
        for missing in missing {
            rows.extend(self.fetch_one(missing, journal)?);
        }
        Ok(rows)
    }

    pub fn fetch_one(&self, missing: &Missing, journal: &Journal) -> Result<Option<Row>, Failure> {
        let row = match missing {
            Missing::Payment { id, places } => self.payment(*id, places)?.map(Row::Payment),
            Missing::Order { id, places } => self.order(*id, places)?.map(Row::Order),
            Missing::Voucher(serial) => self.closed_voucher(*serial)?.map(Row::Voucher),
            Missing::Pin(pin) => self.voucher_by_pin(*pin)?.map(Row::Voucher),
            Missing::Command(key) => self.command(*key, journal)?.map(Row::Command),
        };
        Ok(row)
    }

    pub fn closed_voucher(&self, serial: Serial) -> Result<Option<Voucher>, Failure> {
        self.readers
            .read(|connection| closed_voucher(connection, serial.number()))
    }

    /// The entries that touched a voucher, as far as a snapshot has stored them, oldest first.
    pub fn voucher_entries(&self, serial: Serial) -> Result<Vec<Sequence>, Failure> {
        let places = self
            .readers
            .read(|connection| places(connection, Index::VoucherEntries, serial.number()))?;
        Ok(places.into_iter().map(Sequence).collect())
    }

    /// At most `count` first entries of a customer's payments before `before`, as far as a snapshot has
    /// stored them, newest first.
    pub fn customer_payments(
        &self,
        customer: u64,
        before: Sequence,
        count: usize,
    ) -> Result<Vec<Sequence>, Failure> {
        self.readers.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT place FROM customer_payments WHERE key = ?1 AND place < ?2
                 ORDER BY place DESC LIMIT ?3",
            )?;
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            let places = statement
                .query_map((customer.cast_signed(), stored(before.0), count), |row| {
                    sequence_of(row, 0)
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(places)
        })
    }

    /// The payments that these entries created.
    pub fn payments_at(&self, places: &[Sequence]) -> Result<Vec<Arc<Payment>>, Failure> {
        self.readers.read(|connection| {
            let mut payments = Vec::with_capacity(places.len());
            for place in places {
                payments.extend(payment_at(connection, place.0)?);
            }
            Ok(payments)
        })
    }

    /// How many rows the tables hold.
    pub fn counts(&self) -> Result<Counts, Failure> {
        self.readers.read(|connection| {
            let count = |sql: &str| -> rusqlite::Result<u64> {
                connection.query_row(sql, [], |row| row.get(0).map(restored))
            };
            Ok(Counts {
                payments: count("SELECT count(*) FROM payments")?,
                orders: count("SELECT count(*) FROM orders")?,
            })
        })
    }

    /// The serials of all closed vouchers; some may have been opened again.
    pub fn closed_serials(&self) -> Result<Vec<Serial>, Failure> {
        self.readers.read(|connection| {
            let mut statement = connection.prepare("SELECT serial FROM closed_vouchers")?;
            let mut rows = statement.query([])?;
            let mut serials = Vec::new();
            while let Some(row) = rows.next()? {
                serials.push(serial_of(row.get(0)?)?);
            }
            Ok(serials)
        })
    }

    fn payment(&self, id: PaymentId, known: &[u64]) -> Result<Option<Arc<Payment>>, Failure> {
        self.readers.read(|connection| {
            let stored = places(connection, Index::Payments, self.seed.payment(id))?;
            for place in known.iter().copied().chain(stored) {
                if let Some(payment) = payment_at(connection, place)?
                    && payment.id == id
                {
                    return Ok(Some(payment));
                }
            }
            Ok(None)
        })
    }

    fn order(&self, id: OrderId, known: &[u64]) -> Result<Option<Order>, Failure> {
        self.readers.read(|connection| {
            let stored = places(connection, Index::Orders, self.seed.order(id))?;
            let sql = "SELECT row FROM orders WHERE serial = ?1";
            for place in known.iter().copied().chain(stored) {
                if let Some(order) = record_at::<Order>(connection, sql, place)?
                    && order.id == id
                {
                    return Ok(Some(order));
                }
            }
            Ok(None)
        })
    }

    fn voucher_by_pin(&self, pin: PinIndex) -> Result<Option<Voucher>, Failure> {
        self.readers.read(|connection| {
            for place in places(connection, Index::Pins, self.seed.pin(pin))? {
                if let Some(voucher) = closed_voucher(connection, place)?
                    && voucher.pin == pin
                {
                    return Ok(Some(voucher));
                }
            }
            Ok(None)
        })
    }

    fn command(&self, key: IdempotencyKey, journal: &Journal) -> Result<Option<Command>, Failure> {
        let entries: Vec<Sequence> = self
            .readers
            .read(|connection| places(connection, Index::Commands, self.seed.command(key)))?
            .into_iter()
            .map(Sequence)
            .collect();
        let command = journal.entries_at(&entries)?.into_iter().find_map(|entry| {
            let idempotency = entry.idempotency()?;
            (idempotency.key == key).then_some(Command {
                key,
                fingerprint: idempotency.fingerprint,
                entry: entry.sequence(),
            })
        });
        Ok(command)
    }
}

fn payment_at(connection: &Connection, place: u64) -> Result<Option<Arc<Payment>>, ReadError> {
    let sql = "SELECT row FROM payments WHERE first_entry = ?1";
    record_at(connection, sql, place)
}

fn closed_voucher(connection: &Connection, serial: u64) -> Result<Option<Voucher>, ReadError> {
    let sql = "SELECT row FROM closed_vouchers WHERE serial = ?1";
    record_at(connection, sql, serial)
}

fn record_at<T: Record>(
    connection: &Connection,
    sql: &str,
    place: u64,
) -> Result<Option<T>, ReadError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([stored(place)])?;
    match rows.next()? {
        Some(row) => Ok(Some(database::record(row, 0)?)),
        None => Ok(None),
    }
}

fn places(connection: &Connection, index: Index, key: u64) -> Result<Vec<u64>, ReadError> {
    let mut statement = connection.prepare_cached(index.find())?;
    let places = statement
        .query_map([key.cast_signed()], |row| row.get(0).map(restored))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(places)
}

/// The serial in a column.
pub(crate) fn serial_of(number: i64) -> Result<Serial, ReadError> {
    serial(number).ok_or(ReadError::Damaged("a serial is out of range"))
}

/// The sequence in a column.
pub(crate) fn sequence_of(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Sequence> {
    row.get(column).map(sequence)
}
