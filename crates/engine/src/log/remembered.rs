//! Leaves that were made for promises, until the sequencer of the same process takes them.

use std::collections::VecDeque;

use tlog::bundle::LogEntry;

/// Leaves that are kept at most, some 200 bytes each; the oldest make room.
const LEAVES_MAX: usize = 32_768;

/// Runs of leaves, each with the index of its first. They follow from journal and seeds, so nothing is lost with them.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    runs: VecDeque<(u64, Vec<LogEntry>)>,
    count: usize,
}

impl Remembered {
    pub fn add(&mut self, first: u64, leaves: Vec<LogEntry>) {
        self.count += leaves.len();
        // Answers overtake one another, so a run may come behind a later one.
        let place = self.runs.partition_point(|(begin, _)| *begin < first);
        self.runs.insert(place, (first, leaves));
        while LEAVES_MAX < self.count
            && let Some((_, leaves)) = self.runs.pop_front()
        {
            self.count -= leaves.len();
        }
    }

    /// Takes the leaves from `index` on as far as they follow one another, at most `count`; what stands before is forgotten.
    pub fn take(&mut self, index: u64, count: usize) -> Vec<LogEntry> {
        let mut taken = Vec::new();
        while taken.len() < count
            && let Some((first, leaves)) = self.runs.front_mut()
        {
            let next = index + taken.len() as u64;
            if next < *first {
                break;
            }
            let passed = usize::try_from(next - *first).unwrap_or(usize::MAX);
            let passed = passed.min(leaves.len());
            leaves.drain(..passed);
            let wanted = leaves.len().min(count - taken.len());
            taken.extend(leaves.drain(..wanted));
            self.count -= passed + wanted;
            *first += (passed + wanted) as u64;
            if leaves.is_empty() {
                self.runs.pop_front();
            }
        }
        taken
    }

    /// The index of the next leaf that is remembered.
    pub fn next(&self) -> Option<u64> {
        self.runs.front().map(|(first, _)| *first)
    }
}

#[cfg(test)]
mod tests;
