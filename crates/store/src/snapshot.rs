//! The rows that a batch of commands needs, and what the batch has made of them so far.

use std::hash::Hash;
use std::sync::Arc;

use ids::command::{ApiKeyDigest, IdempotencyKey, Sequence};
use ids::object::{OrderId, PaymentId};
use ids::party::{DistributorId, MerchantId};
use ids::time::Timestamp;
use ids::voucher::{PinIndex, Serial};
use payment::merchant::Merchant;
use payment::payment::Payment;
use voucher::distributor::{Distributor, Terminal, TerminalKey};
use voucher::order::Order;
use voucher::product::{Product, ProductKey};
use voucher::voucher::Voucher;

use accounting::document::{Document, DocumentName};
use accounting::entry::Entry;
use hashbrown::HashMap;

use crate::fold::{self, FoldError, Rows};
use crate::port::Precondition;
use crate::row::{ApiKey, Command, Key, Row};

/// Loaded rows. What was not loaded reads as absent, so whoever decides must have named every key.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    merchants: Table<MerchantId, Arc<Merchant>>,
    distributors: Table<DistributorId, Arc<Distributor>>,
    products: Table<ProductKey, Arc<Product>>,
    api_keys: Table<ApiKeyDigest, ApiKey>,
    vouchers: Table<Serial, Voucher>,
    pins: HashMap<PinIndex, Serial>,
    payments: Table<PaymentId, Arc<Payment>>,
    orders: Table<OrderId, Order>,
    terminals: Table<TerminalKey, Terminal>,
    documents: Table<DocumentName, Arc<Document>>,
    commands: Table<IdempotencyKey, Command>,
    journal: JournalSeen,
}

/// What the backend told of the journal when it loaded the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournalSeen {
    pub head: Sequence,
    /// The latest time of all entries.
    pub latest: Timestamp,
}

/// What a batch changed: the rows as they are now, and what must still hold of the stored ones.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub writes: Vec<Row>,
    pub preconditions: Vec<Precondition>,
}

#[derive(Clone, Debug)]
struct Table<K, V>(HashMap<K, Slot<V>>);

#[derive(Clone, Debug)]
struct Slot<V> {
    row: V,
    origin: Origin,
}

/// Whether a decision depends on rows that it has read and left as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    /// It does: a voucher that another node lets go meanwhile would have paid, so the decision is made again.
    Bind,
    /// It does not: terms may change between a decision and its commit, and busy rows stay out of the way.
    Free,
}

/// What is known of the stored row behind a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// As it was loaded.
    Unchanged,
    /// Changed since it was loaded at this version.
    Changed(Sequence),
    /// Not stored before this batch.
    Created,
}

impl Snapshot {
    /// Adds a row as the backend has it.
    pub fn insert_loaded(&mut self, row: Row) {
        match row {
            Row::Merchant(row) => self.merchants.load(row.id, row),
            Row::Distributor(row) => self.distributors.load(row.id, row),
            Row::Product(row) => self.products.load(row.key, row),
            Row::ApiKey(row) => self.api_keys.load(row.digest, row),
            Row::Voucher(row) => {
                self.pins.insert(row.pin, row.serial);
                self.vouchers.load(row.serial, row);
            }
            Row::Payment(row) => self.payments.load(row.id, row),
            Row::Order(row) => self.orders.load(row.id, row),
            Row::Terminal(row) => self.terminals.load(row.key, row),
            Row::Document(row) => self.documents.load(row.name, row),
            Row::Command(row) => self.commands.load(row.key, row),
        }
    }

    /// Notes how far the journal was when the rows were loaded.
    pub fn note_journal(&mut self, seen: JournalSeen) {
        self.journal = seen;
    }

    /// How far the journal was at least when the rows were loaded.
    pub fn journal(&self) -> JournalSeen {
        self.journal
    }

    pub fn merchant(&self, id: MerchantId) -> Option<&Arc<Merchant>> {
        self.merchants.row(&id)
    }

    pub fn distributor(&self, id: DistributorId) -> Option<&Arc<Distributor>> {
        self.distributors.row(&id)
    }

    pub fn product(&self, key: ProductKey) -> Option<&Arc<Product>> {
        self.products.row(&key)
    }

    pub fn voucher_by_pin(&self, pin: PinIndex) -> Option<&Voucher> {
        self.vouchers.row(self.pins.get(&pin)?)
    }

    pub fn document(&self, name: DocumentName) -> Option<&Arc<Document>> {
        self.documents.row(&name)
    }

    pub fn command(&self, key: IdempotencyKey) -> Option<&Command> {
        self.commands.row(&key)
    }

    /// Folds the entry into the rows; on an error no row is changed.
    pub fn try_apply(&mut self, entry: &Entry) -> Result<(), FoldError> {
        let mut trial = Trial {
            rows: self,
            puts: Vec::new(),
        };
        fold::apply(&mut trial, entry)?;
        let puts = trial.puts;
        puts.into_iter().for_each(|row| self.put(row));
        Ok(())
    }

    /// Everything that entries have changed since the load.
    pub fn into_changes(self) -> Changes {
        let mut changes = Changes::default();
        self.merchants
            .drain(&mut changes, Row::Merchant, Key::Merchant, Reads::Free);
        self.distributors.drain(
            &mut changes,
            Row::Distributor,
            Key::Distributor,
            Reads::Free,
        );
        self.products
            .drain(&mut changes, Row::Product, Key::Product, Reads::Free);
        self.api_keys
            .drain(&mut changes, Row::ApiKey, Key::ApiKey, Reads::Free);
        self.vouchers
            .drain(&mut changes, Row::Voucher, Key::Voucher, Reads::Bind);
        self.payments
            .drain(&mut changes, Row::Payment, Key::Payment, Reads::Bind);
        self.orders
            .drain(&mut changes, Row::Order, Key::Order, Reads::Bind);
        self.terminals
            .drain(&mut changes, Row::Terminal, Key::Terminal, Reads::Free);
        self.documents
            .drain(&mut changes, Row::Document, Key::Document, Reads::Bind);
        self.commands
            .drain(&mut changes, Row::Command, Key::Command, Reads::Free);
        changes
    }
}

impl Rows for Snapshot {
    fn api_key(&self, digest: ApiKeyDigest) -> Option<ApiKey> {
        self.api_keys.row(&digest).copied()
    }

    fn voucher(&self, serial: Serial) -> Option<Voucher> {
        self.vouchers.row(&serial).copied()
    }

    fn payment(&self, id: PaymentId) -> Option<&Arc<Payment>> {
        self.payments.row(&id)
    }

    fn order(&self, id: OrderId) -> Option<&Order> {
        self.orders.row(&id)
    }

    fn terminal(&self, key: TerminalKey) -> Option<&Terminal> {
        self.terminals.row(&key)
    }

    fn put(&mut self, row: Row) {
        match row {
            Row::Merchant(row) => self.merchants.put(row.id, row),
            Row::Distributor(row) => self.distributors.put(row.id, row),
            Row::Product(row) => self.products.put(row.key, row),
            Row::ApiKey(row) => self.api_keys.put(row.digest, row),
            Row::Voucher(row) => {
                self.pins.insert(row.pin, row.serial);
                self.vouchers.put(row.serial, row);
            }
            Row::Payment(row) => self.payments.put(row.id, row),
            Row::Order(row) => self.orders.put(row.id, row),
            Row::Terminal(row) => self.terminals.put(row.key, row),
            Row::Document(row) => self.documents.put(row.name, row),
            Row::Command(row) => self.commands.put(row.key, row),
        }
    }
}

/// Rows with puts that are not made yet.
struct Trial<'a> {
    rows: &'a Snapshot,
    puts: Vec<Row>,
}

impl Trial<'_> {
    fn latest<T>(&self, pick: impl FnMut(&Row) -> Option<T>) -> Option<T> {
        self.puts.iter().rev().find_map(pick)
    }
}

impl Rows for Trial<'_> {
    fn api_key(&self, digest: ApiKeyDigest) -> Option<ApiKey> {
        self.rows.api_key(digest)
    }

    fn voucher(&self, serial: Serial) -> Option<Voucher> {
        let put = self.latest(|row| match row {
            Row::Voucher(voucher) if voucher.serial == serial => Some(*voucher),
            _ => None,
        });
        put.or_else(|| self.rows.voucher(serial))
    }

    // An entry changes a payment, an order or a terminal once, so what it put need not be seen again.

    fn payment(&self, id: PaymentId) -> Option<&Arc<Payment>> {
        self.rows.payment(id)
    }

    fn order(&self, id: OrderId) -> Option<&Order> {
        self.rows.order(id)
    }

    fn terminal(&self, key: TerminalKey) -> Option<&Terminal> {
        self.rows.terminal(key)
    }

    fn put(&mut self, row: Row) {
        self.puts.push(row);
    }
}

/// A row whose version says when it was last changed; the others are replaced as a whole.
trait Versioned {
    fn version(&self) -> Sequence;
}

macro_rules! versioned {
    ($($row:ty => $version:expr),* $(,)?) => {
        $(impl Versioned for $row {
            fn version(&self) -> Sequence {
                let version: fn(&$row) -> Sequence = $version;
                version(self)
            }
        })*
    };
}

versioned! {
    Arc<Merchant> => |row| row.version,
    Arc<Distributor> => |_| Sequence(0),
    Arc<Product> => |_| Sequence(0),
    ApiKey => |_| Sequence(0),
    Voucher => |row| row.version,
    Arc<Payment> => |row| row.version,
    Order => |row| row.version,
    Terminal => |row| row.version,
    Arc<Document> => |row| row.version,
    Command => |row| row.entry,
}

impl<K: Copy + Eq + Hash, V: Versioned> Table<K, V> {
    fn row(&self, key: &K) -> Option<&V> {
        self.0.get(key).map(|slot| &slot.row)
    }

    fn load(&mut self, key: K, row: V) {
        self.0.entry(key).or_insert(Slot {
            row,
            origin: Origin::Unchanged,
        });
    }

    fn put(&mut self, key: K, row: V) {
        let origin = match self.0.get(&key) {
            None => Origin::Created,
            Some(Slot {
                origin: Origin::Unchanged,
                row,
            }) => Origin::Changed(row.version()),
            Some(Slot { origin, .. }) => *origin,
        };
        self.0.insert(key, Slot { row, origin });
    }

    fn drain(self, changes: &mut Changes, row: fn(V) -> Row, key: fn(K) -> Key, reads: Reads) {
        for (id, slot) in self.0 {
            let expected = match (slot.origin, reads) {
                (Origin::Unchanged, Reads::Free) => continue,
                (Origin::Unchanged, Reads::Bind) => Some(slot.row.version()),
                (Origin::Changed(version), _) => Some(version),
                (Origin::Created, _) => None,
            };
            changes.preconditions.push(Precondition {
                key: key(id),
                expected,
            });
            if slot.origin != Origin::Unchanged {
                changes.writes.push(row(slot.row));
            }
        }
    }
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Table<K, V> {
        Table(HashMap::new())
    }
}
