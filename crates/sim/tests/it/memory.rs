//! The store in memory is a store like any other: it passes the suite of the port.

use std::future::Future;

use futures_util::FutureExt;
use sim::memory::MemoryStore;
use store::conformance::Harness;

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
