//! What somebody has to do in time: a till to confirm, a shop to carry a refund out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use accounting::entry::Entry;
use ids::object::{OrderId, PaymentId, RefundId};
use ids::time::Timestamp;

/// What ends by itself where nobody does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pending {
    Order(OrderId),
    Refund { payment: PaymentId, id: RefundId },
}

/// Everything pending, the earliest first. What was done meanwhile stays here until its time: its command is refused.
#[derive(Default)]
pub struct Awaited(BinaryHeap<Reverse<(Timestamp, Pending)>>);

/// Things that are remembered at once, about 150 bytes each. At the bound the reader waits for the earliest.
const AWAITED_MAX: usize = 500_000;

impl Awaited {
    pub fn note(&mut self, entry: &Entry) {
        self.0.extend(Pending::of(entry).map(Reverse));
    }

    pub fn extend(&mut self, pending: Vec<(Timestamp, Pending)>) {
        self.0.extend(pending.into_iter().map(Reverse));
    }

    pub fn is_full(&self) -> bool {
        AWAITED_MAX <= self.0.len()
    }

    /// What is due at `now`.
    pub fn due(&self, now: Timestamp) -> Option<Pending> {
        let Reverse((at, pending)) = self.0.peek()?;
        (*at <= now).then_some(*pending)
    }

    /// Forgets the earliest.
    pub fn pop(&mut self) {
        self.0.pop();
    }
}
