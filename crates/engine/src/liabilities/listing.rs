//! Statements with those before them as everybody reads them, kept so that readers cost no storage.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use ids::command::Sequence;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::liabilities::desk::Evidence;
use crate::liabilities::shown::Shown;
use crate::liabilities::{LiabilitiesError, Ports};
use crate::log::receipts::Receipts;

/// Statements that are listed beside one.
pub const LISTED_MAX: usize = 30;
/// How long it is taken for granted that no other node has stated anything.
pub const LOOK_PAUSE: Duration = Duration::from_millis(200);
/// Listings that are kept, of some kilobytes each.
const KEPT_MAX: usize = 32;

/// A statement with its evidence and those before it.
#[derive(Debug)]
pub struct Listing {
    pub evidence: Evidence,
    /// At most [`LISTED_MAX`], newest first.
    pub older: Vec<Shown>,
}

/// What a look for the newest statement found; none before the first.
type Found = Result<Option<Arc<Listing>>, Arc<LiabilitiesError>>;

/// Shows listings. Whoever asks while somebody looks waits for what that finds.
pub(super) struct Listings {
    ports: Ports,
    newest: tokio::sync::Mutex<Option<(Instant, Found)>>,
    kept: Mutex<VecDeque<Arc<Listing>>>,
}

impl Listings {
    pub fn new(ports: Ports) -> Listings {
        Listings {
            ports,
            newest: tokio::sync::Mutex::default(),
            kept: Mutex::default(),
        }
    }

    /// The newest statement, which is at most [`LOOK_PAUSE`] younger if another node published it.
    pub async fn newest(&self, receipts: &Receipts) -> Found {
        let mut newest = self.newest.lock().await;
        if let Some((at, found)) = &*newest
            && at.elapsed() < LOOK_PAUSE
        {
            return found.clone();
        }
        let found = self.look(receipts).await.map_err(Arc::new);
        if let Err(error) = &found {
            tracing::warn!(%error, source = ?std::error::Error::source(error), "the newest statement cannot be shown");
        }
        *newest = Some((Instant::now(), found.clone()));
        found
    }

    /// Looks again for whoever asks next.
    pub async fn look_again(&self) {
        *self.newest.lock().await = None;
    }

    /// The statement in this entry; none if the entry holds none.
    pub async fn of(
        &self,
        entry: Sequence,
        receipts: &Receipts,
    ) -> Result<Option<Arc<Listing>>, LiabilitiesError> {
        if let Some(listing) = self.kept(entry) {
            return Ok(Some(listing));
        }
        let Some(shown) = self.ports.published_in(entry).await? else {
            return Ok(None);
        };
        let older = self.ports.before(&shown, LISTED_MAX).await?;
        let evidence = Evidence::of(shown, receipts).await?;
        let listing = Arc::new(Listing { evidence, older });
        // As long as there is no receipt, the next reader may get one.
        if listing.evidence.receipt.is_some() {
            self.keep(&listing);
        }
        Ok(Some(listing))
    }

    async fn look(&self, receipts: &Receipts) -> Result<Option<Arc<Listing>>, LiabilitiesError> {
        match self.ports.newest_entry().await? {
            Some(entry) => self.of(entry, receipts).await,
            None => Ok(None),
        }
    }

    fn kept(&self, entry: Sequence) -> Option<Arc<Listing>> {
        let kept = self.kept.lock();
        let is_of = |listing: &&Arc<Listing>| listing.evidence.shown.entry.sequence() == entry;
        kept.iter().find(is_of).cloned()
    }

    fn keep(&self, listing: &Arc<Listing>) {
        let mut kept = self.kept.lock();
        if KEPT_MAX <= kept.len() {
            kept.pop_front();
        }
        kept.push_back(Arc::clone(listing));
    }
}
