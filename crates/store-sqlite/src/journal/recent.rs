//! The newest entries, kept for readers that follow the journal closely: they need not be read and decoded again.

use std::collections::VecDeque;
use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use parking_lot::Mutex;

#[cfg(test)]
mod tests;

/// Bytes of the encoded entries that are kept at most; in memory they take a small multiple.
const BYTES_MAX: usize = 4 << 20;

/// Entries without a gap, oldest first. None of them is shown before its commit is durable.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<(Arc<Entry>, usize)>,
    bytes: usize,
}

impl Recent {
    /// Adds entries that follow those before, each with its encoded length; the oldest make room.
    pub fn push(&self, entries: &[Arc<Entry>], lengths: &[usize]) {
        let mut state = self.0.lock();
        for (entry, length) in entries.iter().zip(lengths) {
            state.entries.push_back((Arc::clone(entry), *length));
            state.bytes += length;
        }
        while BYTES_MAX < state.bytes
            && let Some((_, length)) = state.entries.pop_front()
        {
            state.bytes -= length;
        }
    }

    /// Puts an entry in the place of the one with its number, if that is kept; its bytes count as before.
    pub fn replace(&self, entry: &Arc<Entry>) {
        let mut state = self.0.lock();
        let first = state.entries.front().map(|(first, _)| first.sequence());
        let place = first.and_then(|first| entry.sequence().0.checked_sub(first.0));
        let place = place.and_then(|place| usize::try_from(place).ok());
        if let Some((kept, _)) = place.and_then(|place| state.entries.get_mut(place)) {
            *kept = Arc::clone(entry);
        }
    }

    /// At most `count` entries after `after` and up to `head`; none if the first of them is not here any more.
    pub fn after(&self, after: Sequence, head: Sequence, count: usize) -> Option<Vec<Arc<Entry>>> {
        let state = self.0.lock();
        let (first, _) = state.entries.front()?;
        let begin = (after.0 + 1).checked_sub(first.sequence().0)?;
        let entries = state.entries.iter().skip(usize::try_from(begin).ok()?);
        let shown = entries
            .map(|(entry, _)| entry)
            .take_while(|entry| entry.sequence() <= head);
        Some(shown.take(count).cloned().collect())
    }
}
