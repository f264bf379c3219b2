//! Looking back: a payment as it was after one of its entries.

use std::collections::HashMap;
use std::sync::Arc;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::object::PaymentId;
use ids::voucher::Serial;
use payment::attempt::Judgement;
use payment::payment::Payment;
use payment::state::Change;
use store::failure::Failure;
use store::fold::Rows;
use store::port::Store;
use store::row::Key;
use voucher::order::Order;

/// The payment's own entries, oldest first.
pub async fn entries(store: &dyn Store, payment: &Payment) -> Result<Vec<Entry>, Failure> {
    store.entries_at(&payment.entries).await
}

/// The order that delivered a voucher, as it was then; none if the voucher came in a batch.
pub async fn order_of_voucher(
    store: &dyn Store,
    serial: Serial,
) -> Result<Option<Box<Order>>, Failure> {
    let sequences = store.voucher_entries(serial).await?;
    let first: Vec<Sequence> = sequences.into_iter().take(1).collect();
    let entries = store.entries_at(&first).await?;
    Ok(match entries.first().map(Entry::fact) {
        Some(Fact::OrderDelivered { order, .. }) => Some(order.clone()),
        _ => None,
    })
}

/// Each payment's own entries, oldest first, read in one go.
pub async fn entries_of_each(
    store: &dyn Store,
    payments: &[&Payment],
) -> Result<Vec<Vec<Entry>>, Failure> {
    let mut wanted: Vec<Sequence> = payments
        .iter()
        .flat_map(|payment| payment.entries.iter().copied())
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let found = store.entries_at(&wanted).await?;
    let found: HashMap<Sequence, Entry> = found
        .into_iter()
        .map(|entry| (entry.sequence(), entry))
        .collect();
    let of = |payment: &&Payment| {
        let own = payment.entries.iter();
        own.filter_map(|entry| found.get(entry).cloned()).collect()
    };
    Ok(payments.iter().map(of).collect())
}

/// The payment as it stood after `until`; none if that entry is not one of its own.
///
/// This is how a replayed answer is written: from the journal, not from a stored reply.
pub async fn payment_as_of(
    store: &dyn Store,
    id: PaymentId,
    until: Sequence,
) -> Result<Option<Payment>, Failure> {
    let snapshot = store.load(&[Key::Payment(id)]).await?;
    let Some(current) = snapshot.payment(id) else {
        return Ok(None);
    };
    if !current.entries.contains(&until) {
        return Ok(None);
    }
    let wanted: Vec<Sequence> = current
        .entries
        .iter()
        .copied()
        .filter(|entry| *entry <= until)
        .collect();
    Ok(fold(&store.entries_at(&wanted).await?))
}

/// A payment from its entries, of which the first creates it.
pub fn fold(entries: &[Entry]) -> Option<Payment> {
    entries
        .iter()
        .fold(None, |payment, entry| match (payment, entry.fact()) {
            (
                None,
                Fact::PaymentCreated {
                    id,
                    request,
                    due_at,
                },
            ) => Some(Payment::create(
                *id,
                Arc::clone(request),
                *due_at,
                entry.at(),
                entry.sequence(),
            )),
            (Some(payment), Fact::PaymentChanged { change, .. }) => {
                payment.apply(change, entry.at(), entry.sequence()).ok()
            }
            (payment, _) => payment,
        })
}

/// The change that an entry makes to its payment.
pub fn change_of(entry: &Entry) -> Option<&Change> {
    let Fact::PaymentChanged { change, .. } = entry.fact() else {
        return None;
    };
    Some(change)
}

/// What was decided about the attempt that an entry tells of, if it was judged.
pub fn judgement_of(entry: &Entry) -> Option<&Judgement> {
    let Fact::PaymentChanged {
        attempt: Some(attempt),
        ..
    } = entry.fact()
    else {
        return None;
    };
    attempt.judgement.as_ref()
}

/// The payment that an entry is about.
pub fn payment_of(entry: &Entry) -> Option<PaymentId> {
    match entry.fact() {
        Fact::PaymentCreated { id, .. } | Fact::PaymentChanged { id, .. } => Some(*id),
        Fact::MerchantSaved(_)
        | Fact::DistributorSaved(_)
        | Fact::ProductSaved(_)
        | Fact::ApiKeyIssued { .. }
        | Fact::ApiKeyRevoked { .. }
        | Fact::DocumentSaved { .. }
        | Fact::VouchersIssued { .. }
        | Fact::VoucherChanged { .. }
        | Fact::OrderDelivered { .. }
        | Fact::OrderCancelled { .. }
        | Fact::OrderConfirmed { .. } => None,
    }
}
