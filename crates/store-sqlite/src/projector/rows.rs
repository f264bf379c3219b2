//! What a round of commits changes in the tables: each row once, as the last commit left it.

use std::collections::BTreeMap;
use std::sync::Arc;

use accounting::document::DocumentName;
use accounting::entry::Entry;
use ids::command::{ApiKeyDigest, Sequence};
use ids::object::OrderId;
use ids::party::{DistributorId, MerchantId};
use ids::voucher::Serial;
use ledger::account::AccountId;
use ledger::balances::Balances;
use parking_lot::RwLock;
use rusqlite::Connection;
use store::query::first_entry;
use voucher::distributor::TerminalKey;
use voucher::product::ProductKey;

use crate::committed::{ChangedRow, Committed};
use crate::memory::Memory;
use crate::views::write::{put_balance, put_movement, put_reversal, put_row};

/// Rows that are let go of under one lock, so that commits wait little.
const EVICTIONS_AT_ONCE: usize = 512;

pub(crate) struct Changes<'a> {
    entries: Vec<&'a Arc<Entry>>,
    rows: Vec<ChangedRow>,
    balances: BTreeMap<AccountId, i64>,
}

/// The order in which rows are written: one table after the other, each by its key.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Merchant(MerchantId),
    Distributor(DistributorId),
    Product(ProductKey),
    ApiKey(ApiKeyDigest),
    Terminal(TerminalKey),
    Document(DocumentName),
    Order(Serial, OrderId),
    Payment(Sequence),
}

impl<'a> Changes<'a> {
    pub fn of(commits: &'a [Committed], before: &Balances) -> Changes<'a> {
        let mut rows: Vec<(Place, &ChangedRow)> = commits
            .iter()
            .flat_map(|commit| &commit.rows)
            .map(|row| (place(row), row))
            .collect();
        // The sort is stable: of equal places the last one is the newest.
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        let newest = rows
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|same| same.last().map(|last| last.1.clone()))
            .collect();
        let entries: Vec<&Arc<Entry>> = commits.iter().flat_map(|commit| &commit.entries).collect();
        let mut balances = BTreeMap::new();
        for leg in entries.iter().flat_map(|entry| entry.postings().legs()) {
            let balance = balances
                .entry(leg.account)
                .or_insert_with(|| before.of(leg.account));
            *balance += leg.minor;
        }
        Changes {
            entries,
            rows: newest,
            balances,
        }
    }

    pub fn write(&self, tx: &Connection) -> rusqlite::Result<()> {
        for row in &self.rows {
            put_row(tx, row)?;
        }
        for entry in &self.entries {
            put_movement(tx, entry)?;
            put_reversal(tx, entry)?;
        }
        for (account, minor) in &self.balances {
            put_balance(tx, account, *minor)?;
        }
        Ok(())
    }

    /// Lets memory forget what is closed and stands in the tables.
    pub fn evict(&self, memory: &RwLock<Memory>) {
        for rows in self.rows.chunks(EVICTIONS_AT_ONCE) {
            let mut memory = memory.write();
            rows.iter().for_each(|row| memory.evict(row));
        }
    }

    pub fn post(&self, balances: &mut Balances) {
        for (account, minor) in &self.balances {
            balances.put(*account, *minor);
        }
    }
}

fn place(row: &ChangedRow) -> Place {
    match row {
        ChangedRow::Merchant(merchant) => Place::Merchant(merchant.id),
        ChangedRow::Distributor(distributor) => Place::Distributor(distributor.id),
        ChangedRow::Product(product) => Place::Product(product.key),
        ChangedRow::ApiKey(api_key) => Place::ApiKey(api_key.digest),
        ChangedRow::Terminal(terminal) => Place::Terminal(terminal.key),
        ChangedRow::Document(document) => Place::Document(document.name),
        ChangedRow::Order(order) => Place::Order(order.serial, order.id),
        ChangedRow::Payment(payment) => Place::Payment(first_entry(payment)),
    }
}
