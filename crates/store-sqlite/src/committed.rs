//! What a commit hands to the projector.

use std::sync::Arc;

use accounting::document::Document;
use accounting::entry::Entry;
use payment::merchant::Merchant;
use payment::payment::Payment;
use store::row::ApiKey;
use voucher::distributor::{Distributor, Terminal};
use voucher::order::Order;
use voucher::product::Product;

/// Durable entries, and the rows that they changed as they stand after the last of them.
#[derive(Debug)]
pub(crate) struct Committed {
    pub entries: Vec<Arc<Entry>>,
    pub rows: Vec<ChangedRow>,
}

/// A row for the tables. Vouchers and commands are not among them: snapshots write these.
#[derive(Clone, Debug)]
pub(crate) enum ChangedRow {
    Merchant(Arc<Merchant>),
    Distributor(Arc<Distributor>),
    Product(Arc<Product>),
    ApiKey(ApiKey),
    Terminal(Arc<Terminal>),
    Document(Arc<Document>),
    Order(Arc<Order>),
    Payment(Arc<Payment>),
}
