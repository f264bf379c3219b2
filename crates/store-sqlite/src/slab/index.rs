//! An index from a hash to a slot: five bytes a place, in shards that grow one at a time.

use hashbrown::HashTable;

const SHARDS: usize = 256;

#[derive(Debug)]
pub(crate) struct Index {
    shards: Box<[HashTable<u32>]>,
}

impl Default for Index {
    fn default() -> Index {
        Index {
            shards: (0..SHARDS).map(|_| HashTable::new()).collect(),
        }
    }
}

impl Index {
    pub fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.shards[shard(hash)]
            .find(hash, |slot| is_it(*slot))
            .copied()
    }

    pub fn insert(&mut self, hash: u64, slot: u32, hash_of: impl Fn(u32) -> u64) {
        self.shards[shard(hash)].insert_unique(hash, slot, |slot| hash_of(*slot));
    }

    pub fn remove(&mut self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let found = self.shards[shard(hash)].find_entry(hash, |slot| is_it(*slot));
        found.ok().map(|entry| entry.remove().0)
    }

    pub fn bytes(&self) -> usize {
        let tables: usize = self.shards.iter().map(HashTable::allocation_size).sum();
        tables + SHARDS * size_of::<HashTable<u32>>()
    }
}

/// Bits that a table of hashbrown uses neither for its places (the lowest) nor for its tags (the highest).
fn shard(hash: u64) -> usize {
    (hash >> 44) as usize % SHARDS
}
