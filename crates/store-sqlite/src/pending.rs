//! What has happened since the last snapshot, by the keys that the tables do not know yet.

use std::collections::{BTreeSet, HashMap};

use accounting::entry::Entry;
use accounting::fact::Fact;
use hashbrown::HashTable;
use ids::command::{Fingerprint, IdempotencyKey, Sequence};
use ids::voucher::Serial;
use store::fold;
use store::row::Command;

use crate::hash::Seed;

/// Pairs of a hash and where its row stands; different things may share a hash.
#[derive(Debug, Default)]
pub(crate) struct Places(HashTable<(u64, u64)>);

impl Places {
    pub fn insert(&mut self, hash: u64, place: u64) {
        let known = self.0.find(hash, |pair| *pair == (hash, place)).is_some();
        if !known {
            self.0.insert_unique(hash, (hash, place), |pair| pair.0);
        }
    }

    pub fn of(&self, hash: u64) -> impl Iterator<Item = u64> {
        self.0
            .iter_hash(hash)
            .filter(move |pair| pair.0 == hash)
            .map(|pair| pair.1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().copied()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// One generation of keys: gathered until a snapshot writes them, then dropped.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub commands: HashMap<IdempotencyKey, (Fingerprint, Sequence)>,
    /// Hashes of payments that were created, and the entries that created them.
    pub payments: Places,
    /// Hashes of orders, and the serials of their vouchers.
    pub orders: Places,
    /// Every touch of a voucher by an entry. In order, because whoever asks for one voucher's may not go through all.
    pub vouchers: BTreeSet<(Serial, Sequence)>,
    /// Hashes of a merchant's customers, and the entries that created their payments.
    pub customers: BTreeSet<(u64, Sequence)>,
    /// Vouchers that closed, some of which may have been opened again.
    pub closed: Vec<Serial>,
}

impl Pending {
    /// Notes everything but commands and closed vouchers, which are known by their rows.
    pub fn note(&mut self, entry: &Entry, seed: Seed) {
        let sequence = entry.sequence();
        match entry.fact() {
            Fact::PaymentCreated { id, request, .. } => {
                self.payments.insert(seed.payment(*id), sequence.0);
                let customer = seed.customer(id.mid.merchant, &request.customer.id);
                self.customers.insert((customer, sequence));
            }
            Fact::OrderDelivered { order, .. } => {
                self.orders
                    .insert(seed.order(order.id), order.serial.number());
            }
            Fact::MerchantSaved(_)
            | Fact::DistributorSaved(_)
            | Fact::ProductSaved(_)
            | Fact::ApiKeyIssued { .. }
            | Fact::ApiKeyRevoked { .. }
            | Fact::DocumentSaved { .. }
            | Fact::VouchersIssued { .. }
            | Fact::VoucherChanged { .. }
            | Fact::OrderCancelled { .. }
            | Fact::OrderConfirmed { .. }
            | Fact::PaymentChanged { .. } => {}
        }
        let touched = fold::vouchers_touched(entry);
        self.vouchers
            .extend(touched.into_iter().map(|serial| (serial, sequence)));
    }

    pub fn command(&self, key: IdempotencyKey) -> Option<Command> {
        self.commands.get(&key).map(|(fingerprint, entry)| Command {
            key,
            fingerprint: *fingerprint,
            entry: *entry,
        })
    }

    /// How many rows a snapshot will write for this generation, roughly.
    pub fn len(&self) -> usize {
        self.commands.len()
            + self.payments.len()
            + self.orders.len()
            + self.vouchers.len()
            + self.customers.len()
            + self.closed.len()
    }
}
