//! A bounded pool of sketches that count distinct partners.
//!
//! Most entities never meet more than three partners, and those are remembered in the profile. Whoever meets a fourth is lent
//! a sketch. When all are lent, the one that was used longest ago is taken back; its owner counts from three again.

use datasketches::hll::{HllSketch, HllType};

use super::record::SketchHandle;

/// 512 registers: exact up to 48 partners, then within about 5 %.
const REGISTERS_LOG2: u8 = 9;

/// What one sketch takes at most, in bytes, with its heap.
pub const SKETCH_BYTES_MAX: usize = 600;

#[derive(Debug)]
pub(super) struct Sketches {
    lent: Vec<Lent>,
    bound: usize,
    free: Vec<u32>,
    newest: u32,
    oldest: u32,
}

#[derive(Debug)]
struct Lent {
    sketch: HllSketch,
    /// The slot of the profile that has it.
    owner: u32,
    newer: u32,
    older: u32,
}

const NONE: u32 = u32::MAX;

impl Sketches {
    pub(super) fn new(bound: usize) -> Sketches {
        Sketches {
            lent: Vec::new(),
            bound: bound.max(1),
            free: Vec::new(),
            newest: NONE,
            oldest: NONE,
        }
    }

    pub(super) fn lent(&self) -> usize {
        self.lent.len() - self.free.len()
    }

    /// Lends an empty sketch; with it comes the owner that has lost its own for it.
    pub(super) fn lend(&mut self, owner: u32) -> (SketchHandle, Option<u32>) {
        self.lend_filled(owner, empty())
    }

    pub(super) fn lend_filled(
        &mut self,
        owner: u32,
        sketch: HllSketch,
    ) -> (SketchHandle, Option<u32>) {
        let mut robbed = None;
        if self.free.is_empty() && self.lent.len() == self.bound {
            let index = self.oldest;
            robbed = Some(self.lent[index as usize].owner);
            self.give_back(SketchHandle(index + 1));
        }
        let lent = Lent {
            sketch,
            owner,
            newer: NONE,
            older: NONE,
        };
        let index = match self.free.pop() {
            Some(index) => {
                self.lent[index as usize] = lent;
                index
            }
            None => {
                self.lent.push(lent);
                (self.lent.len() - 1) as u32
            }
        };
        self.link(index);
        (SketchHandle(index + 1), robbed)
    }

    pub(super) fn give_back(&mut self, handle: SketchHandle) {
        let Some(index) = index_of(handle) else {
            return;
        };
        self.unlink(index);
        self.lent[index as usize].sketch = empty();
        self.free.push(index);
    }

    /// Shows a partner to a sketch, and says by how much its count grew: about 1 if it is new, else 0.
    pub(super) fn meet(&mut self, handle: SketchHandle, partner: u64) -> f32 {
        let Some(index) = index_of(handle) else {
            return 0.0;
        };
        self.unlink(index);
        self.link(index);
        let sketch = &mut self.lent[index as usize].sketch;
        let before = sketch.estimate();
        sketch.update(partner);
        (sketch.estimate() - before).max(0.0) as f32
    }

    pub(super) fn count(&self, handle: SketchHandle) -> Option<f32> {
        let index = index_of(handle)?;
        Some(self.lent[index as usize].sketch.estimate() as f32)
    }

    /// Owners with their sketches' bytes, from the one used longest ago.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (u32, Vec<u8>)> + '_ {
        let mut next = self.oldest;
        std::iter::from_fn(move || {
            let lent = self.lent.get(next as usize)?;
            next = lent.newer;
            Some((lent.owner, lent.sketch.serialize()))
        })
    }

    fn link(&mut self, index: u32) {
        let previous = self.newest;
        self.lent[index as usize].older = previous;
        self.lent[index as usize].newer = NONE;
        match self.lent.get_mut(previous as usize) {
            Some(previous) => previous.newer = index,
            None => self.oldest = index,
        }
        self.newest = index;
    }

    fn unlink(&mut self, index: u32) {
        let (newer, older) = {
            let lent = &self.lent[index as usize];
            (lent.newer, lent.older)
        };
        match self.lent.get_mut(newer as usize) {
            Some(newer) => newer.older = older,
            None => self.newest = older,
        }
        match self.lent.get_mut(older as usize) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
    }
}

fn index_of(handle: SketchHandle) -> Option<u32> {
    handle.0.checked_sub(1)
}

fn empty() -> HllSketch {
    HllSketch::new(REGISTERS_LOG2, HllType::Hll4).expect("the number of registers is in range")
}
