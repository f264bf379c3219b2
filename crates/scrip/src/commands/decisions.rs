//! The decisions of a journal, taken again from what their entries keep.

use engine::risk::replaying::{Mismatch, Replayed, Replayer};
use ids::command::Sequence;
use risk::decision::values::Schema;
use risk::feature;
use store::port::Store;

/// Entries that are read at a time.
const ENTRIES_AT_ONCE: usize = 1_000;

/// What came of it.
#[derive(Debug, Default)]
pub struct Decisions {
    pub same: u64,
    /// Their record is damaged, or the decision is another now.
    pub different: Vec<(Sequence, Mismatch)>,
    /// The journal does not have their rules or models, or this version cannot ask them.
    pub not_taken: Vec<(Sequence, Mismatch)>,
}

impl Decisions {
    fn note(&mut self, sequence: Sequence, why: Mismatch) {
        let list = match why {
            Mismatch::Record(_) | Mismatch::Decision(_) => &mut self.different,
            Mismatch::NoRules | Mismatch::NoModel => &mut self.not_taken,
        };
        list.push((sequence, why));
    }
}

/// Takes every decision of the journal again.
pub async fn take_again(store: &dyn Store) -> anyhow::Result<Decisions> {
    let mut replayer = Replayer::new(Schema::new(feature::catalogue())?);
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
                Replayed::Different(why) => decisions.note(entry.sequence(), why),
            }
        }
    }
}
