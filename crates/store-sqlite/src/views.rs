//! `views.db`: everything that can be rebuilt from the journal.
//!
//! Two cursors say how far it is. `rows`: payments, orders, parties, balances and movements are exactly as
//! of that entry. `snapshot`: live vouchers and the indexes by key hold at least everything up to that entry;
//! some of the vouchers are newer, but never newer than `rows`.

pub(crate) mod fetch;
pub(crate) mod query;
pub(crate) mod restore;
pub(crate) mod write;

use std::path::Path;

use ids::command::Sequence;
use rusqlite::{Connection, OptionalExtension};
use store::failure::Failure;

use crate::database::{Kind, ReadError, Readers};
use crate::directory;
use crate::hash::Seed;
use crate::number::sequence;

pub(crate) const VIEWS: Kind = Kind {
    application_id: 0x5363_7256,
    format: 3,
    page_bytes: 4096,
    schema: "
        CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO meta VALUES ('rows', 0), ('snapshot', 0), ('seed', random());

        CREATE TABLE merchants (id INTEGER PRIMARY KEY, row BLOB NOT NULL) STRICT;
        CREATE TABLE distributors (id INTEGER PRIMARY KEY, row BLOB NOT NULL) STRICT;
        CREATE TABLE products (key BLOB PRIMARY KEY, row BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE api_keys (digest BLOB PRIMARY KEY, row BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE terminals (key BLOB PRIMARY KEY, row BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE documents (name BLOB PRIMARY KEY, row BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE balances (account BLOB PRIMARY KEY, minor INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        -- A payment stands at the entry that created it, so that new ones are appended.
        CREATE TABLE payments (
            first_entry INTEGER PRIMARY KEY,
            merchant INTEGER NOT NULL,
            status INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            currency INTEGER NOT NULL,
            amount INTEGER NOT NULL,
            submerchant TEXT,
            row BLOB NOT NULL
        ) STRICT;
        CREATE INDEX payments_by_merchant ON payments (merchant, created_at);
        CREATE INDEX payments_by_status ON payments (merchant, status, created_at);
        CREATE INDEX payments_open ON payments (first_entry) WHERE status < 3;
        CREATE TABLE orders (serial INTEGER PRIMARY KEY, row BLOB NOT NULL) STRICT;
        CREATE TABLE movements (
            merchant INTEGER, at INTEGER, entry INTEGER, PRIMARY KEY (merchant, at, entry)
        ) STRICT, WITHOUT ROWID;

        -- What was put right, by the number of the merchant or distributor; the two kinds of number do not meet.
        CREATE TABLE reversals (
            party INTEGER, entry INTEGER, at INTEGER NOT NULL, kind INTEGER NOT NULL, PRIMARY KEY (party, entry)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX reversals_by_kind ON reversals (party, kind, entry);

        CREATE TABLE voucher_chunks (chunk INTEGER PRIMARY KEY, rows BLOB NOT NULL) STRICT;
        -- A voucher that was opened again stays here as it was when it closed; memory goes first.
        CREATE TABLE closed_vouchers (serial INTEGER PRIMARY KEY, row BLOB NOT NULL) STRICT;

        -- Indexes by key: pairs of a hash or a serial and a place. Snapshots write them in bulk and in order.
        CREATE TABLE command_places (key INTEGER, place INTEGER, PRIMARY KEY (key, place)) STRICT, WITHOUT ROWID;
        CREATE TABLE payment_places (key INTEGER, place INTEGER, PRIMARY KEY (key, place)) STRICT, WITHOUT ROWID;
        CREATE TABLE order_places (key INTEGER, place INTEGER, PRIMARY KEY (key, place)) STRICT, WITHOUT ROWID;
        CREATE TABLE pin_places (key INTEGER, place INTEGER, PRIMARY KEY (key, place)) STRICT, WITHOUT ROWID;
        CREATE TABLE voucher_entries (key INTEGER, place INTEGER, PRIMARY KEY (key, place)) STRICT, WITHOUT ROWID;
        CREATE TABLE customer_payments (key INTEGER, place INTEGER, PRIMARY KEY (key, place)) STRICT, WITHOUT ROWID;
    ",
};

/// One of the indexes by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Index {
    Commands,
    Payments,
    Orders,
    Pins,
    VoucherEntries,
    Customers,
}

impl Index {
    pub fn insert(self) -> &'static str {
        match self {
            Index::Commands => "INSERT OR IGNORE INTO command_places VALUES (?1, ?2)",
            Index::Payments => "INSERT OR IGNORE INTO payment_places VALUES (?1, ?2)",
            Index::Orders => "INSERT OR IGNORE INTO order_places VALUES (?1, ?2)",
            Index::Pins => "INSERT OR IGNORE INTO pin_places VALUES (?1, ?2)",
            Index::VoucherEntries => "INSERT OR IGNORE INTO voucher_entries VALUES (?1, ?2)",
            Index::Customers => "INSERT OR IGNORE INTO customer_payments VALUES (?1, ?2)",
        }
    }

    pub fn find(self) -> &'static str {
        match self {
            Index::Commands => "SELECT place FROM command_places WHERE key = ?1 ORDER BY place",
            Index::Payments => "SELECT place FROM payment_places WHERE key = ?1 ORDER BY place",
            Index::Orders => "SELECT place FROM order_places WHERE key = ?1 ORDER BY place",
            Index::Pins => "SELECT place FROM pin_places WHERE key = ?1 ORDER BY place",
            Index::VoucherEntries => {
                "SELECT place FROM voucher_entries WHERE key = ?1 ORDER BY place"
            }
            Index::Customers => "SELECT place FROM customer_payments WHERE key = ?1 ORDER BY place",
        }
    }
}

/// Where the views stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meta {
    pub seed: Seed,
    pub rows: Sequence,
    pub snapshot: Sequence,
    /// Digest of the journal's entry at `rows`; none before the first.
    pub digest: Option<Vec<u8>>,
    /// The journal that these views follow; none before the first start is done.
    pub identity: Option<Vec<u8>>,
}

/// Reading from the views.
#[derive(Debug)]
pub(crate) struct Views {
    readers: Readers,
    seed: Seed,
}

impl Views {
    pub fn new(directory: &Path, seed: Seed) -> Views {
        Views {
            readers: Readers::new(VIEWS, directory::views(directory)),
            seed,
        }
    }

    pub fn close(&self) {
        self.readers.close();
    }
}

pub(crate) fn meta(connection: &Connection, path: &Path) -> Result<Meta, Failure> {
    read_meta(connection).map_err(|error| error.at(path))
}

fn read_meta(connection: &Connection) -> Result<Meta, ReadError> {
    let number = |name: &str| -> rusqlite::Result<i64> {
        connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| {
            row.get(0)
        })
    };
    let bytes = |name: &str| -> rusqlite::Result<Option<Vec<u8>>> {
        connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| {
                row.get(0)
            })
            .optional()
    };
    Ok(Meta {
        seed: Seed(number("seed")?.cast_unsigned()),
        rows: sequence(number("rows")?),
        snapshot: sequence(number("snapshot")?),
        digest: bytes("digest")?,
        identity: bytes("identity")?,
    })
}
