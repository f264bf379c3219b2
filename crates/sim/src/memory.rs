//! A store in memory, with faults on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use accounting::entry::Entry;
use ids::command::Sequence;
use ids::time::Timestamp;
use ids::voucher::{PinIndex, Serial};
use ledger::balances::Balances;
use parking_lot::Mutex;
use payment::payment::Payment;
use store::failure::Failure;
use store::fold;
use store::lease::{FencingToken, Held, Holder, LeaseName, Leases, LocalLeases, Renewal};
use store::moving::{LocalRun, MOVED_AWAY, Standing};
use store::port::{Answer, Batch, CommitError, Due, Precondition, Store};
use store::query::{MovementQuery, Page, PaymentQuery, ReversalQuery};
use store::row::{Key, Row};
use store::seeds::SeedRun;
use store::shift::Shift;
use store::snapshot::{JournalSeen, Snapshot};
use voucher::distributor::TerminalKey;

use crate::memory::gate::Gate;
use crate::memory::liabilities::Parts;
use crate::memory::log::LogTables;
use crate::memory::outbox::Messages;

pub mod debts;
pub mod gate;
mod liabilities;
mod log;
mod moving;
mod outbox;
mod query;

/// Storage that forgets everything when it is dropped. It takes the rows that a batch writes as they are.
#[derive(Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    messages: Mutex<Messages>,
    log: Mutex<LogTables>,
    parts: Mutex<Parts>,
    standing: Mutex<Option<Standing>>,
    faults: Mutex<VecDeque<Fault>>,
    reads: AtomicU64,
    gate: Gate,
    leases: LocalLeases,
    run: LocalRun,
}

/// What goes wrong, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The next commit finds no room and writes nothing.
    Full,
    /// The next commit is told that another writer was faster, and writes nothing.
    Conflict,
    /// The next commit is written, but its caller is told of a failure.
    LostAnswer,
    /// The next load fails.
    Unreadable,
}

#[derive(Default)]
struct Tables {
    journal: Vec<Arc<Entry>>,
    seeds: BTreeMap<Sequence, SeedRun>,
    rows: BTreeMap<Key, Row>,
    pins: BTreeMap<PinIndex, Serial>,
    balances: Balances,
    latest: Timestamp,
}

/// What failures say of where they happened.
const PLACE: &str = "memory";

impl MemoryStore {
    /// Lets something go wrong, after the faults that wait already.
    pub fn inject(&self, fault: Fault) {
        self.faults.lock().push_back(fault);
    }

    /// Lets nothing go wrong any more.
    pub fn heal(&self) {
        self.faults.lock().clear();
    }

    /// What every load has to pass.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// How often anybody has asked for rows, for entries by their numbers, or for the state of a log.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    /// Every row, in the order of the keys.
    pub fn rows(&self) -> Vec<Row> {
        self.tables.lock().rows.values().cloned().collect()
    }

    /// Replaces a row behind the journal's back, as a fault of the machine would.
    pub fn tamper(&self, row: Row) {
        self.tables.lock().rows.insert(row.key(), row);
    }

    fn note_read(&self) {
        self.reads.fetch_add(1, Ordering::SeqCst);
    }

    fn take_fault(&self, matching: &[Fault]) -> Option<Fault> {
        let mut faults = self.faults.lock();
        let next = faults.front().copied()?;
        if matching.contains(&next) {
            faults.pop_front()
        } else {
            None
        }
    }

    fn load_now(&self, keys: &[Key]) -> Result<Snapshot, Failure> {
        self.gate.pass();
        self.note_read();
        if self.take_fault(&[Fault::Unreadable]).is_some() {
            return Err(Failure::Closed);
        }
        let tables = self.tables.lock();
        let mut snapshot = Snapshot::default();
        for key in keys {
            tables.load(*key, &mut snapshot);
        }
        snapshot.note_journal(JournalSeen {
            head: tables.head(),
            latest: tables.latest,
        });
        Ok(snapshot)
    }

    fn commit_now(&self, batch: Batch) -> Result<Shift, CommitError> {
        if matches!(&*self.standing.lock(), Some(Standing::Moved { .. })) {
            return Err(Failure::NotServed {
                place: PLACE.to_owned(),
                why: MOVED_AWAY,
            }
            .into());
        }
        let fault = self.take_fault(&[Fault::Full, Fault::Conflict, Fault::LostAnswer]);
        match fault {
            Some(Fault::Full) => Err(Failure::Full {
                place: PLACE.to_owned(),
            }
            .into()),
            Some(Fault::Conflict) => Err(CommitError::Conflict),
            Some(Fault::LostAnswer) => {
                self.tables.lock().commit(batch)?;
                Err(Failure::Io {
                    place: PLACE.to_owned(),
                    source: "the answer was lost".into(),
                }
                .into())
            }
            Some(Fault::Unreadable) | None => self.tables.lock().commit(batch),
        }
    }
}

impl Tables {
    fn load(&self, key: Key, snapshot: &mut Snapshot) {
        if let Key::Pin(pin) = key {
            if let Some(serial) = self.pins.get(&pin) {
                self.load(Key::Voucher(*serial), snapshot);
            }
            return;
        }
        let Some(row) = self.rows.get(&key) else {
            return;
        };
        match row {
            Row::Payment(payment) => payment
                .allocations
                .iter()
                .for_each(|part| self.load(Key::Voucher(part.serial), snapshot)),
            Row::Order(order) => {
                self.load(Key::Voucher(order.serial), snapshot);
                let terminal = TerminalKey {
                    distributor: order.id.distributor,
                    terminal: order.terminal,
                };
                self.load(Key::Terminal(terminal), snapshot);
            }
            Row::ApiKey(api_key) => self.load(api_key.owner.into(), snapshot),
            Row::Merchant(_)
            | Row::Distributor(_)
            | Row::Product(_)
            | Row::Voucher(_)
            | Row::Terminal(_)
            | Row::Document(_)
            | Row::Command(_) => {}
        }
        snapshot.insert_loaded(row.clone());
    }

    fn head(&self) -> Sequence {
        Sequence(self.journal.len() as u64)
    }

    /// Any number of engines may commit: a batch is placed behind the head.
    fn commit(&mut self, batch: Batch) -> Result<Shift, CommitError> {
        let shift = match batch.assumed_head() {
            Some(assumed) => Shift::between(assumed, self.head()),
            None => Some(Shift::NONE),
        };
        let shift = shift.filter(|_| batch.is_consecutive());
        let shift = shift.ok_or(CommitError::Conflict)?;
        let held = batch.preconditions.iter().all(|it| self.holds(it));
        if !held || batch.writes.iter().any(|row| self.takes_known_pin(row)) {
            return Err(CommitError::Conflict);
        }
        let mut balances = self.balances.clone();
        for entry in &batch.entries {
            balances
                .post(entry.postings())
                .map_err(|overflow| Failure::Corrupt {
                    place: PLACE.to_owned(),
                    what: overflow.to_string(),
                })?;
        }
        self.balances = balances;
        if let Some(run) = batch.seed_run(self.head().next()) {
            self.seeds.insert(run.first, run);
        }
        for entry in &batch.entries {
            self.latest = self.latest.max(entry.at());
            self.journal.push(Arc::new(shift.entry(entry)));
        }
        for mut row in batch.writes {
            shift.row(&mut row);
            if let Row::Voucher(voucher) = &row {
                self.pins.insert(voucher.pin, voucher.serial);
            }
            self.rows.insert(row.key(), row);
        }
        Ok(shift)
    }

    fn holds(&self, condition: &Precondition) -> bool {
        self.rows.get(&condition.key).map(Row::version) == condition.expected
    }

    /// Whether another voucher than the row's has its PIN.
    fn takes_known_pin(&self, row: &Row) -> bool {
        let Row::Voucher(voucher) = row else {
            return false;
        };
        let owner = self.pins.get(&voucher.pin);
        owner.is_some_and(|owner| *owner != voucher.serial)
    }

    fn entry(&self, sequence: Sequence) -> Option<&Entry> {
        let place = usize::try_from(sequence.0.checked_sub(1)?).ok()?;
        self.journal.get(place).map(Arc::as_ref)
    }
}

impl Store for MemoryStore {
    fn load<'a>(&'a self, keys: &'a [Key]) -> Answer<'a, Result<Snapshot, Failure>> {
        Box::pin(async move { self.load_now(keys) })
    }

    fn commit(&self, batch: Batch) -> Answer<'_, Result<Shift, CommitError>> {
        Box::pin(async move { self.commit_now(batch) })
    }

    fn head(&self) -> Answer<'_, Result<Sequence, Failure>> {
        Box::pin(async move { Ok(self.tables.lock().head()) })
    }

    fn entries_after(
        &self,
        after: Sequence,
        count: usize,
    ) -> Answer<'_, Result<Vec<Arc<Entry>>, Failure>> {
        Box::pin(async move {
            let tables = self.tables.lock();
            let place = usize::try_from(after.0).unwrap_or(usize::MAX);
            let entries = tables.journal.iter().skip(place).take(count);
            Ok(entries.cloned().collect())
        })
    }

    fn entries_at<'a>(
        &'a self,
        sequences: &'a [Sequence],
    ) -> Answer<'a, Result<Vec<Entry>, Failure>> {
        Box::pin(async move {
            self.note_read();
            let tables = self.tables.lock();
            let found = sequences.iter().filter_map(|at| tables.entry(*at));
            Ok(found.cloned().collect())
        })
    }

    fn due(&self, now: Timestamp, count: usize) -> Answer<'_, Result<Vec<Due>, Failure>> {
        Box::pin(async move { Ok(query::due(&self.tables.lock(), now, count)) })
    }

    fn payments<'a>(
        &'a self,
        query: &'a PaymentQuery,
    ) -> Answer<'a, Result<Page<Arc<Payment>>, Failure>> {
        Box::pin(async move { Ok(query::payments(&self.tables.lock(), query)) })
    }

    fn voucher_entries(&self, serial: Serial) -> Answer<'_, Result<Vec<Sequence>, Failure>> {
        Box::pin(async move {
            let tables = self.tables.lock();
            let touching = tables
                .journal
                .iter()
                .filter(|entry| fold::vouchers_touched(entry).contains(&serial));
            Ok(touching.map(|entry| entry.sequence()).collect())
        })
    }

    fn movements<'a>(
        &'a self,
        query: &'a MovementQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        Box::pin(async move { Ok(query::movements(&self.tables.lock(), query)) })
    }

    fn reversals<'a>(
        &'a self,
        query: &'a ReversalQuery,
    ) -> Answer<'a, Result<Page<Sequence>, Failure>> {
        Box::pin(async move { Ok(query::reversals(&self.tables.lock(), query)) })
    }

    fn balances(&self) -> Answer<'_, Result<Balances, Failure>> {
        Box::pin(async move { Ok(self.tables.lock().balances.clone()) })
    }
}

impl Leases for MemoryStore {
    fn acquire(
        &self,
        name: LeaseName,
        holder: Holder,
        span: Duration,
    ) -> Answer<'_, Result<Option<FencingToken>, Failure>> {
        Box::pin(async move { Ok(self.leases.acquire(name, holder, span, now())) })
    }

    fn renew(&self, held: Held, span: Duration) -> Answer<'_, Result<Renewal, Failure>> {
        Box::pin(async move { Ok(self.leases.renew(held, span, now())) })
    }

    fn release(&self, held: Held) -> Answer<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.leases.release(held, now());
            Ok(())
        })
    }
}

/// The time by which leases end; in a simulation it is the runtime's.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
