//! What one commit brought into the journal, as the makers of leaves and promises need it.

use std::sync::Arc;

use accounting::entry::Entry;
use leaves::secret::Secret;
use tlog::promise::Promises;
use tokio::sync::OnceCell;

/// The entries of one commit, with their secrets. Whoever answers for one of them shares it with the others, so what is
/// computed of all is computed once.
pub struct Committed {
    entries: Vec<Arc<Entry>>,
    secrets: Vec<Secret>,
    /// What a log promised of them, once somebody has asked; none where it promises nothing.
    promises: OnceCell<Option<Promises>>,
}

impl Committed {
    /// # Panics
    ///
    /// If not each entry has its secret.
    pub fn new(entries: Vec<Arc<Entry>>, secrets: Vec<Secret>) -> Committed {
        assert_eq!(entries.len(), secrets.len(), "each entry has one secret");
        Committed {
            entries,
            secrets,
            promises: OnceCell::new(),
        }
    }

    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// In the order of the entries.
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// Made by the first who asks. The others wait without holding up a thread.
    pub(crate) async fn promises(
        &self,
        make: impl FnOnce() -> Option<Promises>,
    ) -> Option<&Promises> {
        self.promises.get_or_init(async || make()).await.as_ref()
    }
}

impl std::fmt::Debug for Committed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first = self.entries.first().map(|entry| entry.sequence());
        write!(formatter, "Committed({first:?}, {})", self.entries.len())
    }
}
