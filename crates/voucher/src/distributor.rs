//! Distributors, their terminals, and how much a terminal may sell in a span of time.

use std::collections::VecDeque;

use ids::command::Sequence;
use ids::party::DistributorId;
use ids::time::{Span, Timestamp};
use ids::token::Token;

/// A party that sells vouchers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distributor {
    pub id: DistributorId,
    pub name: String,
    pub standing: Standing,
    /// How long after the sale an order may be cancelled.
    pub cancel_window: Span,
    /// What one terminal may sell within each of [`LIMIT_SPANS`], minor units.
    pub terminal_limits: [i64; LIMIT_SPANS.len()],
    /// How long a till has to confirm that an order was delivered, where nothing else is asked for; it need not, where
    /// there is none.
    pub confirmation_window: Option<Span>,
}

/// Whether a party may use the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Active,
    Suspended,
}

/// The spans of the five terminal limits, in the order of their error numbers 3174 to 3178.
pub const LIMIT_SPANS: [Span; 5] = [
    Span::DAY,
    Span::MINUTE.times(5),
    Span::HOUR.times(2),
    Span::HOUR.times(6),
    Span::HOUR.times(12),
];

/// What a terminal may sell in each span where nothing else is agreed: 2400 units of the currency in twelve hours.
pub const LIMITS_DEFAULT: [i64; LIMIT_SPANS.len()] = [480_000, 100_000, 240_000, 240_000, 240_000];

/// One till of a distributor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TerminalKey {
    pub distributor: DistributorId,
    pub terminal: Token,
}

/// What a terminal sold during the last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub key: TerminalKey,
    pub sales: VecDeque<TerminalSale>,
    pub version: Sequence,
}

/// One sale, by the token of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalSale {
    pub order: Token,
    pub at: Timestamp,
    /// Minor units.
    pub minor: i64,
}

/// Which of the five terminal limits (1 to 5) a sale would exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the terminal has reached limit {number}")]
pub struct TerminalLimitReached {
    pub number: u8,
}

impl Terminal {
    pub fn new(key: TerminalKey) -> Terminal {
        Terminal {
            key,
            sales: VecDeque::new(),
            version: Sequence(0),
        }
    }

    /// Whether the terminal may sell `minor` more at `now`.
    pub fn check(
        &self,
        limits: &[i64; LIMIT_SPANS.len()],
        minor: i64,
        now: Timestamp,
    ) -> Result<(), TerminalLimitReached> {
        for (number, (span, limit)) in (1..).zip(LIMIT_SPANS.iter().zip(limits)) {
            let since = now.minus(*span);
            let sold: i64 = self
                .sales
                .iter()
                .filter(|sale| since < sale.at)
                .map(|sale| sale.minor)
                .sum();
            if *limit < sold.saturating_add(minor) {
                return Err(TerminalLimitReached { number });
            }
        }
        Ok(())
    }

    pub fn sell(&mut self, sale: TerminalSale, version: Sequence) {
        let since = sale.at.minus(Span::DAY);
        while self.sales.front().is_some_and(|oldest| oldest.at <= since) {
            self.sales.pop_front();
        }
        self.sales.push_back(sale);
        self.version = version;
    }

    pub fn undo(&mut self, order: Token, version: Sequence) {
        self.sales.retain(|sale| sale.order != order);
        self.version = version;
    }
}
