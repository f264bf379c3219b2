//! How often each of a few things happened.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// Counts by what they are of, of which there are few: none is ever forgotten.
#[derive(Debug)]
pub struct Tally<K>(Mutex<BTreeMap<K, u64>>);

impl<K> Tally<K> {
    pub const fn new() -> Tally<K> {
        Tally(Mutex::new(BTreeMap::new()))
    }
}

impl<K> Default for Tally<K> {
    fn default() -> Tally<K> {
        Tally::new()
    }
}

impl<K: Ord + Clone> Tally<K> {
    pub fn add(&self, of: K) {
        self.add_all([of]);
    }

    pub fn add_all(&self, all: impl IntoIterator<Item = K>) {
        let mut counts = self.0.lock();
        for of in all {
            *counts.entry(of).or_default() += 1;
        }
    }

    pub fn of(&self, of: &K) -> u64 {
        self.0.lock().get(of).copied().unwrap_or_default()
    }

    /// What was counted at least once, in order.
    pub fn read(&self) -> Vec<(K, u64)> {
        let counts = self.0.lock();
        counts
            .iter()
            .map(|(of, count)| (of.clone(), *count))
            .collect()
    }
}
