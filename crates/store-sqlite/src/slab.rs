//! Live vouchers: chunks of slots that never move, and two indexes into them.
//!
//! Growing allocates one more chunk, or doubles one of many small index shards: no pause grows with the
//! number of vouchers, and no copy of everything is ever made.

mod index;
mod slot;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use ids::time::Timestamp;
use ids::voucher::{PinIndex, Serial};
use voucher::voucher::Voucher;

use crate::hash;
use crate::slab::index::Index;
use crate::slab::slot::Slot;

/// Vouchers in a chunk: what a snapshot writes again when one of them has changed.
pub(crate) const CHUNK_SLOTS: usize = 1024;

#[derive(Debug, Default)]
pub(crate) struct Slab {
    chunks: Vec<Chunk>,
    free: Vec<u32>,
    by_serial: Index,
    by_pin: Index,
    live: usize,
    /// The slot where the next search for due vouchers begins.
    due_from: AtomicUsize,
}

#[derive(Debug)]
struct Chunk {
    slots: Box<[Slot]>,
    /// Changed since its last snapshot.
    dirty: AtomicBool,
    /// No voucher of the chunk is due before this time.
    due_from: AtomicI64,
}

impl Slab {
    pub fn len(&self) -> usize {
        self.live
    }

    pub fn voucher(&self, serial: Serial) -> Option<Voucher> {
        let slot = self.by_serial.find(hash::serial(serial), |slot| {
            at(&self.chunks, slot).serial() == Some(serial)
        })?;
        at(&self.chunks, slot).voucher()
    }

    pub fn voucher_by_pin(&self, pin: PinIndex) -> Option<Voucher> {
        let slot = self.by_pin.find(hash::pin(pin), |slot| {
            at(&self.chunks, slot).pin() == Some(pin)
        })?;
        at(&self.chunks, slot).voucher()
    }

    /// Adds the voucher, or replaces the one with its serial.
    pub fn put(&mut self, voucher: Voucher) {
        let hash = hash::serial(voucher.serial);
        let serial = voucher.serial;
        let chunks = &self.chunks;
        let stored = self
            .by_serial
            .find(hash, |slot| at(chunks, slot).serial() == Some(serial));
        match stored {
            Some(slot) => {
                let chunk = &mut self.chunks[slot as usize / CHUNK_SLOTS];
                chunk.slots[slot as usize % CHUNK_SLOTS] = Slot::of(&voucher);
                chunk.touch(voucher.due_at());
            }
            None => self.insert(voucher),
        }
    }

    /// Forgets a voucher; its slot is given to another one.
    pub fn remove(&mut self, serial: Serial) {
        let chunks = &self.chunks;
        let Some(slot) = self.by_serial.remove(hash::serial(serial), |slot| {
            at(chunks, slot).serial() == Some(serial)
        }) else {
            return;
        };
        if let Some(pin) = at(chunks, slot).pin() {
            self.by_pin.remove(hash::pin(pin), |other| other == slot);
        }
        let chunk = &mut self.chunks[slot as usize / CHUNK_SLOTS];
        chunk.slots[slot as usize % CHUNK_SLOTS] = Slot::Empty;
        chunk.touch(Timestamp::NEVER);
        self.free.push(slot);
        self.live -= 1;
    }

    /// At most `count` vouchers that are due at `now`. Each search goes on where the last one ended, so that
    /// some vouchers that stay due do not hide the others.
    pub fn due(&self, now: Timestamp, count: usize) -> Vec<Serial> {
        let mut due = Vec::new();
        let first = self.due_from.load(Ordering::Relaxed);
        let (first_chunk, offset) = (first / CHUNK_SLOTS, first % CHUNK_SLOTS);
        let chunks = self.chunks.len();
        let others = (1..chunks).map(|step| ((first_chunk + step) % chunks, 0..CHUNK_SLOTS));
        let parts = std::iter::once((first_chunk, offset..CHUNK_SLOTS))
            .chain(others)
            .chain([(first_chunk, 0..offset)]);
        for (number, slots) in parts.filter(|(number, _)| *number < chunks) {
            if let Some(ended) = self.chunks[number].collect_due(now, count, slots, &mut due) {
                let next = number * CHUNK_SLOTS + ended;
                self.due_from.store(next, Ordering::Relaxed);
                return due;
            }
        }
        self.due_from.store(0, Ordering::Relaxed);
        due
    }

    /// The chunks that have changed since [`Slab::copy_chunk`] copied them last.
    pub fn dirty_chunks(&self) -> Vec<u32> {
        (0_u32..)
            .zip(&self.chunks)
            .filter(|(_, chunk)| chunk.dirty.load(Ordering::Relaxed))
            .map(|(number, _)| number)
            .collect()
    }

    /// The vouchers of a chunk, which counts as clean from now on.
    pub fn copy_chunk(&self, number: u32) -> Vec<Voucher> {
        let chunk = &self.chunks[number as usize];
        chunk.dirty.store(false, Ordering::Relaxed);
        chunk.slots.iter().filter_map(Slot::voucher).collect()
    }

    /// Says that a copy of the chunk was lost.
    pub fn mark_dirty(&self, number: u32) {
        self.chunks[number as usize]
            .dirty
            .store(true, Ordering::Relaxed);
    }

    /// Bytes allocated for vouchers and indexes.
    pub fn bytes(&self) -> usize {
        let chunk = size_of::<Chunk>() + CHUNK_SLOTS * size_of::<Slot>();
        self.chunks.len() * chunk
            + self.free.capacity() * size_of::<u32>()
            + self.by_serial.bytes()
            + self.by_pin.bytes()
    }

    /// Puts a stored chunk back in its place. Slots stay reserved until [`Slab::collect_free`].
    pub fn restore_chunk(&mut self, number: u32, vouchers: Vec<Voucher>) {
        while self.chunks.len() <= number as usize {
            self.chunks.push(Chunk::clean());
        }
        let first = number * CHUNK_SLOTS as u32;
        for (slot, voucher) in (first..).zip(vouchers.into_iter().take(CHUNK_SLOTS)) {
            // A voucher that moved between chunks may be in two of them: the later one counts.
            match self.voucher(voucher.serial).map(|other| other.version) {
                Some(version) if voucher.version <= version => self.mark_dirty(number),
                Some(_) => {
                    self.remove(voucher.serial);
                    self.place(slot, voucher);
                }
                None => self.place(slot, voucher),
            }
        }
    }

    /// Gives every empty slot away again, after all chunks are restored.
    pub fn collect_free(&mut self) {
        let slots = (0_u32..).zip(self.chunks.iter().flat_map(|chunk| &chunk.slots));
        self.free = slots
            .filter(|(_, slot)| matches!(slot, Slot::Empty))
            .map(|(slot, _)| slot)
            .collect();
        self.free.reverse();
    }

    fn insert(&mut self, voucher: Voucher) {
        if self.free.is_empty() {
            self.add_chunk();
        }
        let slot = self.free.pop().expect("a chunk has just been added");
        self.place(slot, voucher);
        self.chunks[slot as usize / CHUNK_SLOTS].touch(voucher.due_at());
    }

    /// Fills an empty slot and makes it known.
    fn place(&mut self, slot: u32, voucher: Voucher) {
        let chunk = &mut self.chunks[slot as usize / CHUNK_SLOTS];
        chunk.slots[slot as usize % CHUNK_SLOTS] = Slot::of(&voucher);
        chunk.note_due(voucher.due_at());
        let chunks = &self.chunks;
        self.by_serial
            .insert(hash::serial(voucher.serial), slot, |slot| {
                at(chunks, slot).serial().map_or(0, hash::serial)
            });
        self.by_pin.insert(hash::pin(voucher.pin), slot, |slot| {
            at(chunks, slot).pin().map_or(0, hash::pin)
        });
        self.live += 1;
    }

    fn add_chunk(&mut self) {
        let first = self.chunks.len() * CHUNK_SLOTS;
        let end = u32::try_from(first + CHUNK_SLOTS).expect("four billion vouchers fit no memory");
        self.free.extend((end - CHUNK_SLOTS as u32..end).rev());
        self.chunks.push(Chunk::clean());
    }
}

/// The slot of a number. The indexes name filled ones alone.
fn at(chunks: &[Chunk], slot: u32) -> &Slot {
    &chunks[slot as usize / CHUNK_SLOTS].slots[slot as usize % CHUNK_SLOTS]
}

impl Chunk {
    fn clean() -> Chunk {
        Chunk {
            slots: vec![Slot::Empty; CHUNK_SLOTS].into_boxed_slice(),
            dirty: AtomicBool::new(false),
            due_from: AtomicI64::new(Timestamp::NEVER.0),
        }
    }

    fn touch(&mut self, due_at: Timestamp) {
        *self.dirty.get_mut() = true;
        self.note_due(due_at);
    }

    fn note_due(&mut self, due_at: Timestamp) {
        let due_from = self.due_from.get_mut();
        *due_from = due_at.0.min(*due_from);
    }

    /// Adds the due vouchers of some slots. Answers the slot at which it stopped because there were `count`;
    /// otherwise, where it has seen the whole chunk, it notes when the next voucher is due.
    fn collect_due(
        &self,
        now: Timestamp,
        count: usize,
        slots: Range<usize>,
        due: &mut Vec<Serial>,
    ) -> Option<usize> {
        if now.0 < self.due_from.load(Ordering::Relaxed) {
            return None;
        }
        let mut due_from = Timestamp::NEVER;
        for slot in slots.clone() {
            let voucher = self.slots[slot].voucher();
            let due_at = voucher.as_ref().map_or(Timestamp::NEVER, Voucher::due_at);
            due_from = due_from.min(due_at);
            if due_at <= now {
                if count <= due.len() {
                    return Some(slot);
                }
                due.extend(voucher.map(|voucher| voucher.serial));
            }
        }
        if slots.len() == CHUNK_SLOTS {
            // Whoever changes a voucher excludes readers, so this cannot overwrite an earlier time.
            self.due_from.store(due_from.0, Ordering::Relaxed);
        }
        None
    }
}

#[cfg(test)]
mod tests;
