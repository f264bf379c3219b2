//! Placing: how numbers move when a batch stands further behind the journal's head than its author knew.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use payment::payment::Payment;

use crate::row::Row;

/// Moves every number behind `behind` by `places`; what was in the journal before stays where it is.
///
/// Whoever decides a batch numbers its entries from behind the last head that it has seen, and other nodes may have
/// added entries since. Rows that the batch changed carry numbers of its own entries, which move along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    behind: Sequence,
    places: u64,
}

impl Shift {
    /// The batch stands where its author put it.
    pub const NONE: Shift = Shift {
        behind: Sequence(0),
        places: 0,
    };

    /// What was numbered from behind `assumed` stands behind `head`; none if the head is not as far as that.
    pub fn between(assumed: Sequence, head: Sequence) -> Option<Shift> {
        let places = head.0.checked_sub(assumed.0)?;
        Some(Shift {
            behind: assumed,
            places,
        })
    }

    pub fn is_none(&self) -> bool {
        self.places == 0
    }

    pub fn sequence(&self, sequence: Sequence) -> Sequence {
        if self.behind < sequence {
            Sequence(sequence.0 + self.places)
        } else {
            sequence
        }
    }

    pub fn entry(&self, entry: &Entry) -> Entry {
        entry.moved_to(self.sequence(entry.sequence()))
    }

    pub fn payment(&self, payment: &mut Payment) {
        payment.version = self.sequence(payment.version);
        for entry in &mut payment.entries {
            *entry = self.sequence(*entry);
        }
        for entry in payment.entries_named() {
            *entry = self.sequence(*entry);
        }
    }

    pub fn row(&self, row: &mut Row) {
        match row {
            Row::Merchant(row) => {
                let version = self.sequence(row.version);
                Arc::make_mut(row).version = version;
            }
            Row::Voucher(row) => row.version = self.sequence(row.version),
            Row::Payment(row) => self.payment(Arc::make_mut(row)),
            Row::Order(row) => row.version = self.sequence(row.version),
            Row::Terminal(row) => row.version = self.sequence(row.version),
            Row::Document(row) => {
                let version = self.sequence(row.version);
                Arc::make_mut(row).version = version;
            }
            Row::Command(row) => row.entry = self.sequence(row.entry),
            // These are replaced as a whole and carry no number.
            Row::Distributor(_) | Row::Product(_) | Row::ApiKey(_) => {}
        }
    }
}
