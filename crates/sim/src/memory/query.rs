//! Questions to the tables, answered by looking at every row.

use std::sync::Arc;

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::command::Sequence;
use ids::party::MerchantId;
use ids::time::Timestamp;
use payment::payment::Payment;
use payment::state::{CaptureMode, Change};
use store::port::Due;
use store::query::{Cursor, MovementQuery, PAGE_SIZE_MAX, Page, PaymentQuery, ReversalQuery};
use store::reversal;
use store::row::Row;

use super::Tables;

/// What is due, the longest overdue first.
pub(super) fn due(tables: &Tables, now: Timestamp, count: usize) -> Vec<Due> {
    let mut due: Vec<(Timestamp, Due)> = tables
        .rows
        .values()
        .filter_map(|row| match row {
            Row::Payment(payment) => Some((payment.due_at, Due::Payment(payment.id))),
            Row::Voucher(voucher) => Some((voucher.due_at(), Due::Voucher(voucher.serial))),
            Row::Merchant(_)
            | Row::Distributor(_)
            | Row::Product(_)
            | Row::ApiKey(_)
            | Row::Order(_)
            | Row::Terminal(_)
            | Row::Document(_)
            | Row::Command(_) => None,
        })
        .filter(|(at, _)| *at <= now)
        .collect();
    due.sort_by_key(|(at, _)| *at);
    due.into_iter().take(count).map(|(_, due)| due).collect()
}

pub(super) fn payments(tables: &Tables, query: &PaymentQuery) -> Page<Arc<Payment>> {
    let mut found: Vec<(Sequence, &Arc<Payment>)> = tables
        .rows
        .values()
        .filter_map(|row| match row {
            Row::Payment(payment) if matches(payment, query) => {
                Some((*payment.entries.first()?, payment))
            }
            _ => None,
        })
        .filter(|(created, _)| query.after.is_none_or(|after| *created < after.0))
        .collect();
    found.sort_by_key(|(created, _)| std::cmp::Reverse(*created));
    let found = found
        .into_iter()
        .map(|(created, payment)| (created, Arc::clone(payment)));
    page(found.collect(), query.page_size)
}

pub(super) fn movements(tables: &Tables, query: &MovementQuery) -> Page<Sequence> {
    let found = tables.journal.iter().filter(|entry| {
        moves_for(entry, query.merchant)
            && query.from <= entry.at()
            && entry.at() < query.to
            && query.after.is_none_or(|after| after.0 < entry.sequence())
    });
    let found = found.map(|entry| (entry.sequence(), entry.sequence()));
    page(found.collect(), query.page_size)
}

pub(super) fn reversals(tables: &Tables, query: &ReversalQuery) -> Page<Sequence> {
    let found = tables.journal.iter().rev().filter(|entry| {
        reversal::of(entry).is_some_and(|found| {
            found.party == query.party && query.kind.is_none_or(|kind| kind == found.kind)
        }) && query.from.is_none_or(|from| from <= entry.at())
            && query.to.is_none_or(|to| entry.at() < to)
            && query.after.is_none_or(|after| entry.sequence() < after.0)
    });
    let found = found.map(|entry| (entry.sequence(), entry.sequence()));
    page(found.collect(), query.page_size)
}

fn matches(payment: &Payment, query: &PaymentQuery) -> bool {
    let amount = payment.request.amount;
    let created = payment.created_at;
    payment.id.mid.merchant == query.merchant
        && query.status.is_none_or(|status| status == payment.status)
        && query
            .currency
            .is_none_or(|wanted| wanted == amount.currency)
        && query.created_from.is_none_or(|from| from <= created)
        && query.created_to.is_none_or(|to| created < to)
        && query.amount_min.is_none_or(|min| min <= amount.minor)
        && query.amount_max.is_none_or(|max| amount.minor <= max)
        && query.serial.is_none_or(|serial| {
            let mut parts = payment.allocations.iter();
            parts.any(|part| part.serial == serial)
        })
        && query
            .customer_id
            .as_ref()
            .is_none_or(|id| *id == payment.request.customer.id)
        && query
            .submerchant
            .as_ref()
            .is_none_or(|id| payment.request.submerchant.as_ref() == Some(id))
}

fn moves_for(entry: &Entry, merchant: MerchantId) -> bool {
    match entry.fact() {
        Fact::PaymentChanged { id, change, .. } if id.mid.merchant == merchant => match change {
            Change::Capture { .. } | Change::Refund { .. } => true,
            Change::Authorize { mode, .. } | Change::Release { mode, .. } => {
                *mode == CaptureMode::Automatic
            }
            Change::Open { .. }
            | Change::RejectPin
            | Change::Cancel { .. }
            | Change::Expire { .. }
            | Change::ValidateRefund { .. }
            | Change::LapseRefund { .. }
            | Change::FlagDuplicate { .. }
            | Change::Stop { .. }
            | Change::Resume { .. }
            | Change::Challenge { .. }
            | Change::FailChallenge
            | Change::Review { .. }
            | Change::Approve { .. }
            | Change::Label { .. }
            | Change::ErasePayer => false,
        },
        _ => false,
    }
}

/// The first things of what was found, and where the rest begins.
fn page<T>(found: Vec<(Sequence, T)>, page_size: usize) -> Page<T> {
    let size = page_size.clamp(1, PAGE_SIZE_MAX);
    let next = (size < found.len()).then(|| Cursor(found[size - 1].0));
    let items = found.into_iter().take(size).map(|(_, item)| item).collect();
    Page { items, next }
}
