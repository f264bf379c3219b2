//! The store itself: what others open and call.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use accounting::entry::Entry;
use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::Serial;
use ledger::balances::Balances;
use parking_lot::Mutex;
use payment::payment::Payment;
use store::failure::Failure;
use store::lease::{FencingToken, Held, Holder, LeaseName, Leases, LocalLeases, Renewal};
use store::moving::LocalRun;
use store::port::{Answer, Batch, CommitError, Due, Store};
use store::query::{MovementQuery, Page, PaymentQuery, ReversalQuery};
use store::row::Key;
use store::shift::Shift;
use store::snapshot::Snapshot;

use crate::backup::{Copied, backup};
use crate::directory::{self, Directory};
use crate::journal::Journal;
use crate::liabilities::PartsFile;
use crate::load::Shared;
use crate::log_files::LogFiles;
use crate::options::Options;
use crate::outbox::OutboxFile;
use crate::recovery::{Recovered, recover};
use crate::report::{MemoryReport, Start};

/// The embedded store over one data directory, which no other process can open meanwhile.
///
/// The futures never wait, they block: `commit` until the sync, so it belongs on a thread of its own; `load`
/// for a moment, and only where rows have left memory and are read from the disk.
#[derive(Debug)]
pub struct SqliteStore {
    pub(crate) shared: Arc<Shared>,
    pub(crate) outbox: OutboxFile,
    pub(crate) log_files: LogFiles,
    pub(crate) parts: PartsFile,
    /// No other process can open the directory, so they need not be stored.
    leases: LocalLeases,
    pub(crate) run: LocalRun,
    projector: Mutex<Option<JoinHandle<()>>>,
    directory: Mutex<Option<Directory>>,
    start: Start,
    path: PathBuf,
}

impl SqliteStore {
    /// Opens a directory that has a journal already; makes nothing.
    pub fn open_existing(path: &Path, options: Options) -> Result<Arc<SqliteStore>, Failure> {
        let journal = directory::journal(path);
        if !journal.exists() {
            return Err(directory::failure(&journal, io::ErrorKind::NotFound.into()));
        }
        SqliteStore::open(path, options)
    }

    /// Opens the directory, which is created where there is none, and catches up with its journal.
    pub fn open(path: &Path, options: Options) -> Result<Arc<SqliteStore>, Failure> {
        let directory = Directory::lock(path)?;
        let journal = Arc::new(Journal::open(path, &options)?);
        let outbox = OutboxFile::open(path, &journal)?;
        let log_files = LogFiles::open(path)?;
        let parts = PartsFile::open(path)?;
        let Recovered {
            shared,
            projector,
            start,
        } = recover(path, journal, options)?;
        directory::sync(path)?;
        Ok(Arc::new(SqliteStore {
            shared,
            outbox,
            log_files,
            parts,
            leases: LocalLeases::default(),
            run: LocalRun::default(),
            projector: Mutex::new(Some(projector)),
            start,
            path: directory.path().to_owned(),
            directory: Mutex::new(Some(directory)),
        }))
    }

    /// The data directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the store was opened.
    pub fn start(&self) -> &Start {
        &self.start
    }

    /// Writes what is waiting, ends the threads and lets go of the directory. Dropping the store does the same.
    pub fn close(&self) {
        let Some(projector) = self.projector.lock().take() else {
            return;
        };
        // Whoever holds the writer is done before the queue ends, and the next one is refused.
        self.shared.journal.refuse_commits();
        self.shared.queue.stop();
        if projector.join().is_err() {
            tracing::error!("the projector panicked");
        }
        self.shared.views.close();
        self.outbox.close();
        self.log_files.close();
        self.parts.close();
        self.shared.journal.close();
        self.directory.lock().take();
    }

    /// Copies the store while it serves. See [`backup`](crate::backup::backup).
    pub fn backup(&self, target: &Path) -> Result<Copied, Failure> {
        backup(&self.path, target)
    }

    pub fn memory_report(&self) -> MemoryReport {
        let memory = self.shared.memory.read();
        MemoryReport {
            live_vouchers: memory.vouchers.len() as u64,
            voucher_bytes: memory.vouchers.bytes() as u64,
            open_payments: memory.open_payments() as u64,
            unprojected_entries: self.shared.queue.len() as u64,
            filter_bytes: memory.filter.bytes() as u64,
            journal_bytes_written: self.shared.journal.log_bytes_written(),
        }
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

impl Store for SqliteStore {
    fn load<'a>(&'a self, keys: &'a [Key]) -> Answer<'a, Result<Snapshot, Failure>> {
        Box::pin(async move { self.shared.load(keys) })
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Result<Shift, CommitError>> {
        Box::pin(async move { self.shared.commit(batch) })
    }

    fn head(&self) -> Answer<'_, Result<Sequence, Failure>> {
        Box::pin(async move { Ok(self.shared.journal.head()) })
    }

    fn entries_after(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>> {
        Box::pin(async move { self.shared.journal.entries_after(after, count) })
    }

    fn entries_at<'a>(
        &'a self,
        sequences: &'a [Sequence],
    ) -> Answer<'a, Result<Vec<Entry>, Failure>> {
        Box::pin(async move { self.shared.journal.entries_at(sequences) })
    }

    fn due(&self, now: Timestamp, count: usize) -> Answer<'_, Result<Vec<Due>, Failure>> {
        Box::pin(async move { Ok(self.shared.memory.read().due(now, count)) })
    }

    fn payments<'a>(
        &'a self,
        query: &'a PaymentQuery,
    ) -> Answer<'a, Result<Page<Arc<Payment>>, Failure>> {
        Box::pin(async move { self.shared.payments(query) })
    }

    fn voucher_entries(&self, serial: Serial) -> Answer<'_, Result<Vec<Sequence>, Failure>> {
        Box::pin(async move { self.shared.voucher_entries(serial) })
    }

    fn movements<'a>(
        &'a self,
        query: &'a MovementQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        Box::pin(async move { self.shared.movements(query) })
    }

    fn reversals<'a>(
        &'a self,
        query: &'a ReversalQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        Box::pin(async move { self.shared.views.reversals(query) })
    }

    fn balances(&self) -> Answer<'_, Result<Balances, Failure>> {
        Box::pin(async move { Ok(self.shared.memory.read().balances.clone()) })
    }
}

impl Leases for SqliteStore {
    fn acquire(
        &self,
        name: LeaseName,
        holder: Holder,
        span: Duration,
    ) -> Answer<'_, Result<Option<FencingToken>, Failure>> {
        Box::pin(async move { Ok(self.leases.acquire(name, holder, span, Instant::now())) })
    }

    fn renew(&self, held: Held, span: Duration) -> Answer<'_, Result<Renewal, Failure>> {
        Box::pin(async move { Ok(self.leases.renew(held, span, Instant::now())) })
    }

    fn release(&self, held: Held) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.leases.release(held, Instant::now());
            Ok(())
        })
    }
}
