//! The store in memory is a store like any other: it passes the suite of the port.

use std::future::Future;
use std::sync::Arc;

use engine::clock::ManualClock;
use futures_util::FutureExt;
use ids::time::Span;
use sim::memory::MemoryStore;
use sim::memory::debts::MemoryDebts;
use store::conformance::{Harness, debts};

use crate::platform::START;

struct InMemory(MemoryStore);

impl Harness for InMemory {
    type Backend = MemoryStore;

    fn create() -> InMemory {
        InMemory(MemoryStore::default())
    }

    fn backend(&self) -> &MemoryStore {
        &self.0
    }

    // Memory has nothing to close; what is kept is kept by the program itself.
    fn reopen(&mut self) {}

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        future.now_or_never().expect("memory answers at once")
    }
}

store::conformance_suite!(InMemory);

#[test]
fn debts_in_memory_are_debts_like_any_other() {
    let clock = Arc::new(ManualClock::at(START));
    let memory = InMemory::create();
    let debts = MemoryDebts::new(clock.clone());
    debts::debts_add_up(&memory, &debts);
    debts::time_pays_debts(&memory, &debts, |time| {
        clock.advance(Span(i64::try_from(time.as_millis()).unwrap()));
    });
}
