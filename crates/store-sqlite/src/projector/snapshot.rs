//! Storing live vouchers and the indexes by key, slice by slice beside the other work of the projector.

use std::sync::Arc;

use ids::command::Sequence;
use ids::voucher::Serial;
use parking_lot::RwLock;
use rusqlite::Connection;
use voucher::voucher::Voucher;

use crate::filter::Kind;
use crate::hash::Seed;
use crate::memory::Memory;
use crate::number::stored;
use crate::pending::Pending;
use crate::views::Index;
use crate::views::write::{put_chunk, put_closed_voucher, put_places, set_meta};

const CLOSED_IN_SLICE: usize = 4_096;
const PLACES_IN_SLICE: usize = 40_000;
const CHUNKS_IN_SLICE: usize = 64;
/// What is changed in memory under one lock, so that commits wait little.
const CHANGES_AT_ONCE: usize = 1_024;

/// How far a snapshot goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The gathered keys and closed vouchers alone, so that they leave memory. A start replays as much as before.
    Keys,
    /// Live vouchers as well: a start replays what came after it.
    Everything,
}

/// A snapshot under way: closed vouchers first, so that they need no place in a chunk; then the indexes;
/// then the chunks that have changed.
pub(crate) struct Snapshot {
    reach: Reach,
    target: Sequence,
    closed: Vec<Serial>,
    places: Vec<(Index, Vec<(i64, i64)>)>,
    chunks: Option<Vec<u32>>,
    /// How much of the current list is stored.
    stored: usize,
}

/// A part of a snapshot, copied from memory, for one transaction.
pub(crate) enum Slice {
    Closed(Vec<Voucher>),
    Places {
        index: Index,
        pairs: Vec<(i64, i64)>,
    },
    Chunks(Vec<(u32, Vec<Voucher>)>),
    /// The gathered keys are stored.
    EndOfKeys,
    /// Everything up to `target` is stored.
    End {
        target: Sequence,
    },
}

impl Snapshot {
    /// Takes the gathered keys; what comes from now on is gathered for the next snapshot.
    pub fn begin(reach: Reach, memory: &RwLock<Memory>) -> Snapshot {
        let (target, seed, pending) = {
            let mut memory = memory.write();
            let pending = Arc::new(std::mem::take(&mut memory.pending));
            memory.flushing = Some(Arc::clone(&pending));
            (memory.head, memory.seed, pending)
        };
        let mut closed = pending.closed.clone();
        closed.sort_unstable();
        closed.dedup();
        Snapshot {
            reach,
            target,
            closed,
            places: places(&pending, seed),
            chunks: None,
            stored: 0,
        }
    }

    pub fn next_slice(&mut self, memory: &RwLock<Memory>) -> Slice {
        if self.stored < self.closed.len() {
            return Slice::Closed(self.closed_slice(memory));
        }
        if let Some((index, pairs)) = self.places.last() {
            let end = pairs.len().min(self.stored + PLACES_IN_SLICE);
            return Slice::Places {
                index: *index,
                pairs: pairs[self.stored..end].to_vec(),
            };
        }
        if self.reach == Reach::Keys {
            return Slice::EndOfKeys;
        }
        let chunks = self
            .chunks
            .get_or_insert_with(|| memory.read().vouchers.dirty_chunks());
        let end = chunks.len().min(self.stored + CHUNKS_IN_SLICE);
        if self.stored == end {
            return Slice::End {
                target: self.target,
            };
        }
        let copies = chunks[self.stored..end]
            .iter()
            .map(|chunk| (*chunk, memory.read().vouchers.copy_chunk(*chunk)))
            .collect();
        Slice::Chunks(copies)
    }

    /// Goes on behind a slice that is stored.
    pub fn advance(&mut self, slice: &Slice) {
        match slice {
            Slice::Closed(_) => {
                let rest = self.closed.len().saturating_sub(CLOSED_IN_SLICE);
                self.closed.truncate(rest);
                self.stored = 0;
            }
            Slice::Places { pairs, .. } => {
                self.stored += pairs.len();
                if self
                    .places
                    .last()
                    .is_some_and(|list| list.1.len() <= self.stored)
                {
                    self.places.pop();
                    self.stored = 0;
                }
            }
            Slice::Chunks(copies) => self.stored += copies.len(),
            Slice::EndOfKeys | Slice::End { .. } => {}
        }
    }

    /// The next vouchers, from the end of the list, that are still closed.
    fn closed_slice(&self, memory: &RwLock<Memory>) -> Vec<Voucher> {
        let first = self.closed.len().saturating_sub(CLOSED_IN_SLICE);
        let memory = memory.read();
        self.closed[first..]
            .iter()
            .filter_map(|serial| memory.vouchers.voucher(*serial))
            .filter(Voucher::is_closed)
            .collect()
    }
}

impl Slice {
    /// The newest version among the vouchers of the slice. The tables must never hold one ahead of their cursor.
    pub fn newest(&self) -> Sequence {
        let newest = |vouchers: &[Voucher]| vouchers.iter().map(|voucher| voucher.version).max();
        let newest = match self {
            Slice::Closed(vouchers) => newest(vouchers),
            Slice::Chunks(copies) => copies
                .iter()
                .filter_map(|(_, vouchers)| newest(vouchers))
                .max(),
            Slice::Places { .. } | Slice::EndOfKeys => None,
            Slice::End { target } => Some(*target),
        };
        newest.unwrap_or(Sequence(0))
    }

    pub fn write(&self, tx: &Connection, seed: Seed) -> rusqlite::Result<()> {
        match self {
            Slice::Closed(vouchers) => {
                for voucher in vouchers {
                    put_closed_voucher(tx, voucher)?;
                }
                let mut pins: Vec<(i64, i64)> = vouchers
                    .iter()
                    .map(|voucher| pair(seed.pin(voucher.pin), voucher.serial.number()))
                    .collect();
                pins.sort_unstable();
                put_places(tx, Index::Pins, &pins)
            }
            Slice::Places { index, pairs } => put_places(tx, *index, pairs),
            Slice::Chunks(copies) => copies
                .iter()
                .try_for_each(|(chunk, vouchers)| put_chunk(tx, *chunk, vouchers)),
            Slice::EndOfKeys => Ok(()),
            Slice::End { target } => set_meta(tx, "snapshot", stored(target.0)),
        }
    }

    /// Tells memory what is in the tables now.
    pub fn settle(&self, memory: &RwLock<Memory>) {
        match self {
            Slice::Closed(vouchers) => {
                for vouchers in vouchers.chunks(CHANGES_AT_ONCE) {
                    let mut memory = memory.write();
                    vouchers
                        .iter()
                        .for_each(|voucher| memory.evict_voucher(voucher));
                }
            }
            Slice::Places { index, pairs } => {
                let Some(kind) = filtered(*index) else {
                    return;
                };
                for pairs in pairs.chunks(CHANGES_AT_ONCE) {
                    let mut memory = memory.write();
                    pairs
                        .iter()
                        .for_each(|pair| memory.filter.insert(kind, pair.0.cast_unsigned()));
                }
            }
            Slice::Chunks(_) | Slice::EndOfKeys | Slice::End { .. } => {}
        }
    }

    /// Undoes the copying of a slice that was not stored.
    pub fn give_back(&self, memory: &RwLock<Memory>) {
        match self {
            Slice::Chunks(copies) => {
                let memory = memory.read();
                copies
                    .iter()
                    .for_each(|(chunk, _)| memory.vouchers.mark_dirty(*chunk));
            }
            Slice::Closed(_) | Slice::Places { .. } | Slice::EndOfKeys | Slice::End { .. } => {}
        }
    }
}

/// The indexes that a load asks the filter about first.
fn filtered(index: Index) -> Option<Kind> {
    match index {
        Index::Commands => Some(Kind::Command),
        Index::Payments => Some(Kind::Payment),
        Index::Orders => Some(Kind::Order),
        Index::Pins | Index::VoucherEntries | Index::Customers => None,
    }
}

/// The gathered keys as sorted pairs, without empty lists.
fn places(pending: &Pending, seed: Seed) -> Vec<(Index, Vec<(i64, i64)>)> {
    let commands = pending.commands.iter();
    let commands = commands.map(|(key, value)| pair(seed.command(*key), value.1.0));
    let payments = pending.payments.iter().map(|(key, place)| pair(key, place));
    let orders = pending.orders.iter().map(|(key, place)| pair(key, place));
    let touches = pending.vouchers.iter();
    let touches = touches.map(|(serial, entry)| pair(serial.number(), entry.0));
    let customers = pending.customers.iter();
    let customers = customers.map(|(customer, entry)| pair(*customer, entry.0));
    let mut places = vec![
        (Index::Commands, commands.collect::<Vec<_>>()),
        (Index::Payments, payments.collect()),
        (Index::Orders, orders.collect()),
        (Index::VoucherEntries, touches.collect()),
        (Index::Customers, customers.collect()),
    ];
    places.retain(|(_, pairs)| !pairs.is_empty());
    places.iter_mut().for_each(|(_, pairs)| {
        pairs.sort_unstable();
        pairs.dedup();
    });
    places
}

fn pair(key: u64, place: u64) -> (i64, i64) {
    (key.cast_signed(), stored(place))
}
