//! Questions that lists, searches and reports ask, and what backends share in answering them.

use std::cmp::Reverse;
use std::sync::Arc;

use accounting::fact::Party;
use ids::command::Sequence;
use ids::party::MerchantId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::currency::Currency;
use payment::payment::Payment;
use payment::state::Status;

use crate::reversal::ReversalKind;

/// The largest page that a query returns.
pub const PAGE_SIZE_MAX: usize = 200;

/// Which payments of a merchant to list. Absent conditions let everything through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentQuery {
    pub merchant: MerchantId,
    pub status: Option<Status>,
    pub currency: Option<Currency>,
    /// Created at or after.
    pub created_from: Option<Timestamp>,
    /// Created before.
    pub created_to: Option<Timestamp>,
    /// Minor units, inclusive.
    pub amount_min: Option<i64>,
    /// Minor units, inclusive.
    pub amount_max: Option<i64>,
    pub serial: Option<Serial>,
    pub customer_id: Option<String>,
    pub submerchant: Option<String>,
    /// The cursor of the page before.
    pub after: Option<Cursor>,
    /// 1 to [`PAGE_SIZE_MAX`].
    pub page_size: usize,
}

/// Which captures and refunds of a merchant to report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovementQuery {
    pub merchant: MerchantId,
    /// At or after.
    pub from: Timestamp,
    /// Before.
    pub to: Timestamp,
    pub after: Option<Cursor>,
    /// 1 to [`PAGE_SIZE_MAX`].
    pub page_size: usize,
}

/// Which corrections of a party's payments or orders to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReversalQuery {
    pub party: Party,
    pub kind: Option<ReversalKind>,
    /// Put right at or after.
    pub from: Option<Timestamp>,
    /// Put right before.
    pub to: Option<Timestamp>,
    pub after: Option<Cursor>,
    /// 1 to [`PAGE_SIZE_MAX`].
    pub page_size: usize,
}

/// Where the next page begins: behind the thing with this first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub Sequence);

/// One page of answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Present where more follows.
    pub next: Option<Cursor>,
}

/// The page of payments that were gathered some other way.
pub fn page_among(mut payments: Vec<Arc<Payment>>, query: &PaymentQuery) -> Page<Arc<Payment>> {
    payments.sort_by_key(|payment| Reverse(first_entry(payment)));
    if let Some(Cursor(last)) = query.after {
        payments.retain(|payment| first_entry(payment) < last);
    }
    payments.retain(|payment| matches(payment, query));
    payments.truncate(page_size(query.page_size) + 1);
    page_of(payments, query.page_size, |payment| first_entry(payment))
}

/// Whether the query selects the payment; its cursor is not looked at.
pub fn matches(payment: &Payment, query: &PaymentQuery) -> bool {
    let amount = payment.request.amount;
    let serial_pays = |serial| payment.allocations.iter().any(|part| part.serial == serial);
    payment.id.mid.merchant == query.merchant
        && query.status.is_none_or(|status| payment.status == status)
        && query
            .currency
            .is_none_or(|wanted| amount.currency == wanted)
        && query
            .created_from
            .is_none_or(|from| from <= payment.created_at)
        && query.created_to.is_none_or(|to| payment.created_at < to)
        && query.amount_min.is_none_or(|min| min <= amount.minor)
        && query.amount_max.is_none_or(|max| amount.minor <= max)
        && query.serial.is_none_or(serial_pays)
        && query
            .customer_id
            .as_ref()
            .is_none_or(|id| payment.request.customer.id == *id)
        && (query.submerchant.is_none() || payment.request.submerchant == query.submerchant)
}

/// The first entry of a payment, by which pages are cut.
pub fn first_entry(payment: &Payment) -> Sequence {
    payment.entries.first().copied().unwrap_or(payment.version)
}

/// A page size within its bounds.
pub fn page_size(asked: usize) -> usize {
    asked.clamp(1, PAGE_SIZE_MAX)
}

/// Cuts the one item too many that shows that more follows.
pub fn page_of<T>(mut items: Vec<T>, size: usize, place: impl Fn(&T) -> Sequence) -> Page<T> {
    let more = page_size(size) < items.len();
    items.truncate(page_size(size));
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| Cursor(place(last)));
    Page { items, next }
}

/// The number of a status in the tables, where those below 3 are open. Never changed, for it is stored.
pub fn status_number(status: Status) -> i16 {
    match status {
        Status::Initiated => 0,
        Status::Redirected => 1,
        Status::Authorized => 2,
        Status::Success => 3,
        Status::CanceledMerchant => 4,
        Status::CanceledCustomer => 5,
        Status::Expired => 6,
    }
}
