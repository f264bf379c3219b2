//! The decisions of a journal, taken again from what their entries keep.

use engine::risk::replaying::{Mismatch, Replayed, Replayer};
use ids::command::Sequence;
use risk::decision::values::Schema;
use store::port::Store;

/// Entries that are read at a time.
const ENTRIES_AT_ONCE: usize = 1_000;

/// What came of it.
#[derive(Debug, Default)]
pub struct Decisions {
    pub same: u64,
    /// The entries whose decision is another now, or cannot be taken again.
    pub different: Vec<(Sequence, Mismatch)>,
}

/// Takes every decision of the journal again.
pub async fn take_again(store: &dyn Store, schema: Schema) -> anyhow::Result<Decisions> {
    let mut replayer = Replayer::new(schema);
    let mut decisions = Decisions::default();
    let mut read = Sequence(0);
    loop {
        let entries = store.entries_after(read, ENTRIES_AT_ONCE).await?;
        let Some(last) = entries.last() else {
            return Ok(decisions);
        };
        read = last.sequence();
        for entry in &entries {
            match replayer.replay(store, entry).await? {
                Replayed::NotJudged => {}
                Replayed::Same => decisions.same += 1,
                Replayed::Different(why) => decisions.different.push((entry.sequence(), why)),
            }
        }
    }
}
