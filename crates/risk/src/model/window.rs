//! What the monitors share: a window over the newest attempts, and what they have to say.

use std::collections::VecDeque;

/// Parts of a window. The oldest part goes as a whole, so a window holds between 19 and 20 twentieths of its rows.
const SLOTS: u64 = 20;

/// What a monitor has to say, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Not enough seen to say anything.
    TooFew,
    Fine,
    /// Somebody should look.
    Watch,
    /// Somebody has to act: train again, or roll back.
    Alarm,
}

/// Counters over the newest rows, in slots that each take the same number of rows.
#[derive(Clone, Debug)]
pub struct Ring<T> {
    slots: VecDeque<T>,
    empty: T,
    rows_per_slot: u64,
    rows_in_newest: u64,
}

impl<T: Clone> Ring<T> {
    /// A window over about this many rows, whose counters begin as `empty`.
    pub fn new(rows: u64, empty: T) -> Ring<T> {
        Ring {
            slots: VecDeque::with_capacity(SLOTS as usize),
            empty,
            rows_per_slot: rows.div_ceil(SLOTS).max(1),
            rows_in_newest: 0,
        }
    }

    /// The counters for the next row.
    pub fn next_row(&mut self) -> &mut T {
        if self.slots.is_empty() || self.rows_per_slot <= self.rows_in_newest {
            if SLOTS <= self.slots.len() as u64 {
                self.slots.pop_front();
            }
            self.slots.push_back(self.empty.clone());
            self.rows_in_newest = 0;
        }
        self.rows_in_newest += 1;
        self.slots.back_mut().expect("one was just pushed")
    }

    /// How many rows the window holds.
    pub fn rows(&self) -> u64 {
        let full = (self.slots.len() as u64).saturating_sub(1);
        full * self.rows_per_slot + self.rows_in_newest
    }

    /// From the oldest to the newest.
    pub fn slots(&self) -> impl Iterator<Item = &T> {
        self.slots.iter()
    }

    pub fn empty(&self) -> T {
        self.empty.clone()
    }
}

#[cfg(test)]
mod tests;
