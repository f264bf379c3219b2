//! Rows as columns: what is found by, and the rest as the port's binary form without the numbers of the journal.
//!
//! The numbers have columns of their own, because only the database knows them when a row is written.

use std::sync::Arc;

use accounting::document::Document;
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use payment::merchant::Merchant;
use payment::payment::Payment;
use store::codec;
use store::codec::wire::Record;
use store::row::{Command, Key, Row};
use voucher::distributor::{Terminal, TerminalKey};
use voucher::order::Order;
use voucher::voucher::Voucher;

use crate::failure::Problem;

/// The kinds of the table `parties`. Never changed, for they are stored.
pub(crate) const MERCHANT: i16 = 0;
pub(crate) const DISTRIBUTOR: i16 = 1;
pub(crate) const PRODUCT: i16 = 2;
pub(crate) const API_KEY: i16 = 3;
pub(crate) const TERMINAL: i16 = 4;
pub(crate) const DOCUMENT: i16 = 5;

/// Stands in front of every key, also in `statements::LOAD`.
const KEY_FORMAT: u8 = 2;

/// Sequences, serials and counts: all far below 2^63.
pub(crate) fn stored(number: u64) -> i64 {
    number.cast_signed()
}

pub(crate) fn restored(number: i64) -> u64 {
    number.cast_unsigned()
}

pub(crate) fn sequence(number: i64) -> Sequence {
    Sequence(restored(number))
}

pub(crate) fn bytes<T: Record>(record: &T) -> Vec<u8> {
    codec::encode(record)
}

/// The bytes of a key. A later form of records must not change them, or rows that are stored would no longer be found.
pub(crate) fn key<T: Record>(record: &T) -> Vec<u8> {
    let mut bytes = codec::encode(record);
    bytes[0] = KEY_FORMAT;
    bytes
}

/// The place of a row of the table `parties`; none for the rows that have tables of their own.
pub(crate) fn party(of: Key) -> Option<(i16, Vec<u8>)> {
    match of {
        Key::Merchant(id) => Some((MERCHANT, key(&id))),
        Key::Distributor(id) => Some((DISTRIBUTOR, key(&id))),
        Key::Product(product) => Some((PRODUCT, key(&product))),
        Key::ApiKey(digest) => Some((API_KEY, key(&digest))),
        Key::Terminal(terminal) => Some((TERMINAL, key(&terminal))),
        Key::Document(name) => Some((DOCUMENT, key(&name))),
        Key::Voucher(_) | Key::Pin(_) | Key::Payment(_) | Key::Order(_) | Key::Command(_) => None,
    }
}

/// Where an order's terminal stands in the table `parties`.
pub(crate) fn terminal_of(order: &Order) -> Vec<u8> {
    key(&TerminalKey {
        distributor: order.id.distributor,
        terminal: order.terminal,
    })
}

/// The row without the numbers of the journal.
pub(crate) fn body(row: &Row) -> Vec<u8> {
    let none = Sequence(0);
    match row {
        Row::Merchant(row) => bytes(&Merchant {
            version: none,
            ..Merchant::clone(row)
        }),
        Row::Distributor(row) => bytes(row),
        Row::Product(row) => bytes(row),
        Row::ApiKey(row) => bytes(row),
        Row::Voucher(row) => bytes(&Voucher {
            version: none,
            ..*row
        }),
        Row::Payment(row) => bytes(&unplaced(row)),
        Row::Order(row) => bytes(&Order {
            version: none,
            ..row.clone()
        }),
        Row::Terminal(row) => bytes(&Terminal {
            version: none,
            ..row.clone()
        }),
        Row::Document(row) => bytes(&Document {
            version: none,
            ..Document::clone(row)
        }),
        Row::Command(row) => row.key.0.to_vec(),
    }
}

/// The payment without numbers of the journal, which are columns: of an entry that it names stays the place among its own.
fn unplaced(row: &Payment) -> Payment {
    let mut payment = Payment {
        entries: Vec::new(),
        version: Sequence(0),
        ..row.clone()
    };
    for named in payment.entries_named() {
        let place = row.entries.iter().position(|entry| entry == named);
        let place = place.expect("a payment names entries of its own");
        *named = Sequence(place as u64);
    }
    payment
}

pub(crate) fn voucher(body: &[u8], version: i64) -> Result<Voucher, Problem> {
    let mut row: Voucher = codec::decode(body)?;
    row.version = sequence(version);
    Ok(row)
}

pub(crate) fn payment(
    body: &[u8],
    version: i64,
    entries: Vec<i64>,
) -> Result<Arc<Payment>, Problem> {
    let mut row: Payment = codec::decode(body)?;
    row.version = sequence(version);
    row.entries = entries.into_iter().map(sequence).collect();
    let entries = row.entries.clone();
    for named in row.entries_named() {
        let place = usize::try_from(named.0).ok();
        let entry = place.and_then(|place| entries.get(place));
        *named = *entry.ok_or(Problem::damaged(
            "a payment names an entry that is not its own",
        ))?;
    }
    Ok(Arc::new(row))
}

pub(crate) fn order(body: &[u8], version: i64) -> Result<Order, Problem> {
    let mut row: Order = codec::decode(body)?;
    row.version = sequence(version);
    Ok(row)
}

pub(crate) fn command(key: &[u8], fingerprint: &[u8], entry: i64) -> Result<Command, Problem> {
    let sixteen = |bytes: &[u8]| -> Result<[u8; 16], Problem> {
        bytes
            .try_into()
            .map_err(|_| Problem::damaged("a command has a digest of another length"))
    };
    Ok(Command {
        key: IdempotencyKey(sixteen(key)?),
        fingerprint: Fingerprint(sixteen(fingerprint)?),
        entry: sequence(entry),
    })
}

/// A row of the table `parties`.
pub(crate) fn party_row(kind: i16, body: &[u8], version: i64) -> Result<Row, Problem> {
    Ok(match kind {
        MERCHANT => {
            let mut row: Merchant = codec::decode(body)?;
            row.version = sequence(version);
            Row::Merchant(Arc::new(row))
        }
        DISTRIBUTOR => Row::Distributor(Arc::new(codec::decode(body)?)),
        PRODUCT => Row::Product(Arc::new(codec::decode(body)?)),
        API_KEY => Row::ApiKey(codec::decode(body)?),
        TERMINAL => {
            let mut row: Terminal = codec::decode(body)?;
            row.version = sequence(version);
            Row::Terminal(row)
        }
        DOCUMENT => {
            let mut row: Document = codec::decode(body)?;
            row.version = sequence(version);
            Row::Document(Arc::new(row))
        }
        other => {
            return Err(Problem::damaged(format!(
                "parties has a row of the unknown kind {other}"
            )));
        }
    })
}
