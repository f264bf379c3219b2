//! Where everybody asks about what is owed: the newest statement with its receipt, proofs, and a statement on demand.

use std::sync::Arc;

use accounting::claim::Holder;
use accounting::entry::Actor;
use ids::command::Sequence;
use money::currency::Currency;
use tlog::proof_file::ProofFile;
use tokio::sync::Semaphore;

use crate::error::CommandError;
use crate::liabilities::LiabilitiesError;
use crate::liabilities::listing::{Listing, Listings};
use crate::liabilities::proving::{Answer, Prover};
use crate::liabilities::publishing::{Published, Publisher};
use crate::liabilities::shown::Shown;
use crate::log::failure::LogError;
use crate::log::receipts::{Reader, Receipts};

/// The face of statements for every edge of one node.
pub struct Desk {
    publisher: Publisher,
    prover: Prover,
    receipts: Receipts,
    listings: Listings,
    policy: Arc<str>,
    /// One statement is made at a time.
    publishing: Arc<Semaphore>,
}

/// A statement and the proof that the log has it; none while no checkpoint that is shown reaches it.
#[derive(Clone, Debug)]
pub struct Evidence {
    pub shown: Shown,
    pub receipt: Option<ProofFile>,
}

/// What a holder is told.
#[derive(Clone, Debug)]
pub enum Told {
    NoStatement,
    NothingOwed(Evidence),
    Counted {
        evidence: Evidence,
        proof: Arc<[u8]>,
    },
    /// In some seconds it may go.
    Busy,
    /// What proofs are made of is lost, and could not be made again; in a minute it is tried once more.
    Lost,
}

impl Desk {
    /// `policy` names the log and its witnesses, for whoever has no policy from elsewhere.
    pub fn new(publisher: Publisher, receipts: Receipts, policy: Arc<str>) -> Desk {
        let prover = Prover::new(publisher.ports().clone());
        Desk {
            listings: Listings::new(publisher.ports().clone()),
            publisher,
            prover,
            receipts,
            policy,
            publishing: Arc::new(Semaphore::new(1)),
        }
    }

    pub fn policy(&self) -> &str {
        &self.policy
    }

    pub fn receipts(&self) -> &Receipts {
        &self.receipts
    }

    /// The newest statement with those before it; none before the first. Many may ask.
    pub async fn newest(&self) -> Result<Option<Arc<Listing>>, Arc<LiabilitiesError>> {
        self.listings.newest(&self.receipts).await
    }

    /// The statement that this entry holds, with those before it.
    pub async fn published_in(
        &self,
        entry: Sequence,
    ) -> Result<Option<Arc<Listing>>, LiabilitiesError> {
        self.listings.of(entry, &self.receipts).await
    }

    /// Whether a holder is counted. The caller knows that whoever asks may know it.
    pub async fn prove(
        &self,
        holder: Holder,
        currency: Currency,
    ) -> Result<Told, LiabilitiesError> {
        Ok(match self.prover.prove(holder, currency).await? {
            Answer::NoStatement => Told::NoStatement,
            Answer::NothingOwed(shown) => Told::NothingOwed(self.evidence(shown).await?),
            Answer::Counted { shown, proof } => Told::Counted {
                evidence: self.evidence(shown).await?,
                proof,
            },
            Answer::Busy => Told::Busy,
            Answer::Lost => Told::Lost,
        })
    }

    /// States what is owed now. It computes on a thread of its own; who asks meanwhile is told to come again.
    pub async fn publish(&self, actor: Actor) -> Result<Published, LiabilitiesError> {
        let turn = Arc::clone(&self.publishing).try_acquire_owned();
        let turn = turn.map_err(|_| CommandError::Overloaded)?;
        let publisher = self.publisher.clone();
        let here = tokio::runtime::Handle::current();
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            here.block_on(publisher.publish(actor))
        });
        let published = work.await.map_err(|_| LiabilitiesError::Panicked)?;
        self.listings.look_again().await;
        published
    }

    async fn evidence(&self, shown: Shown) -> Result<Evidence, LiabilitiesError> {
        Evidence::of(shown, &self.receipts).await
    }
}

impl Evidence {
    pub(super) async fn of(
        shown: Shown,
        receipts: &Receipts,
    ) -> Result<Evidence, LiabilitiesError> {
        let receipt = receipts.of(&shown.entry, Reader::Everybody).await;
        let receipt = receipt.map_err(LogError::refusing_receipt)?;
        Ok(Evidence { shown, receipt })
    }
}
