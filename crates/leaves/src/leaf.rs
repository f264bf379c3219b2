//! Leaves of entries.

use accounting::entry::Entry;
use ids::command::Sequence;
use tlog::leaf::{Leaf, LeafKind};

use crate::groups::Groups;
use crate::secret::Secret;

/// The leaf of an entry. It tells nothing of what kind the entry is.
pub fn leaf(entry: &Entry, secret: &Secret) -> Leaf {
    let groups = Groups::of(entry);
    let commitments = secret.commitments(&groups);
    Leaf::new(LeafKind::ENTRY, index_of(entry.sequence()), commitments)
        .expect("there are five groups")
}

/// The first entry is leaf 0.
///
/// # Panics
///
/// If there is no such entry: numbers begin at 1.
pub fn index_of(sequence: Sequence) -> u64 {
    sequence
        .0
        .checked_sub(1)
        .expect("entries are numbered from 1")
}

/// The entry of a leaf.
pub fn entry_at(index: u64) -> Sequence {
    Sequence(index).next()
}
