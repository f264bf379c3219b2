//! Questions that lists, searches and reports ask.

use accounting::fact::Party;
use ids::command::Sequence;
use ids::party::MerchantId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use money::currency::Currency;
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
