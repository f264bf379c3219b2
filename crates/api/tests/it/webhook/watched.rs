//! A store that counts what is asked of it, and lets something happen behind a question.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use accounting::entry::Entry;
use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::Serial;
use ledger::balances::Balances;
use payment::payment::Payment;
use store::failure::Failure;
use store::port::{Answer, Batch, CommitError, Due, Store};
use store::query::{MovementQuery, Page, PaymentQuery, ReversalQuery};
use store::row::Key;
use store::shift::Shift;
use store::snapshot::Snapshot;

/// Passes everything on to the store behind it.
pub struct Watched {
    store: Arc<dyn Store>,
    loads: AtomicUsize,
    meanwhile: Mutex<Option<Meanwhile>>,
}

type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Watched {
    pub fn new(store: Arc<dyn Store>) -> Arc<Watched> {
        Arc::new(Watched {
            store,
            loads: AtomicUsize::new(0),
            meanwhile: Mutex::new(None),
        })
    }

    /// Lets this happen behind the next load, before whoever loaded hears its answer.
    pub fn meanwhile(&self, happening: impl Future<Output = ()> + Send + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::pin(happening));
    }

    /// How often rows were loaded.
    pub fn loads(&self) -> usize {
        self.loads.load(Ordering::Relaxed)
    }
}

impl Store for Watched {
    fn load<'a>(&'a self, keys: &'a [Key]) -> Answer<'a, Result<Snapshot, Failure>> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let rows = self.store.load(keys).await;
            let meanwhile = self.meanwhile.lock().unwrap().take();
            if let Some(meanwhile) = meanwhile {
                meanwhile.await;
            }
            rows
        })
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Result<Shift, CommitError>> {
        self.store.commit(batch)
    }

    fn head(&self) -> Answer<'_, Result<Sequence, Failure>> {
        self.store.head()
    }

    fn entries_after(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>> {
        self.store.entries_after(after, count)
    }

    fn entries_at<'a>(
        &'a self,
        sequences: &'a [Sequence],
    ) -> Answer<'a, Result<Vec<Entry>, Failure>> {
        self.store.entries_at(sequences)
    }

    fn due(&self, now: Timestamp, count: usize) -> Answer<'_, Result<Vec<Due>, Failure>> {
        self.store.due(now, count)
    }

    fn payments<'a>(
        &'a self,
        query: &'a PaymentQuery,
    ) -> Answer<'a, Result<Page<Arc<Payment>>, Failure>> {
        self.store.payments(query)
    }

    fn voucher_entries(&self, serial: Serial) -> Answer<'_, Result<Vec<Sequence>, Failure>> {
        self.store.voucher_entries(serial)
    }

    fn movements<'a>(
        &'a self,
        query: &'a MovementQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        self.store.movements(query)
    }

    fn reversals<'a>(
        &'a self,
        query: &'a ReversalQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        self.store.reversals(query)
    }

    fn balances(&self) -> Answer<'_, Result<Balances, Failure>> {
        self.store.balances()
    }
}
