//! Pin-on-demand orders: one voucher sold at a till.

use std::sync::Arc;

use ids::command::Sequence;
use ids::object::OrderId;
use ids::time::{Span, Timestamp};
use ids::token::Token;
use ids::voucher::{Country, ProductId, Serial};
use money::amount::Amount;

/// An order and the voucher that it delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub serial: Serial,
    pub amount: Amount,
    pub product: ProductId,
    pub country: Country,
    pub terminal: Token,
    pub shop: String,
    /// The PIN, encrypted so that a replayed answer can show it again.
    pub sealed_pin: Arc<[u8]>,
    pub created_at: Timestamp,
    pub status: OrderStatus,
    pub version: Sequence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStatus {
    Delivered,
    Cancelled,
}

/// Why an order is not cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelRefusal {
    #[error("the order is cancelled already")]
    AlreadyCancelled,
    #[error("the window for cancelling the order has closed")]
    TooLate,
}

impl Order {
    /// Whether the order may be cancelled at `now`; the voucher decides as well.
    pub fn require_cancellable(&self, window: Span, now: Timestamp) -> Result<(), CancelRefusal> {
        match self.status {
            OrderStatus::Cancelled => Err(CancelRefusal::AlreadyCancelled),
            OrderStatus::Delivered if self.created_at.plus(window) < now => {
                Err(CancelRefusal::TooLate)
            }
            OrderStatus::Delivered => Ok(()),
        }
    }
}
