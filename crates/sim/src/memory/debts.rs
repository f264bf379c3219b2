//! Debts for wrong tries in memory, by a clock of the test's.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::clock::Clock;
use ids::time::{Span, Timestamp};
use parking_lot::Mutex;
use store::debt::{Charge, Debtor, Debts};
use store::failure::Failure;
use store::port::Answer;

/// What several guards share.
pub struct MemoryDebts {
    clock: Arc<dyn Clock>,
    free_at: Mutex<BTreeMap<Debtor, Timestamp>>,
}

impl MemoryDebts {
    pub fn new(clock: Arc<dyn Clock>) -> MemoryDebts {
        MemoryDebts {
            clock,
            free_at: Mutex::default(),
        }
    }
}

impl Debts for MemoryDebts {
    fn owed<'a>(&'a self, debtors: &'a [Debtor]) -> Answer<'a, Result<Vec<Span>, Failure>> {
        let now = self.clock.now();
        let known = self.free_at.lock();
        let owed = debtors.iter().map(|debtor| {
            let free_at = known.get(debtor).copied().unwrap_or(now);
            Span((free_at.0 - now.0).max(0))
        });
        let owed = owed.collect();
        Box::pin(async move { Ok(owed) })
    }

    fn charge<'a>(&'a self, charges: &'a [Charge]) -> Answer<'a, Result<(), Failure>> {
        let now = self.clock.now();
        let mut known = self.free_at.lock();
        for charge in charges {
            let free_at = known.entry(charge.debtor).or_insert(now);
            let owed = (*free_at).max(now).plus(charge.span);
            *free_at = owed.min(now.plus(charge.most)).max(*free_at);
        }
        Box::pin(async move { Ok(()) })
    }
}
