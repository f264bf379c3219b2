//! Rows: the current state of each thing, and the keys under which rows are loaded.

use ids::command::{ApiKeyDigest, Fingerprint, IdempotencyKey, Sequence};
use ids::object::{OrderId, PaymentId};
use ids::party::{DistributorId, MerchantId};
use ids::voucher::{PinIndex, Serial};
use std::sync::Arc;

use accounting::document::{Document, DocumentName};
use accounting::fact::Party;
use payment::merchant::Merchant;
use payment::payment::Payment;
use voucher::distributor::{Distributor, Terminal, TerminalKey};
use voucher::order::Order;
use voucher::product::{Product, ProductKey};
use voucher::voucher::Voucher;

/// What a load asks for. A key of a thing that points to others loads these as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Merchant(MerchantId),
    Distributor(DistributorId),
    Product(ProductKey),
    /// The API key and the party that it belongs to.
    ApiKey(ApiKeyDigest),
    Voucher(Serial),
    /// The voucher with this PIN.
    Pin(PinIndex),
    /// The payment and every voucher that pays it.
    Payment(PaymentId),
    /// The order, its voucher and its terminal, which gets back what a cancelled order took from its limits.
    Order(OrderId),
    Terminal(TerminalKey),
    Document(DocumentName),
    Command(IdempotencyKey),
}

/// The current state of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    Merchant(Arc<Merchant>),
    Distributor(Arc<Distributor>),
    Product(Arc<Product>),
    ApiKey(ApiKey),
    Voucher(Voucher),
    Payment(Arc<Payment>),
    Order(Order),
    Terminal(Terminal),
    Document(Arc<Document>),
    Command(Command),
}

/// An API key, by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub digest: ApiKeyDigest,
    pub owner: Party,
    pub status: ApiKeyStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKeyStatus {
    Active,
    Revoked,
}

/// The command that was carried out under an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    pub key: IdempotencyKey,
    pub fingerprint: Fingerprint,
    /// The entry that it became.
    pub entry: Sequence,
}

impl From<Party> for Key {
    fn from(party: Party) -> Key {
        match party {
            Party::Merchant(id) => Key::Merchant(id),
            Party::Distributor(id) => Key::Distributor(id),
            Party::Operator(id) => Key::Document(DocumentName::Operator(id)),
        }
    }
}

impl Row {
    pub fn key(&self) -> Key {
        match self {
            Row::Merchant(merchant) => Key::Merchant(merchant.id),
            Row::Distributor(distributor) => Key::Distributor(distributor.id),
            Row::Product(product) => Key::Product(product.key),
            Row::ApiKey(api_key) => Key::ApiKey(api_key.digest),
            Row::Voucher(voucher) => Key::Voucher(voucher.serial),
            Row::Payment(payment) => Key::Payment(payment.id),
            Row::Order(order) => Key::Order(order.id),
            Row::Terminal(terminal) => Key::Terminal(terminal.key),
            Row::Document(document) => Key::Document(document.name),
            Row::Command(command) => Key::Command(command.key),
        }
    }

    /// The entry that last changed the row; 0 for rows that are replaced as a whole.
    pub fn version(&self) -> Sequence {
        match self {
            Row::Merchant(merchant) => merchant.version,
            Row::Voucher(voucher) => voucher.version,
            Row::Payment(payment) => payment.version,
            Row::Order(order) => order.version,
            Row::Terminal(terminal) => terminal.version,
            Row::Document(document) => document.version,
            Row::Command(command) => command.entry,
            Row::Distributor(_) | Row::Product(_) | Row::ApiKey(_) => Sequence(0),
        }
    }
}
