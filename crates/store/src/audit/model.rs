//! Everything that the journal says, in plain maps.

use std::collections::HashMap;
use std::sync::Arc;

use accounting::document::{Document, DocumentName};
use ids::command::{ApiKeyDigest, IdempotencyKey};
use ids::object::{OrderId, PaymentId};
use ids::party::{DistributorId, MerchantId};
use ids::voucher::Serial;
use ledger::balances::Balances;
use payment::merchant::Merchant;
use payment::payment::Payment;
use voucher::distributor::{Distributor, Terminal, TerminalKey};
use voucher::order::Order;
use voucher::product::{Product, ProductKey};
use voucher::voucher::Voucher;

use crate::fold::Rows;
use crate::row::{ApiKey, Command, Row};

#[derive(Debug, Default)]
pub struct Model {
    pub entries: u64,
    pub merchants: HashMap<MerchantId, Arc<Merchant>>,
    pub distributors: HashMap<DistributorId, Arc<Distributor>>,
    pub products: HashMap<ProductKey, Arc<Product>>,
    pub api_keys: HashMap<ApiKeyDigest, ApiKey>,
    pub vouchers: HashMap<Serial, Voucher>,
    pub payments: HashMap<PaymentId, Arc<Payment>>,
    pub orders: HashMap<OrderId, Order>,
    pub terminals: HashMap<TerminalKey, Terminal>,
    pub documents: HashMap<DocumentName, Arc<Document>>,
    pub commands: HashMap<IdempotencyKey, Command>,
    pub balances: Balances,
}

impl Model {
    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
        let merchants = self.merchants.values().cloned().map(Row::Merchant);
        let distributors = self.distributors.values().cloned().map(Row::Distributor);
        let products = self.products.values().cloned().map(Row::Product);
        let api_keys = self.api_keys.values().copied().map(Row::ApiKey);
        let vouchers = self.vouchers.values().copied().map(Row::Voucher);
        let payments = self.payments.values().cloned().map(Row::Payment);
        let orders = self.orders.values().cloned().map(Row::Order);
        let terminals = self.terminals.values().cloned().map(Row::Terminal);
        let documents = self.documents.values().cloned().map(Row::Document);
        let commands = self.commands.values().copied().map(Row::Command);
        merchants
            .chain(distributors)
            .chain(products)
            .chain(api_keys)
            .chain(vouchers)
            .chain(payments)
            .chain(orders)
            .chain(terminals)
            .chain(documents)
            .chain(commands)
    }
}

impl Rows for Model {
    fn api_key(&self, digest: ApiKeyDigest) -> Option<ApiKey> {
        self.api_keys.get(&digest).copied()
    }

    fn voucher(&self, serial: Serial) -> Option<Voucher> {
        self.vouchers.get(&serial).copied()
    }

    fn payment(&self, id: PaymentId) -> Option<&Arc<Payment>> {
        self.payments.get(&id)
    }

    fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.get(&id)
    }

    fn terminal(&self, key: TerminalKey) -> Option<&Terminal> {
        self.terminals.get(&key)
    }

    fn put(&mut self, row: Row) {
        match row {
            Row::Merchant(row) => drop(self.merchants.insert(row.id, row)),
            Row::Distributor(row) => drop(self.distributors.insert(row.id, row)),
            Row::Product(row) => drop(self.products.insert(row.key, row)),
            Row::ApiKey(row) => drop(self.api_keys.insert(row.digest, row)),
            Row::Voucher(row) => drop(self.vouchers.insert(row.serial, row)),
            Row::Payment(row) => drop(self.payments.insert(row.id, row)),
            Row::Order(row) => drop(self.orders.insert(row.id, row)),
            Row::Terminal(row) => drop(self.terminals.insert(row.key, row)),
            Row::Document(row) => drop(self.documents.insert(row.name, row)),
            Row::Command(row) => drop(self.commands.insert(row.key, row)),
        }
    }
}
