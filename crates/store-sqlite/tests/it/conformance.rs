//! The suite that every backend passes, on a store that keeps rows in memory and on one that lets go of
//! everything as soon as it may.

use std::future::Future;

use store::conformance::Harness;
use store_sqlite::store::SqliteStore;

use crate::disk::{Disk, LETTING_GO};

struct LettingGo(Disk);

impl Harness for LettingGo {
    type Backend = SqliteStore;

    fn create() -> LettingGo {
        LettingGo(Disk::temporary(LETTING_GO))
    }

    fn backend(&self) -> &SqliteStore {
        self.0.backend()
    }

    fn reopen(&mut self) {
        self.0.reopen();
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.0.wait(future)
    }
}

mod keeping {
    store::conformance_suite!(crate::disk::Disk);
}

mod letting_go {
    store::conformance_suite!(super::LettingGo);
}
