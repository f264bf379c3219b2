//! What became of messages by attempts to deliver them.

use store::outbox::{MessageStatus, Queue};

use crate::figures::tally::Tally;

/// Recorded attempts by the queue of their message and what became of that.
pub type Deliveries = Tally<(Queue, Delivered)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivered {
    Delivered,
    /// It is tried again.
    Failed,
    GivenUp,
}

impl Delivered {
    pub const ALL: [Delivered; 3] = [Delivered::Delivered, Delivered::Failed, Delivered::GivenUp];

    /// By the status that an attempt left.
    pub fn of(status: MessageStatus) -> Delivered {
        match status {
            MessageStatus::Pending { .. } => Delivered::Failed,
            MessageStatus::Delivered => Delivered::Delivered,
            MessageStatus::GaveUp => Delivered::GivenUp,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Delivered::Delivered => "delivered",
            Delivered::Failed => "failed",
            Delivered::GivenUp => "given_up",
        }
    }
}
