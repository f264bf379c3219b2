//! A batch as the arrays that the function in the database takes.

use std::collections::BTreeMap;

use accounting::entry::Entry;
use ids::command::Sequence;
use ledger::account::AccountId;
use payment::payment::Payment;
use store::codec;
use store::fold;
use store::port::Batch;
use store::query::status_number;
use store::reversal;
use store::row::{Key, Row};
use tokio_postgres::types::ToSql;

use crate::row::{self, stored};

/// Column by column. Rows are sorted by key, so that neighbours in an index are written one after the other.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    assumed: i64,
    newest: i64,
    bodies: Vec<Vec<u8>>,
    seeds: Option<Vec<u8>>,
    reads: Reads,
    vouchers: Vouchers,
    payments: Payments,
    orders: Orders,
    parties: Parties,
    commands: Commands,
    touches: (Vec<i64>, Vec<i64>),
    movements: (Vec<i64>, Vec<i64>, Vec<i64>),
    reversals: (Vec<i64>, Vec<i16>, Vec<i64>, Vec<i64>),
    balances: (Vec<Vec<u8>>, Vec<i64>),
}

/// Preconditions of rows that are not written: a key and its version, or none if there must be no such row.
#[derive(Debug, Default)]
struct Reads {
    vouchers: (Vec<i64>, Vec<Option<i64>>),
    payments: (Vec<Vec<u8>>, Vec<Option<i64>>),
    orders: (Vec<Vec<u8>>, Vec<Option<i64>>),
    parties: (Vec<i16>, Vec<Vec<u8>>, Vec<Option<i64>>),
    commands: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Vouchers {
    serial: Vec<i64>,
    expected: Vec<Option<i64>>,
    place: Vec<i64>,
    pin: Vec<Vec<u8>>,
    due: Vec<i64>,
    body: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Payments {
    key: Vec<Vec<u8>>,
    expected: Vec<Option<i64>>,
    place: Vec<i64>,
    /// Places in the batch of the entries that changed the payment, written as an array; none where it is one.
    added: Vec<Option<String>>,
    merchant: Vec<i64>,
    status: Vec<i16>,
    currency: Vec<i32>,
    amount: Vec<i64>,
    customer: Vec<String>,
    submerchant: Vec<Option<String>>,
    created: Vec<i64>,
    due: Vec<i64>,
    serials: Vec<String>,
    body: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Orders {
    key: Vec<Vec<u8>>,
    expected: Vec<Option<i64>>,
    place: Vec<i64>,
    serial: Vec<i64>,
    terminal: Vec<Vec<u8>>,
    body: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Parties {
    kind: Vec<i16>,
    key: Vec<Vec<u8>>,
    expected: Vec<Option<i64>>,
    place: Vec<i64>,
    body: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Commands {
    key: Vec<Vec<u8>>,
    fingerprint: Vec<Vec<u8>>,
    place: Vec<i64>,
}

impl Arguments {
    /// The arguments for a batch whose entries follow one another from behind `assumed`; none if a precondition can
    /// never hold.
    pub fn of(batch: &Batch, assumed: Sequence) -> Option<Arguments> {
        let mut arguments = Arguments {
            assumed: stored(assumed.0),
            seeds: batch.seeds.as_ref().map(|sealed| sealed.to_vec()),
            ..Arguments::default()
        };
        let mut sums: BTreeMap<AccountId, i64> = BTreeMap::new();
        for entry in &batch.entries {
            arguments.add_entry(entry, &mut sums);
        }
        for (account, minor) in sums {
            arguments.balances.0.push(row::key(&account));
            arguments.balances.1.push(minor);
        }
        let mut expected: BTreeMap<Key, Option<i64>> = BTreeMap::new();
        for precondition in &batch.preconditions {
            let version = precondition.expected.map(|version| stored(version.0));
            expected.insert(precondition.key, version);
        }
        let mut writes: Vec<&Row> = batch.writes.iter().collect();
        writes.sort_by_key(|row| row.key());
        for row in writes {
            // What no precondition knows of must not be there either.
            let version = expected.remove(&row.key()).flatten();
            let place = stored(row.version().0.saturating_sub(assumed.0));
            arguments.add_row(row, version, place)?;
        }
        for (key, version) in expected {
            arguments.reads.add(key, version)?;
        }
        Some(arguments)
    }

    fn add_entry(&mut self, entry: &Entry, sums: &mut BTreeMap<AccountId, i64>) {
        let place = stored(entry.sequence().0) - self.assumed;
        self.newest = self.newest.max(entry.at().0);
        self.bodies.push(codec::encode_unplaced(entry));
        for leg in entry.postings().legs() {
            *sums.entry(leg.account).or_default() += leg.minor;
        }
        let mut serials = fold::vouchers_touched(entry);
        serials.sort_unstable();
        serials.dedup();
        for serial in serials {
            self.touches.0.push(stored(serial.number()));
            self.touches.1.push(place);
        }
        if let Some(merchant) = fold::movement_of(entry) {
            self.movements.0.push(merchant.number().into());
            self.movements.1.push(entry.at().0);
            self.movements.2.push(place);
        }
        if let Some(found) = reversal::of(entry) {
            let party = reversal::party_number(found.party);
            self.reversals.0.push(stored(party));
            self.reversals.1.push(found.kind.number());
            self.reversals.2.push(entry.at().0);
            self.reversals.3.push(place);
        }
    }

    /// None for a command that is expected to be there: one is written once and never changed.
    fn add_row(&mut self, row: &Row, expected: Option<i64>, place: i64) -> Option<()> {
        let body = row::body(row);
        if let Some((kind, key)) = row::party(row.key()) {
            self.parties.kind.push(kind);
            self.parties.key.push(key);
            self.parties.expected.push(expected);
            self.parties.place.push(place);
            self.parties.body.push(body);
            return Some(());
        }
        match row {
            Row::Voucher(row) => {
                self.vouchers.serial.push(stored(row.serial.number()));
                self.vouchers.expected.push(expected);
                self.vouchers.place.push(place);
                self.vouchers.pin.push(row.pin.0.to_vec());
                self.vouchers.due.push(row.due_at().0);
                self.vouchers.body.push(body);
            }
            Row::Payment(row) => self.payments.add(row, expected, place, self.assumed, body),
            Row::Order(row) => {
                self.orders.key.push(row::key(&row.id));
                self.orders.expected.push(expected);
                self.orders.place.push(place);
                self.orders.serial.push(stored(row.serial.number()));
                self.orders.terminal.push(row::terminal_of(row));
                self.orders.body.push(body);
            }
            Row::Command(_) if expected.is_some() => return None,
            Row::Command(row) => {
                self.commands.key.push(body);
                self.commands.fingerprint.push(row.fingerprint.0.to_vec());
                self.commands.place.push(place);
            }
            Row::Merchant(_)
            | Row::Distributor(_)
            | Row::Product(_)
            | Row::ApiKey(_)
            | Row::Terminal(_)
            | Row::Document(_) => {}
        }
        Some(())
    }

    /// In the order of the function's parameters, the id of the batch first.
    pub fn parameters<'a>(&'a self, batch: &'a Vec<u8>) -> Vec<&'a (dyn ToSql + Sync)> {
        let mut parameters: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(64);
        parameters.extend([batch as Column, &self.assumed, &self.newest, &self.bodies]);
        parameters.extend(self.reads.columns());
        parameters.extend(self.vouchers.columns());
        parameters.extend(self.payments.columns());
        parameters.extend(self.orders.columns());
        parameters.extend(self.parties.columns());
        parameters.extend(self.commands.columns());
        let (touches, movements, balances) = (&self.touches, &self.movements, &self.balances);
        let (party, kind, at, place) = &self.reversals;
        parameters.extend([&touches.0 as Column, &touches.1]);
        parameters.extend([&movements.0 as Column, &movements.1, &movements.2]);
        parameters.extend([party as Column, kind, at, place]);
        parameters.extend([&balances.0 as Column, &balances.1, &self.seeds]);
        parameters
    }
}

type Column<'a> = &'a (dyn ToSql + Sync);

macro_rules! columns {
    ($($table:ty: $count:literal = $($column:ident $(. $part:tt)?),*;)*) => {
        $(impl $table {
            fn columns(&self) -> [Column<'_>; $count] {
                [$(&self.$column $(. $part)?),*]
            }
        })*
    };
}

columns! {
    Reads: 10 = vouchers.0, vouchers.1, payments.0, payments.1, orders.0, orders.1, parties.0, parties.1, parties.2,
        commands;
    Vouchers: 6 = serial, expected, place, pin, due, body;
    Payments: 14 = key, expected, place, added, merchant, status, currency, amount, customer, submerchant, created, due,
        serials, body;
    Orders: 6 = key, expected, place, serial, terminal, body;
    Parties: 5 = kind, key, expected, place, body;
    Commands: 3 = key, fingerprint, place;
}

impl Reads {
    /// None if the precondition can never hold.
    fn add(&mut self, key: Key, version: Option<i64>) -> Option<()> {
        if let Some((kind, party)) = row::party(key) {
            self.parties.0.push(kind);
            self.parties.1.push(party);
            self.parties.2.push(version);
            return Some(());
        }
        match key {
            Key::Voucher(serial) => {
                self.vouchers.0.push(stored(serial.number()));
                self.vouchers.1.push(version);
            }
            Key::Payment(id) => {
                self.payments.0.push(row::key(&id));
                self.payments.1.push(version);
            }
            Key::Order(id) => {
                self.orders.0.push(row::key(&id));
                self.orders.1.push(version);
            }
            Key::Command(command) if version.is_none() => self.commands.push(command.0.to_vec()),
            // A command is written once and never changed; a PIN is no row.
            Key::Command(_) | Key::Pin(_) => return None,
            Key::Merchant(_)
            | Key::Distributor(_)
            | Key::Product(_)
            | Key::ApiKey(_)
            | Key::Terminal(_)
            | Key::Document(_) => {}
        }
        Some(())
    }
}

impl Payments {
    fn add(
        &mut self,
        row: &Payment,
        expected: Option<i64>,
        place: i64,
        assumed: i64,
        body: Vec<u8>,
    ) {
        let added = row.entries.iter().map(|entry| stored(entry.0) - assumed);
        let added: Vec<i64> = added.filter(|place| 0 < *place).collect();
        let serials = row
            .allocations
            .iter()
            .map(|part| stored(part.serial.number()));
        self.key.push(row::key(&row.id));
        self.expected.push(expected);
        self.place.push(place);
        let several = added != [place];
        self.added.push(several.then(|| array(added.into_iter())));
        self.merchant.push(row.id.mid.merchant.number().into());
        self.status.push(status_number(row.status));
        self.currency
            .push(row.request.amount.currency.numeric().into());
        self.amount.push(row.request.amount.minor);
        self.customer.push(row.request.customer.id.clone());
        self.submerchant.push(row.request.submerchant.clone());
        self.created.push(row.created_at.0);
        self.due.push(row.due_at.0);
        self.serials.push(array(serials));
        self.body.push(body);
    }
}

/// Numbers as the database writes an array: arrays of arrays must be rectangular, and these are not.
fn array(numbers: impl Iterator<Item = i64>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}
