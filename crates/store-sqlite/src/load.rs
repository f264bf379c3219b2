//! Loading and committing: what the threads of an open store share.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use parking_lot::RwLock;
use store::failure::Failure;
use store::port::{Batch, CommitError, Precondition};
use store::row::{Key, Row};
use store::shift::Shift;
use store::snapshot::Snapshot;
use voucher::voucher::Voucher;

use crate::directory;
use crate::journal::Journal;
use crate::memory::{Found, Memory, NewBalances, pointed_to};
use crate::options::Options;
use crate::queue::Queue;
use crate::views::Views;

#[derive(Debug)]
pub(crate) struct Shared {
    pub options: Options,
    pub journal: Arc<Journal>,
    pub views: Views,
    pub memory: RwLock<Memory>,
    pub queue: Queue,
}

impl Shared {
    /// The rows under these keys and all that they point to. Reads the disk only for rows that have left memory.
    pub fn load(&self, keys: &[Key]) -> Result<Snapshot, Failure> {
        let mut snapshot = Snapshot::default();
        let mut missing = self.memory.read().load(keys, &mut snapshot);
        while !missing.is_empty() {
            // A row is in the tables before it leaves memory, so what was not in memory is found here now.
            let rows = self.views.fetch(&missing, &self.journal)?;
            let pointed_to: Vec<Key> = rows.iter().flat_map(pointed_to).collect();
            rows.into_iter().for_each(|row| snapshot.insert_loaded(row));
            missing = self.memory.read().load(&pointed_to, &mut snapshot);
        }
        Ok(snapshot)
    }

    /// Blocks until the batch is durable and can be loaded.
    pub fn commit(&self, batch: Batch) -> Result<Shift, CommitError> {
        let mut writer = self.journal.lock();
        writer.require_working()?;
        let Some(last) = batch.entries.last().map(|entry| entry.sequence()) else {
            debug_assert!(batch.writes.is_empty(), "rows follow from entries");
            return Ok(Shift::NONE);
        };
        // There is one engine, and it knows the head.
        require_next(writer.last(), &batch.entries)?;
        for precondition in &batch.preconditions {
            self.require(precondition)?;
        }
        self.require_fresh_pins(&batch.writes)?;
        let balances = self.balances_after(&batch.entries)?;
        self.queue.wait_for_room()?;
        let seeds = batch.seed_run(batch.entries[0].sequence());
        writer.append(&batch.entries, seeds.as_ref())?;
        {
            let mut memory = self.memory.write();
            let committed = memory.apply(batch.entries, batch.writes, balances);
            // Under the lock, so that the queue holds whatever a copy of memory holds.
            self.queue.push(committed);
        }
        self.journal.publish(last);
        Ok(Shift::NONE)
    }

    /// The row with this key.
    pub fn row(&self, key: Key) -> Result<Option<Row>, Failure> {
        let found = self.memory.read().row(key);
        match found {
            Found::Here(row) => Ok(Some(row)),
            Found::Nowhere => Ok(None),
            Found::Elsewhere(missing) => self.views.fetch_one(&missing, &self.journal),
        }
    }

    fn balances_after(&self, entries: &[Arc<Entry>]) -> Result<NewBalances, Failure> {
        let balances = self.memory.read().balances_after(entries);
        balances.map_err(|source| Failure::Io {
            place: directory::text("balances".as_ref()),
            source: Box::new(source),
        })
    }

    fn require(&self, precondition: &Precondition) -> Result<(), CommitError> {
        if self.version(precondition.key)? == precondition.expected {
            Ok(())
        } else {
            Err(CommitError::Conflict)
        }
    }

    fn version(&self, key: Key) -> Result<Option<Sequence>, Failure> {
        let found = self.memory.read().version(key);
        match found {
            Found::Here(version) => Ok(Some(version)),
            Found::Nowhere => Ok(None),
            Found::Elsewhere(missing) => {
                let row = self.views.fetch_one(&missing, &self.journal)?;
                Ok(row.map(|row| row.version()))
            }
        }
    }

    /// A PIN opens one voucher, so no voucher is added under the index of another one's.
    fn require_fresh_pins(&self, writes: &[Row]) -> Result<(), CommitError> {
        for row in writes {
            let Row::Voucher(voucher) = row else {
                continue;
            };
            if self.pin_is_taken(voucher)? {
                return Err(CommitError::Conflict);
            }
        }
        Ok(())
    }

    fn pin_is_taken(&self, voucher: &Voucher) -> Result<bool, Failure> {
        let found = {
            let memory = self.memory.read();
            if memory.vouchers.voucher(voucher.serial).is_some() {
                return Ok(false);
            }
            memory.row(Key::Pin(voucher.pin))
        };
        let other = match found {
            Found::Here(row) => Some(row),
            Found::Nowhere => None,
            Found::Elsewhere(missing) => self.views.fetch_one(&missing, &self.journal)?,
        };
        Ok(other.is_some_and(|other| other.key() != Key::Voucher(voucher.serial)))
    }
}

/// The entries follow one another, and the first one follows the journal's last.
fn require_next(last: Sequence, entries: &[Arc<Entry>]) -> Result<(), CommitError> {
    let mut expected = last.next();
    for entry in entries {
        if entry.sequence() != expected {
            return Err(CommitError::Conflict);
        }
        expected = expected.next();
    }
    Ok(())
}
