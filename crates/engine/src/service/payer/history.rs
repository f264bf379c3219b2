//! What happened to a voucher, in words for its owner.

use std::collections::BTreeMap;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::party::MerchantId;
use ids::time::Timestamp;
use ids::voucher::Serial;
use store::failure::Failure;
use store::port::Store;
use store::row::Key;
use voucher::state::Change;
use voucher::voucher::{Activation, NewVoucher, Voucher};

/// One line of a voucher's history. Amounts are minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryItem {
    pub at: Timestamp,
    pub event: HistoryEvent,
    /// The merchant concerned, if one is.
    pub merchant: Option<String>,
    /// What the balance gained, or lost if negative; 0 where it stayed.
    pub change_minor: i64,
    /// The balance after it.
    pub balance_minor: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryEvent {
    Bought,
    /// Held for a payment.
    Reserved,
    /// A hold came back.
    Released,
    /// Held and captured in one.
    Paid,
    /// What was held before was captured; the balance stays.
    PaidFromReservation,
    Refunded,
    Fee,
    Frozen,
    Unfrozen,
}

/// Entries that one history is made of at most; of a longer one the oldest are left out.
pub const ENTRIES_MAX: usize = 1_000;

/// The history of a voucher, oldest first. It may trail by the store's stated lag.
pub(super) async fn of_voucher(
    store: &dyn Store,
    voucher: &Voucher,
) -> Result<Vec<HistoryItem>, Failure> {
    let sequences = store.voucher_entries(voucher.serial).await?;
    let left_out = sequences.len().saturating_sub(ENTRIES_MAX);
    let entries = store.entries_at(&sequences[left_out..]).await?;
    let steps: Vec<Step> = entries
        .iter()
        .flat_map(|entry| steps_of(entry, voucher.serial))
        .collect();
    let names = merchant_names(store, &steps).await?;
    let gained: i64 = steps.iter().map(|step| step.change_minor).sum();
    let mut balance_minor = if left_out == 0 {
        0
    } else {
        voucher.remaining - gained
    };
    let item = |step: Step| {
        balance_minor += step.change_minor;
        HistoryItem {
            at: step.at,
            event: step.event,
            merchant: step.merchant.and_then(|id| names.get(&id).cloned()),
            change_minor: step.change_minor,
            balance_minor,
        }
    };
    Ok(steps.into_iter().map(item).collect())
}

struct Step {
    at: Timestamp,
    event: HistoryEvent,
    merchant: Option<MerchantId>,
    change_minor: i64,
}

async fn merchant_names(
    store: &dyn Store,
    steps: &[Step],
) -> Result<BTreeMap<MerchantId, String>, Failure> {
    let mut merchants: Vec<MerchantId> = steps.iter().filter_map(|step| step.merchant).collect();
    merchants.sort_unstable();
    merchants.dedup();
    let keys: Vec<Key> = merchants.iter().copied().map(Key::Merchant).collect();
    let rows = store.load(&keys).await?;
    let named = merchants.into_iter().filter_map(|id| {
        let merchant = rows.merchant(id)?;
        Some((id, merchant.name.clone()))
    });
    Ok(named.collect())
}

fn steps_of(entry: &Entry, serial: Serial) -> Vec<Step> {
    let (merchant, events) = match entry.fact() {
        Fact::VouchersIssued { vouchers, .. } => {
            (None, sale(vouchers, serial, HistoryEvent::Bought))
        }
        Fact::OrderDelivered { voucher, .. } => (
            None,
            sale(std::slice::from_ref(voucher), serial, HistoryEvent::Bought),
        ),
        Fact::VoucherChanged { change, .. } => (None, events_of(&[*change])),
        Fact::PaymentChanged {
            id,
            effects,
            replacements,
            ..
        } => {
            let own = effects.iter().filter(|(changed, _)| *changed == serial);
            let changes: Vec<Change> = own.map(|(_, change)| *change).collect();
            let mut events = events_of(&changes);
            events.extend(sale(replacements, serial, HistoryEvent::Refunded));
            (Some(id.mid.merchant), events)
        }
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::OrderCancelled { .. }
        | Fact::OrderConfirmed { .. }
        | Fact::PaymentCreated { .. } => (None, Vec::new()),
    };
    let step = |(event, change_minor)| Step {
        at: entry.at(),
        event,
        merchant,
        change_minor,
    };
    events.into_iter().map(step).collect()
}

/// The voucher's own sale, where an entry made it ready to be spent.
fn sale(vouchers: &[NewVoucher], serial: Serial, event: HistoryEvent) -> Vec<(HistoryEvent, i64)> {
    let own = vouchers.iter().filter(|voucher| voucher.serial == serial);
    own.filter_map(|voucher| match voucher.activation {
        Activation::Pending => None,
        Activation::Immediate { .. } => Some((event, voucher.face.minor)),
    })
    .collect()
}

/// What the changes of one entry mean; a hold that is captured at once is a plain payment.
fn events_of(changes: &[Change]) -> Vec<(HistoryEvent, i64)> {
    let mut events: Vec<(HistoryEvent, i64)> = Vec::with_capacity(changes.len());
    for change in changes {
        match (events.last_mut(), change) {
            (Some((event @ HistoryEvent::Reserved, held)), Change::Capture { minor })
                if *held == -*minor =>
            {
                *event = HistoryEvent::Paid;
            }
            _ => events.extend(event_of(*change)),
        }
    }
    events
}

fn event_of(change: Change) -> Option<(HistoryEvent, i64)> {
    match change {
        Change::Activate { minor, .. } => Some((HistoryEvent::Bought, minor)),
        Change::Hold { minor } => Some((HistoryEvent::Reserved, -minor)),
        Change::Release { minor } => Some((HistoryEvent::Released, minor)),
        Change::Capture { .. } => Some((HistoryEvent::PaidFromReservation, 0)),
        Change::Refund { minor } => Some((HistoryEvent::Refunded, minor)),
        Change::Freeze { .. } => Some((HistoryEvent::Frozen, 0)),
        Change::Unfreeze => Some((HistoryEvent::Unfrozen, 0)),
        Change::ChargeFee { minor: 0, .. } => None,
        Change::ChargeFee { minor, .. } => Some((HistoryEvent::Fee, -minor)),
        // The end of a voucher is not told: the balance page does not speak of one that has ended.
        Change::Expire { .. } | Change::Void { .. } => None,
    }
}
