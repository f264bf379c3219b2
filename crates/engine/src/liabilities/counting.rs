//! Who is owed what after an entry: counted from the last statement on, or from the first entry.

use std::sync::Arc;

use accounting::entry::Entry;
use ids::command::Sequence;
use liabilities::owed::Owed;

use crate::liabilities::{LiabilitiesError, Ports};

/// Entries that are read at once.
const PAGE: usize = 1024;

impl Ports {
    /// What is owed after the entry `upto`. It takes as long as the entries since the last statement do, and the memory of
    /// some fifty bytes for each holder.
    pub(super) async fn owed_at(&self, upto: Sequence) -> Result<Owed, LiabilitiesError> {
        let newest = self.newest().await?;
        let newest = newest.filter(|shown| shown.statement.counted <= upto);
        let kept = match newest {
            Some(shown) => self.kept(&shown.statement).await?,
            None => None,
        };
        self.count(kept.unwrap_or(Owed::NOTHING), upto).await
    }

    /// The entries that come next, up to `upto`; at least one.
    pub(super) async fn page(
        &self,
        after: Sequence,
        upto: Sequence,
    ) -> Result<Vec<Arc<Entry>>, LiabilitiesError> {
        let missing = usize::try_from(upto.0 - after.0).unwrap_or(PAGE);
        let entries = self.store.entries_after(after, missing.min(PAGE)).await?;
        if entries.is_empty() {
            return Err(LiabilitiesError::JournalEnds(upto));
        }
        Ok(entries)
    }

    /// Counts on, up to and including an entry.
    pub(super) async fn count(
        &self,
        mut owed: Owed,
        upto: Sequence,
    ) -> Result<Owed, LiabilitiesError> {
        while owed.counted < upto {
            for entry in &self.page(owed.counted, upto).await? {
                owed.count(entry)?;
            }
            tokio::task::yield_now().await;
        }
        owed.require_sound()?;
        Ok(owed)
    }
}
