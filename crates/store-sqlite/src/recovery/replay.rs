//! Folding the end of the journal into memory.

use std::cell::RefCell;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use accounting::entry::{Entry, Idempotency};
use ids::command::{ApiKeyDigest, Sequence};
use ids::object::{OrderId, PaymentId};
use ids::voucher::Serial;
use payment::payment::Payment;
use store::failure::Failure;
use store::fold::{self, FoldError, Rows, partial};
use store::row::{ApiKey, Command, Key, Row};
use voucher::distributor::{Terminal, TerminalKey};
use voucher::order::Order;
use voucher::voucher::Voucher;

use crate::journal::Journal;
use crate::load::Shared;
use crate::memory::{Found, Memory};
use crate::recovery::Unusable;
use crate::views::{Meta, Views};

const ENTRIES_AT_ONCE: usize = 2_000;
const PAGES_AHEAD_MAX: usize = 4;
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// Brings vouchers and the gathered keys from the snapshot's cursor to that of the rows.
pub(super) fn catch_up(
    memory: &mut Memory,
    views: &Views,
    journal: &Journal,
    meta: &Meta,
) -> Result<(), Unusable> {
    read_ahead(journal, meta.snapshot, meta.rows, |entries| {
        for entry in &entries {
            let mut vouchers = Vouchers {
                memory,
                views,
                failure: RefCell::new(None),
            };
            let folded = partial::catch_up_vouchers(&mut vouchers, entry);
            if let Some(failure) = vouchers.failure.into_inner() {
                return Err(failure.into());
            }
            folded.map_err(|error| does_not_fit(entry, error))?;
            let seed = memory.seed;
            memory.pending.note(entry, seed);
            if let Some(Idempotency { key, fingerprint }) = entry.idempotency() {
                memory.put(Row::Command(Command {
                    key,
                    fingerprint,
                    entry: entry.sequence(),
                }));
            }
        }
        Ok(())
    })
}

/// Carries out the entries behind the rows' cursor as if they were committed just now.
pub(super) fn replay(shared: &Shared, after: Sequence) -> Result<(), Unusable> {
    let head = shared.journal.head();
    read_ahead(&shared.journal, after, head, |entries| {
        replay_batch(shared, entries)
    })
}

/// Hands over the entries behind `after` and up to `until`. They are read and decoded on a thread of their own, which
/// takes about as long as what is done with them.
fn read_ahead(
    journal: &Journal,
    after: Sequence,
    until: Sequence,
    mut fold: impl FnMut(Vec<Arc<Entry>>) -> Result<(), Unusable>,
) -> Result<(), Unusable> {
    let mut progress = Progress::new(after, until);
    std::thread::scope(|scope| {
        let (sender, pages) = mpsc::sync_channel(PAGES_AHEAD_MAX);
        scope.spawn(move || {
            let mut at = after;
            while at < until {
                let rest = usize::try_from(until.0 - at.0).unwrap_or(usize::MAX);
                let page = next_entries(journal, at, rest.min(ENTRIES_AT_ONCE));
                let last = page.as_ref().ok().and_then(|page| page.last());
                let last = last.map(|entry| entry.sequence());
                // Whoever folds has met an error and takes no more.
                if sender.send(page).is_err() {
                    return;
                }
                let Some(last) = last else { return };
                at = last;
            }
        });
        for page in pages {
            let page = page?;
            progress.reach(&page);
            fold(page)?;
        }
        Ok(())
    })
}

fn replay_batch(shared: &Shared, entries: Vec<Arc<Entry>>) -> Result<(), Unusable> {
    let keys: Vec<Key> = entries
        .iter()
        .flat_map(|entry| partial::keys_touched(entry))
        .collect();
    let mut snapshot = shared.load(&keys)?;
    for entry in &entries {
        fold::apply(&mut snapshot, entry).map_err(|error| does_not_fit(entry, error))?;
    }
    let balances = {
        let memory = shared.memory.read();
        let last = &entries[entries.len() - 1];
        memory
            .balances_after(&entries)
            .map_err(|error| Unusable::Rebuild(format!("entry {}: {error}", last.sequence().0)))?
    };
    shared.queue.wait_for_room()?;
    let writes = snapshot.into_changes().writes;
    let mut memory = shared.memory.write();
    let committed = memory.apply(entries, writes, balances);
    shared.queue.push(committed);
    Ok(())
}

fn next_entries(
    journal: &Journal,
    after: Sequence,
    count: usize,
) -> Result<Vec<Arc<Entry>>, Unusable> {
    let entries = journal
        .entries_after(after, count)
        .map_err(Unusable::Failure)?;
    if entries.is_empty() {
        return Err(Unusable::Rebuild(format!(
            "entry {} is missing in the journal",
            after.next().0
        )));
    }
    Ok(entries)
}

fn does_not_fit(entry: &Entry, error: FoldError) -> Unusable {
    Unusable::Rebuild(format!("entry {}: {error}", entry.sequence().0))
}

/// Says now and then how far a long replay is.
struct Progress {
    at: Sequence,
    end: Sequence,
    said_at: Instant,
}

impl Progress {
    fn new(at: Sequence, end: Sequence) -> Progress {
        Progress {
            at,
            end,
            said_at: Instant::now(),
        }
    }

    fn reach(&mut self, entries: &[Arc<Entry>]) {
        if let Some(last) = entries.last() {
            self.at = last.sequence();
        }
        if PROGRESS_EVERY <= self.said_at.elapsed() {
            self.said_at = Instant::now();
            tracing::info!(entry = self.at.0, end = self.end.0, "replaying the journal");
        }
    }
}

/// Vouchers in memory, over closed ones in the tables.
struct Vouchers<'a> {
    memory: &'a mut Memory,
    views: &'a Views,
    failure: RefCell<Option<Failure>>,
}

impl Rows for Vouchers<'_> {
    fn voucher(&self, serial: Serial) -> Option<Voucher> {
        if let Some(voucher) = self.memory.vouchers.voucher(serial) {
            return Some(voucher);
        }
        match self.memory.row(Key::Voucher(serial)) {
            Found::Elsewhere(_) => self.views.closed_voucher(serial).unwrap_or_else(|failure| {
                *self.failure.borrow_mut() = Some(failure);
                None
            }),
            Found::Here(_) | Found::Nowhere => None,
        }
    }

    fn put(&mut self, row: Row) {
        self.memory.put(row);
    }

    // Nothing but vouchers is asked for when vouchers alone are brought forward.

    fn api_key(&self, _: ApiKeyDigest) -> Option<ApiKey> {
        None
    }

    fn payment(&self, _: PaymentId) -> Option<&Arc<Payment>> {
        None
    }

    fn order(&self, _: OrderId) -> Option<&Order> {
        None
    }

    fn terminal(&self, _: TerminalKey) -> Option<&Terminal> {
        None
    }
}
