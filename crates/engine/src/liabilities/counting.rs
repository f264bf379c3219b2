//! Who is owed what after an entry: counted from the last statement on, or from the first entry.

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

    /// Counts on, up to and including an entry.
    pub(super) async fn count(
        &self,
        mut owed: Owed,
        upto: Sequence,
    ) -> Result<Owed, LiabilitiesError> {
        while owed.counted < upto {
            let missing = usize::try_from(upto.0 - owed.counted.0).unwrap_or(PAGE);
            let entries = self.store.entries_after(owed.counted, missing.min(PAGE));
            let entries = entries.await?;
            if entries.is_empty() {
                return Err(LiabilitiesError::JournalEnds(upto));
            }
            for entry in &entries {
                owed.count(entry)?;
            }
            tokio::task::yield_now().await;
        }
        owed.require_sound()?;
        Ok(owed)
    }
}
