//! The rows in memory: live vouchers, open payments, the parties, and what the tables do not have yet.

mod find;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use accounting::document::{Document, DocumentName};
use accounting::entry::Entry;
use ids::command::{ApiKeyDigest, Sequence};
use ids::object::{OrderId, PaymentId};
use ids::party::{DistributorId, MerchantId};
use ids::time::Timestamp;
use ledger::account::AccountId;
use ledger::balances::{BalanceOverflow, Balances};
use payment::merchant::Merchant;
use payment::payment::Payment;
use store::port::Due;
use store::row::{ApiKey, Row};
use voucher::distributor::{Distributor, Terminal, TerminalKey};
use voucher::order::Order;
use voucher::product::{Product, ProductKey};
use voucher::voucher::Voucher;

pub(crate) use crate::memory::find::{Found, Missing, pointed_to};

use crate::committed::{ChangedRow, Committed};
use crate::filter::{Filter, Kind};
use crate::hash::{self, Seed};
use crate::pending::Pending;
use crate::slab::Slab;

#[derive(Debug)]
pub(crate) struct Memory {
    pub seed: Seed,
    /// The last entry that is in these rows.
    pub head: Sequence,
    pub vouchers: Slab,
    payments: HashMap<PaymentId, Arc<Payment>>,
    payments_due: BTreeSet<(Timestamp, PaymentId)>,
    orders: HashMap<OrderId, Arc<Order>>,
    terminals: HashMap<TerminalKey, Arc<Terminal>>,
    merchants: HashMap<MerchantId, Arc<Merchant>>,
    distributors: HashMap<DistributorId, Arc<Distributor>>,
    products: HashMap<ProductKey, Arc<Product>>,
    api_keys: HashMap<ApiKeyDigest, ApiKey>,
    documents: HashMap<DocumentName, Arc<Document>>,
    pub balances: Balances,
    pub pending: Pending,
    /// The generation that a snapshot is writing.
    pub flushing: Option<Arc<Pending>>,
    pub filter: Filter,
}

/// Balances as they will stand after some entries.
#[derive(Debug, Default)]
pub(crate) struct NewBalances(HashMap<AccountId, i64>);

impl Memory {
    pub fn new(seed: Seed) -> Memory {
        Memory {
            seed,
            head: Sequence(0),
            vouchers: Slab::default(),
            payments: HashMap::new(),
            payments_due: BTreeSet::new(),
            orders: HashMap::new(),
            terminals: HashMap::new(),
            merchants: HashMap::new(),
            distributors: HashMap::new(),
            products: HashMap::new(),
            api_keys: HashMap::new(),
            documents: HashMap::new(),
            balances: Balances::default(),
            pending: Pending::default(),
            flushing: None,
            filter: Filter::default(),
        }
    }

    /// What the postings of the entries will make of the balances.
    pub fn balances_after(&self, entries: &[Arc<Entry>]) -> Result<NewBalances, BalanceOverflow> {
        let mut sums = HashMap::new();
        for leg in entries.iter().flat_map(|entry| entry.postings().legs()) {
            let sum = sums
                .entry(leg.account)
                .or_insert_with(|| self.balances.of(leg.account));
            *sum = i64::checked_add(*sum, leg.minor).ok_or(BalanceOverflow(leg.account))?;
        }
        Ok(NewBalances(sums))
    }

    /// Takes over what has become durable. Nothing here can fail.
    pub fn apply(
        &mut self,
        entries: Vec<Arc<Entry>>,
        writes: Vec<Row>,
        balances: NewBalances,
    ) -> Committed {
        for entry in &entries {
            self.pending.note(entry, self.seed);
        }
        if let Some(last) = entries.last() {
            self.head = last.sequence();
        }
        for (account, minor) in balances.0 {
            self.balances.put(account, minor);
        }
        let rows = writes.into_iter().filter_map(|row| self.put(row)).collect();
        Committed { entries, rows }
    }

    /// Puts a row, and answers it if the projector has to write it.
    pub fn put(&mut self, row: Row) -> Option<ChangedRow> {
        let changed = match row {
            Row::Voucher(voucher) => {
                self.put_voucher(voucher);
                return None;
            }
            Row::Command(command) => {
                let value = (command.fingerprint, command.entry);
                self.pending.commands.insert(command.key, value);
                return None;
            }
            Row::Merchant(merchant) => {
                self.merchants.insert(merchant.id, Arc::clone(&merchant));
                ChangedRow::Merchant(merchant)
            }
            Row::Distributor(distributor) => {
                self.distributors
                    .insert(distributor.id, Arc::clone(&distributor));
                ChangedRow::Distributor(distributor)
            }
            Row::Product(product) => {
                self.products.insert(product.key, Arc::clone(&product));
                ChangedRow::Product(product)
            }
            Row::ApiKey(api_key) => {
                self.api_keys.insert(api_key.digest, api_key);
                ChangedRow::ApiKey(api_key)
            }
            Row::Terminal(terminal) => {
                let terminal = Arc::new(terminal);
                self.terminals.insert(terminal.key, Arc::clone(&terminal));
                ChangedRow::Terminal(terminal)
            }
            Row::Document(document) => {
                self.documents.insert(document.name, Arc::clone(&document));
                ChangedRow::Document(document)
            }
            Row::Order(order) => {
                let order = Arc::new(order);
                self.orders.insert(order.id, Arc::clone(&order));
                ChangedRow::Order(order)
            }
            Row::Payment(payment) => {
                self.put_payment(Arc::clone(&payment));
                ChangedRow::Payment(payment)
            }
        };
        Some(changed)
    }

    /// At most `count` things that are due at `now`, payments first.
    pub fn due(&self, now: Timestamp, count: usize) -> Vec<Due> {
        let mut due: Vec<Due> = self
            .payments_due
            .iter()
            .take_while(|(due_at, _)| *due_at <= now)
            .take(count)
            .map(|(_, id)| Due::Payment(*id))
            .collect();
        let vouchers = self.vouchers.due(now, count - due.len());
        due.extend(vouchers.into_iter().map(Due::Voucher));
        due
    }

    /// Lets go of a row that is in the tables now, unless it has changed since.
    pub fn evict(&mut self, row: &ChangedRow) {
        match row {
            ChangedRow::Payment(stored) => {
                let same = |payment: &Arc<Payment>| Arc::ptr_eq(payment, stored);
                if stored.status.is_final() && self.payments.get(&stored.id).is_some_and(same) {
                    self.payments.remove(&stored.id);
                }
            }
            ChangedRow::Order(stored) => {
                let same = |order: &Arc<Order>| Arc::ptr_eq(order, stored);
                if self.orders.get(&stored.id).is_some_and(same) {
                    self.orders.remove(&stored.id);
                }
            }
            ChangedRow::Merchant(_)
            | ChangedRow::Distributor(_)
            | ChangedRow::Product(_)
            | ChangedRow::ApiKey(_)
            | ChangedRow::Terminal(_)
            | ChangedRow::Document(_) => {}
        }
    }

    /// Lets go of a voucher that is in the tables as it is here.
    pub fn evict_voucher(&mut self, stored: &Voucher) {
        self.filter
            .insert(Kind::ClosedVoucher, hash::serial(stored.serial));
        self.filter
            .insert(Kind::ClosedPin, self.seed.pin(stored.pin));
        if self.vouchers.voucher(stored.serial) == Some(*stored) {
            self.vouchers.remove(stored.serial);
        }
    }

    pub fn open_payments(&self) -> usize {
        self.payments_due.len()
    }

    fn put_voucher(&mut self, voucher: Voucher) {
        if voucher.is_closed() {
            self.pending.closed.push(voucher.serial);
        }
        self.vouchers.put(voucher);
    }

    fn put_payment(&mut self, payment: Arc<Payment>) {
        if !payment.status.is_final() {
            self.payments_due.insert((payment.due_at, payment.id));
        }
        let (id, due_at) = (payment.id, payment.due_at);
        let before = self.payments.insert(id, payment);
        if let Some(before) = before
            && (before.due_at != due_at || self.payments[&id].status.is_final())
        {
            self.payments_due.remove(&(before.due_at, id));
        }
    }
}
