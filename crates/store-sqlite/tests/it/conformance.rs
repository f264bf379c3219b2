//! The suite that every backend passes, on a store that keeps rows in memory, on one that lets go of
//! everything as soon as it may, and on one that stores keys and closed vouchers without ever a whole snapshot.

use std::future::Future;

use store::conformance::Harness;
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;

use crate::disk::{Disk, LETTING_GO};

const KEYS_ALONE: Options = Options {
    snapshot_entries: u64::MAX,
    gathered_keys_max: 1,
    ..LETTING_GO
};

/// With the number of its options.
struct LettingGo<const OPTIONS: usize>(Disk);

impl<const OPTIONS: usize> Harness for LettingGo<OPTIONS> {
    type Backend = SqliteStore;

    fn create() -> Self {
        LettingGo(Disk::temporary([LETTING_GO, KEYS_ALONE][OPTIONS]))
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
    store::conformance_suite!(super::LettingGo<0>);
}

mod letting_go_of_keys {
    store::conformance_suite!(super::LettingGo<1>);
}
