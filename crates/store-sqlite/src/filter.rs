//! Answers "never seen" for keys that have left memory, at about twelve bits each.
//!
//! A split-block Bloom filter: each key sets one bit in each of the eight words of one 32-byte block, so a
//! question costs one cache line for each layer. Layers double; nothing is ever removed.

use crate::hash::mix;

const LAYER_KEYS_FIRST: usize = 1 << 18;
const BITS_PER_KEY: usize = 12;
const WORDS: usize = 8;
const SALTS: [u32; WORDS] = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];

/// Which kind of key a hash stands for: the same number may be two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Command = 1,
    Payment,
    Order,
    ClosedVoucher,
    ClosedPin,
}

/// Keys that may be in the tables.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    blocks: Vec<[u32; WORDS]>,
    keys: usize,
    keys_max: usize,
}

impl Filter {
    pub fn insert(&mut self, kind: Kind, hash: u64) {
        let full = self
            .layers
            .last()
            .is_none_or(|layer| layer.keys == layer.keys_max);
        if full {
            let keys_max = LAYER_KEYS_FIRST << self.layers.len();
            self.layers.push(Layer::new(keys_max));
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.insert(mix(kind as u64, hash));
        }
    }

    /// `false`: was never inserted. `true`: probably was.
    pub fn may_contain(&self, kind: Kind, hash: u64) -> bool {
        let hash = mix(kind as u64, hash);
        self.layers.iter().rev().any(|layer| layer.contains(hash))
    }

    pub fn bytes(&self) -> usize {
        self.layers
            .iter()
            .map(|layer| layer.blocks.len() * size_of::<[u32; WORDS]>())
            .sum()
    }
}

impl Layer {
    fn new(keys_max: usize) -> Layer {
        let blocks = keys_max * BITS_PER_KEY / (WORDS * 32);
        Layer {
            blocks: vec![[0; WORDS]; blocks],
            keys: 0,
            keys_max,
        }
    }

    fn insert(&mut self, hash: u64) {
        let block = self.block(hash);
        for (word, bit) in self.blocks[block].iter_mut().zip(bits(hash)) {
            *word |= bit;
        }
        self.keys += 1;
    }

    fn contains(&self, hash: u64) -> bool {
        let block = &self.blocks[self.block(hash)];
        block
            .iter()
            .zip(bits(hash))
            .all(|(word, bit)| word & bit != 0)
    }

    fn block(&self, hash: u64) -> usize {
        let scaled = (hash >> 32) * self.blocks.len() as u64;
        (scaled >> 32) as usize
    }
}

fn bits(hash: u64) -> impl Iterator<Item = u32> {
    let low = hash as u32;
    SALTS
        .into_iter()
        .map(move |salt| 1 << (low.wrapping_mul(salt) >> 27))
}

#[cfg(test)]
mod tests;
