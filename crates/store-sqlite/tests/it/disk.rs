//! Stores in temporary directories.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use store::conformance::Harness;
use store::conformance::world::World;
use store::failure::Failure;
use store_sqlite::options::Options;
use store_sqlite::store::SqliteStore;
use tempfile::TempDir;

pub struct Disk {
    path: PathBuf,
    options: Options,
    store: Option<Arc<SqliteStore>>,
    /// Removes the directory when the test is over, where it is the test's own.
    _directory: Option<TempDir>,
}

/// Options under which everything leaves memory as soon as it may.
pub const LETTING_GO: Options = Options {
    projection_interval: Duration::from_millis(1),
    unprojected_entries_max: 1_000,
    snapshot_entries: 1,
    gathered_keys_max: 1_000_000,
    checkpoint_bytes: 64 << 10,
    log_bytes_max: 256 << 10,
    journal_bytes_max: None,
};

impl Disk {
    pub fn temporary(options: Options) -> Disk {
        let directory = tempfile::tempdir().expect("a directory can be made");
        let mut disk = Disk::at(directory.path(), options).expect("the store opens");
        disk._directory = Some(directory);
        disk
    }

    pub fn at(path: &Path, options: Options) -> Result<Disk, Failure> {
        Ok(Disk {
            path: path.to_owned(),
            options,
            store: Some(SqliteStore::open(path, options)?),
            _directory: None,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn store(&self) -> &Arc<SqliteStore> {
        self.store.as_ref().expect("the store is open")
    }

    pub fn close(&mut self) {
        self.store = None;
    }

    pub fn open(&mut self) -> Result<(), Failure> {
        self.store = Some(SqliteStore::open(&self.path, self.options)?);
        Ok(())
    }
}

/// A world in a temporary directory, with its parties.
pub fn world(options: Options) -> World<Disk> {
    let world = World {
        harness: Disk::temporary(options),
    };
    populate(&world);
    world
}

pub fn populate(world: &World<Disk>) {
    use accounting::fact::Fact;
    use store::conformance::world::{MERCHANT, distributor, merchant, product};
    world.commit(vec![
        Fact::MerchantSaved(Box::new(merchant(MERCHANT))),
        Fact::DistributorSaved(distributor()),
        Fact::ProductSaved(product()),
    ]);
}

/// The futures of this store never wait, so one poll ends them.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("a future of the embedded store waits"),
    }
}

impl Harness for Disk {
    type Backend = SqliteStore;

    fn create() -> Disk {
        Disk::temporary(Options::default())
    }

    fn backend(&self) -> &SqliteStore {
        self.store()
    }

    fn reopen(&mut self) {
        self.close();
        self.open_in_turn();
    }

    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        wait(future)
    }
}

impl Disk {
    /// Opens the directory as soon as nobody else has it.
    pub fn open_in_turn(&mut self) {
        // A process that another test starts has a copy of the lock between its fork and its exec.
        for _ in 0..500 {
            match self.open() {
                Err(Failure::InUse { .. }) => std::thread::sleep(Duration::from_millis(10)),
                opened => return opened.expect("the store opens again"),
            }
        }
        panic!("the directory stays in use");
    }
}
