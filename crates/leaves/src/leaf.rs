//! Leaves of entries.

use accounting::entry::Entry;
use ids::command::Sequence;
use tlog::bundle::LogEntry;
use tlog::leaf::{Leaf, LeafKind, encode_all};

use crate::groups::Groups;
use crate::secret::Secret;

/// The leaf of an entry. It tells nothing of what kind the entry is.
pub fn leaf(entry: &Entry, secret: &Secret) -> Leaf {
    leaf_over(&Groups::of(entry), entry.sequence(), secret)
}

/// The leaves of entries, each with its secret, as a log stores them.
pub fn leaves<'a>(entries: impl IntoIterator<Item = (&'a Entry, &'a Secret)>) -> Vec<LogEntry> {
    let mut groups = Groups::of_nothing();
    let entries = entries.into_iter();
    let leaves = entries.map(|(entry, secret)| {
        groups.rewrite(entry);
        leaf_over(&groups, entry.sequence(), secret)
    });
    encode_all(leaves)
}

fn leaf_over(groups: &Groups, sequence: Sequence, secret: &Secret) -> Leaf {
    let commitments = secret.commitments(groups);
    Leaf::new(LeafKind::ENTRY, index_of(sequence), commitments).expect("there are five groups")
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
