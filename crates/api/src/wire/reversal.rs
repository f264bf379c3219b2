//! What was put right by itself, as its party sees it.

use accounting::entry::Entry;
use accounting::fact::Fact;
use ids::object::{OrderId, PaymentId, RefundId};
use money::amount::Amount;
use money::currency::Currency;
use payment::payment::Payment;
use payment::state::Change;
use serde::Serialize;
use store::reversal::{self, ReversalKind};
use utoipa::ToSchema;
use voucher::order::Order;
use voucher::state::Change as VoucherChange;

use crate::wire::{Decimal, Milliseconds, Shown};

/// Something that hung, and the entry that put it right.
#[derive(Serialize, ToSchema)]
pub struct Reversal {
    /// Always `REVERSAL`.
    #[schema(example = "REVERSAL")]
    pub object: &'static str,
    pub kind: KindWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub payment_id: Option<Shown<PaymentId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub order_id: Option<Shown<OrderId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refund_id: Option<Shown<RefundId>>,
    /// For duplicates, the payment that was authorised before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub duplicate_of: Option<Shown<PaymentId>>,
    /// What was given back; where nothing was, what it is about.
    pub amount: Decimal,
    #[schema(value_type = String, example = "EUR")]
    pub currency: Shown<Currency>,
    /// The last thing that happened before it hung.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeared: Option<Moment>,
    /// What put it right; missing while a stopped payment waits for the issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Moment>,
}

/// An entry of the journal.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = ReversalMoment)]
pub struct Moment {
    pub time: Milliseconds,
    /// Its place in the journal.
    #[schema(example = 42)]
    pub sequence: u64,
}

/// What hung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReversalKind)]
pub enum KindWord {
    PaymentAbandoned,
    CheckoutAbandoned,
    /// A payment in review about which nobody decided in time.
    ReviewLapsed,
    HoldLapsed,
    Duplicate,
    RefundLapsed,
    OrderUnconfirmed,
    Mismatch,
}

impl Reversal {
    /// A correction of a payment; `history` are the payment's entries, oldest first.
    pub fn of_payment(entry: &Entry, payment: &Payment, history: &[Entry]) -> Option<Reversal> {
        let kind = reversal::of(entry)?.kind;
        let Fact::PaymentChanged {
            change, effects, ..
        } = entry.fact()
        else {
            return None;
        };
        let given_back: i64 = effects.iter().map(|(_, effect)| returned(*effect)).sum();
        let refund = refund_of(change);
        let minor = match refund.and_then(|id| payment.refund(id)) {
            Some(refund) => refund.request.minor,
            None if given_back == 0 => payment.request.amount.minor,
            None => given_back,
        };
        let currency = payment.id.mid.currency;
        Some(Reversal {
            object: "REVERSAL",
            kind: kind.into(),
            payment_id: Some(Shown(payment.id)),
            order_id: None,
            refund_id: refund.map(Shown),
            duplicate_of: payment
                .duplicate
                .filter(|_| kind == ReversalKind::Duplicate)
                .map(|found| Shown(found.of)),
            amount: Decimal(Amount::new(minor, currency)),
            currency: Shown(currency),
            appeared: appeared(kind, entry, history),
            resolved: resolved(kind, entry, history),
        })
    }

    /// An order that nobody confirmed since its delivery.
    pub fn of_order(entry: &Entry, order: &Order, delivery: Option<&Entry>) -> Option<Reversal> {
        let kind = reversal::of(entry)?.kind;
        Some(Reversal {
            object: "REVERSAL",
            kind: kind.into(),
            payment_id: None,
            order_id: Some(Shown(order.id)),
            refund_id: None,
            duplicate_of: None,
            amount: Decimal(order.amount),
            currency: Shown(order.amount.currency),
            appeared: delivery.map(Moment::of),
            resolved: Some(Moment::of(entry)),
        })
    }
}

/// The entry behind which nothing more came that should have come.
fn appeared(kind: ReversalKind, entry: &Entry, history: &[Entry]) -> Option<Moment> {
    let before = |found: &&Entry| found.sequence() < entry.sequence();
    let mut earlier = history.iter().rev().filter(before);
    let found = match kind {
        ReversalKind::PaymentAbandoned
        | ReversalKind::CheckoutAbandoned
        | ReversalKind::ReviewLapsed
        | ReversalKind::HoldLapsed
        | ReversalKind::OrderUnconfirmed => earlier.next(),
        ReversalKind::Duplicate => earlier.find(|earlier| {
            let change = engine::history::change_of(earlier);
            change.is_some_and(Change::authorizes)
        }),
        ReversalKind::RefundLapsed => {
            let lapsed = engine::history::change_of(entry).and_then(refund_of);
            earlier
                .find(|earlier| engine::history::change_of(earlier).and_then(refund_of) == lapsed)
        }
        ReversalKind::Mismatch => Some(entry),
    };
    found.map(Moment::of)
}

fn resolved(kind: ReversalKind, entry: &Entry, history: &[Entry]) -> Option<Moment> {
    if kind != ReversalKind::Mismatch {
        return Some(Moment::of(entry));
    }
    let released = history.iter().find(|later| {
        let change = engine::history::change_of(later);
        entry.sequence() < later.sequence() && matches!(change, Some(Change::Resume { .. }))
    });
    released.map(Moment::of)
}

fn refund_of(change: &Change) -> Option<RefundId> {
    match change {
        Change::ValidateRefund { id, .. }
        | Change::Refund { id, .. }
        | Change::LapseRefund { id } => Some(*id),
        Change::Open { .. }
        | Change::RejectPin
        | Change::Authorize { .. }
        | Change::Capture { .. }
        | Change::Cancel { .. }
        | Change::Expire { .. }
        | Change::FlagDuplicate { .. }
        | Change::Stop { .. }
        | Change::Challenge { .. }
        | Change::FailChallenge
        | Change::Review { .. }
        | Change::Approve { .. }
        | Change::Release { .. }
        | Change::Label { .. }
        | Change::ErasePayer
        | Change::Resume { .. } => None,
    }
}

/// What a voucher got back, minor units.
fn returned(effect: VoucherChange) -> i64 {
    match effect {
        VoucherChange::Release { minor } | VoucherChange::Refund { minor } => minor,
        VoucherChange::Activate { .. }
        | VoucherChange::Hold { .. }
        | VoucherChange::Capture { .. }
        | VoucherChange::Freeze { .. }
        | VoucherChange::Unfreeze
        | VoucherChange::ChargeFee { .. }
        | VoucherChange::Expire { .. }
        | VoucherChange::Void { .. } => 0,
    }
}

impl Moment {
    fn of(entry: &Entry) -> Moment {
        Moment {
            time: entry.at().into(),
            sequence: entry.sequence().0,
        }
    }
}

impl KindWord {
    /// The word in the API.
    pub fn name(self) -> &'static str {
        match self {
            KindWord::PaymentAbandoned => "payment_abandoned",
            KindWord::CheckoutAbandoned => "checkout_abandoned",
            KindWord::ReviewLapsed => "review_lapsed",
            KindWord::HoldLapsed => "hold_lapsed",
            KindWord::Duplicate => "duplicate",
            KindWord::RefundLapsed => "refund_lapsed",
            KindWord::OrderUnconfirmed => "order_unconfirmed",
            KindWord::Mismatch => "mismatch",
        }
    }
}

impl From<ReversalKind> for KindWord {
    fn from(kind: ReversalKind) -> KindWord {
        match kind {
            ReversalKind::PaymentAbandoned => KindWord::PaymentAbandoned,
            ReversalKind::CheckoutAbandoned => KindWord::CheckoutAbandoned,
            ReversalKind::ReviewLapsed => KindWord::ReviewLapsed,
            ReversalKind::HoldLapsed => KindWord::HoldLapsed,
            ReversalKind::Duplicate => KindWord::Duplicate,
            ReversalKind::RefundLapsed => KindWord::RefundLapsed,
            ReversalKind::OrderUnconfirmed => KindWord::OrderUnconfirmed,
            ReversalKind::Mismatch => KindWord::Mismatch,
        }
    }
}
