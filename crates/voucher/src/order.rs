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
    pub confirmation: Confirmation,
    pub version: Sequence,
}

/// Whether the till has said that the PIN arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Confirmation {
    /// It need not.
    #[default]
    NotNeeded,
    /// It has until then, or the order is cancelled.
    Awaited {
        until: Timestamp,
    },
    Confirmed {
        at: Timestamp,
    },
}

/// Why an order was cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CancelCause {
    /// The distributor asked for it.
    #[default]
    Asked,
    /// The delivery was not confirmed in time.
    NotConfirmed,
}

/// The shortest time that a till may have to confirm.
pub const CONFIRMATION_WINDOW_MIN: Span = Span::SECOND.times(10);
/// The longest time that a till may have to confirm. Whoever cancels reads the journal that far back.
pub const CONFIRMATION_WINDOW_MAX: Span = Span::HOUR;

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
    #[error("the delivery is confirmed")]
    Confirmed,
    #[error("the delivery may still be confirmed")]
    NotDue,
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

    /// Whether the delivery can be confirmed, which it can once.
    pub fn require_confirmable(&self) -> Result<(), CancelRefusal> {
        match (self.status, self.confirmation) {
            (OrderStatus::Cancelled, _) => Err(CancelRefusal::AlreadyCancelled),
            (OrderStatus::Delivered, Confirmation::Confirmed { .. }) => {
                Err(CancelRefusal::Confirmed)
            }
            (OrderStatus::Delivered, Confirmation::NotNeeded | Confirmation::Awaited { .. }) => {
                Ok(())
            }
        }
    }

    /// Whether the time to confirm is over at `now`.
    pub fn require_unconfirmed(&self, now: Timestamp) -> Result<(), CancelRefusal> {
        self.require_confirmable()?;
        match self.confirmation {
            Confirmation::Awaited { until } if until <= now => Ok(()),
            Confirmation::Awaited { .. }
            | Confirmation::NotNeeded
            | Confirmation::Confirmed { .. } => Err(CancelRefusal::NotDue),
        }
    }
}
