//! Looking rows up in memory, and saying where else to look.

use std::collections::BTreeSet;

use ids::command::{IdempotencyKey, Sequence};
use ids::object::{OrderId, PaymentId};
use ids::voucher::{PinIndex, Serial};
use store::row::{Key, Row};
use store::snapshot::Snapshot;
use voucher::distributor::TerminalKey;

use crate::filter::Kind;
use crate::hash;
use crate::memory::Memory;
use crate::pending::{Pending, Places};

/// What memory knows of a key.
#[derive(Debug)]
pub(crate) enum Found<T> {
    Here(T),
    Nowhere,
    /// The tables probably have it.
    Elsewhere(Missing),
}

/// A row that is not in memory, and the places that memory knows for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Payment { id: PaymentId, places: Vec<u64> },
    Order { id: OrderId, places: Vec<u64> },
    Voucher(Serial),
    Pin(PinIndex),
    Command(IdempotencyKey),
}

impl Memory {
    /// Puts what memory has into the snapshot, with all that it points to; answers what must be looked up.
    pub fn load(&self, keys: &[Key], snapshot: &mut Snapshot) -> Vec<Missing> {
        let mut missing = Vec::new();
        for key in keys {
            match self.row(*key) {
                Found::Here(row) => {
                    missing.extend(self.load(&pointed_to(&row), snapshot));
                    snapshot.insert_loaded(row);
                }
                Found::Nowhere => {}
                Found::Elsewhere(elsewhere) => missing.push(elsewhere),
            }
        }
        missing
    }

    /// The version of the row with this key.
    pub fn version(&self, key: Key) -> Found<Sequence> {
        if let Key::Payment(id) = key
            && let Some(payment) = self.payments.get(&id)
        {
            return Found::Here(payment.version);
        }
        match self.row(key) {
            Found::Here(row) => Found::Here(row.version()),
            Found::Nowhere => Found::Nowhere,
            Found::Elsewhere(missing) => Found::Elsewhere(missing),
        }
    }

    pub fn row(&self, key: Key) -> Found<Row> {
        let here = match key {
            Key::Merchant(id) => self.merchants.get(&id).cloned().map(Row::Merchant),
            Key::Distributor(id) => self.distributors.get(&id).cloned().map(Row::Distributor),
            Key::Product(key) => self.products.get(&key).cloned().map(Row::Product),
            Key::ApiKey(digest) => self.api_keys.get(&digest).copied().map(Row::ApiKey),
            Key::Terminal(key) => self
                .terminals
                .get(&key)
                .map(|row| Row::Terminal(row.as_ref().clone())),
            Key::Document(name) => self.documents.get(&name).cloned().map(Row::Document),
            Key::Voucher(serial) => self.vouchers.voucher(serial).map(Row::Voucher),
            Key::Pin(pin) => self.vouchers.voucher_by_pin(pin).map(Row::Voucher),
            Key::Payment(id) => self.payments.get(&id).cloned().map(Row::Payment),
            Key::Order(id) => self
                .orders
                .get(&id)
                .map(|row| Row::Order(row.as_ref().clone())),
            Key::Command(key) => self
                .generations()
                .find_map(|pending| pending.command(key))
                .map(Row::Command),
        };
        match here {
            Some(row) => Found::Here(row),
            None => self.elsewhere(key),
        }
    }

    /// The touches of a voucher that the tables do not have, oldest first.
    pub fn voucher_entries(&self, serial: Serial) -> Vec<Sequence> {
        let touches = self.generations();
        touches
            .flat_map(|pending| entries_of(&pending.vouchers, serial))
            .collect()
    }

    /// The first entries of a customer's payments that the tables do not have, by the customer's hash.
    pub fn customer_payments(&self, customer: u64) -> Vec<Sequence> {
        let payments = self.generations();
        payments
            .flat_map(|pending| entries_of(&pending.customers, customer))
            .collect()
    }

    /// Older first.
    fn generations(&self) -> impl Iterator<Item = &Pending> {
        self.flushing.as_deref().into_iter().chain([&self.pending])
    }

    fn elsewhere(&self, key: Key) -> Found<Row> {
        let (kind, hash) = match key {
            Key::Merchant(_)
            | Key::Distributor(_)
            | Key::Product(_)
            | Key::ApiKey(_)
            | Key::Terminal(_)
            | Key::Document(_) => return Found::Nowhere,
            Key::Voucher(serial) => (Kind::ClosedVoucher, hash::serial(serial)),
            Key::Pin(pin) => (Kind::ClosedPin, self.seed.pin(pin)),
            Key::Payment(id) => (Kind::Payment, self.seed.payment(id)),
            Key::Order(id) => (Kind::Order, self.seed.order(id)),
            Key::Command(key) => (Kind::Command, self.seed.command(key)),
        };
        let places = |of: fn(&Pending) -> &Places| -> Vec<u64> {
            self.generations()
                .flat_map(|pending| of(pending).of(hash))
                .collect()
        };
        let missing = match key {
            Key::Voucher(serial) => Missing::Voucher(serial),
            Key::Pin(pin) => Missing::Pin(pin),
            Key::Command(key) => Missing::Command(key),
            Key::Payment(id) => Missing::Payment {
                id,
                places: places(|pending| &pending.payments),
            },
            Key::Order(id) => Missing::Order {
                id,
                places: places(|pending| &pending.orders),
            },
            Key::Merchant(_)
            | Key::Distributor(_)
            | Key::Product(_)
            | Key::ApiKey(_)
            | Key::Terminal(_)
            | Key::Document(_) => return Found::Nowhere,
        };
        let known = match &missing {
            Missing::Payment { places, .. } | Missing::Order { places, .. } => !places.is_empty(),
            Missing::Voucher(_) | Missing::Pin(_) | Missing::Command(_) => false,
        };
        if known || self.filter.may_contain(kind, hash) {
            Found::Elsewhere(missing)
        } else {
            Found::Nowhere
        }
    }
}

/// The rows that a load brings along with this one.
pub(crate) fn pointed_to(row: &Row) -> Vec<Key> {
    match row {
        Row::Payment(payment) => {
            let parts = payment.allocations.iter();
            parts.map(|part| Key::Voucher(part.serial)).collect()
        }
        // The terminal comes along because cancelling the order changes it.
        Row::Order(order) => vec![
            Key::Voucher(order.serial),
            Key::Terminal(TerminalKey {
                distributor: order.id.distributor,
                terminal: order.terminal,
            }),
        ],
        Row::ApiKey(api_key) => vec![api_key.owner.into()],
        Row::Merchant(_)
        | Row::Distributor(_)
        | Row::Product(_)
        | Row::Voucher(_)
        | Row::Terminal(_)
        | Row::Document(_)
        | Row::Command(_) => Vec::new(),
    }
}

/// The entries of one key, in their order.
fn entries_of<K: Ord + Copy>(
    pairs: &BTreeSet<(K, Sequence)>,
    key: K,
) -> impl Iterator<Item = Sequence> {
    let own = (key, Sequence(0))..=(key, Sequence(u64::MAX));
    pairs.range(own).map(|pair| pair.1)
}
